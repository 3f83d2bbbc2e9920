import PhasegateControl
import PhasegateCore
import PhasegateTesting
import Testing

/// What becomes of a controller that another one has followed, and of the one that followed.
@Suite("When a controller is followed by another")
struct FollowedTests {
    /// A ledger whose lease somebody else has by now.
    private struct FollowedLedger: Ledger {
        let real: InMemoryLedger

        func append(
            _ events: [LedgerEvent],
            to rollout: RolloutName,
            by actor: String,
            at moment: Moment
        ) async throws -> RolloutState { try await real.append(events, to: rollout, by: actor, at: moment) }

        func state(of rollout: RolloutName) async throws -> RolloutState { try await real.state(of: rollout) }

        func entries(of rollout: RolloutName, after sequence: Int) async throws -> [LedgerEntry] {
            try await real.entries(of: rollout, after: sequence)
        }

        func entry(_ sequence: Int, of rollout: RolloutName) async throws -> LedgerEntry? {
            try await real.entry(sequence, of: rollout)
        }

        func confirmLease(on rollout: RolloutName) async throws { throw LedgerError(.fencedOff, "followed") }
    }

    /// Migrations that another controller carries out while ours tries to.
    private struct ContestedRunner: StepRunner {
        let world: FakeWorld

        func handles(_ step: Step) -> Bool { true }

        func state(of step: Step) async throws(StepError) -> StepState { try await world.state(of: step) }

        func run(_ step: Step, because reason: String) async throws(StepError) -> StepOutcome {
            let outcome = try await world.run(step, because: reason)
            if case .migrate = step { throw StepError("it is there already") }
            return outcome
        }
    }

    private func drive(_ bench: Bench, _ ledger: any Ledger, _ runner: any StepRunner) async throws {
        let clock = bench.clock
        let controller = RolloutController(
            charge: RolloutController.Charge(
                rollout: bench.rollout,
                opening: Opening(planDigest: "plan-1", title: "", file: "", timeScale: 1, version: ""),
                actor: "controller"
            ),
            ledger: ledger,
            prober: bench.prober,
            runners: [runner],
            now: { clock.now },
            digest: { $0 }
        )
        for _ in 0..<1000 {
            let pace = try await controller.tick()
            if case .wait(let moment) = pace { clock.set(moment) }
            if case .rest = pace { return }
        }
    }

    @Test("it does nothing to the world any more, whatever it has intended")
    func doesNothing() async throws {
        let bench = Bench(try Plans.twoPhases())
        let error = await #expect(throws: LedgerError.self) {
            try await drive(bench, FollowedLedger(real: bench.ledger), bench.world)
        }
        #expect(error?.code == .fencedOff)
        #expect(bench.world.begun == 0)
        #expect(try await bench.state.inFlight != nil)
    }

    @Test("what the other one did meanwhile is done, and not a failure")
    func isDone() async throws {
        let bench = Bench(try Plans.twoPhases())
        try await drive(bench, bench.ledger, ContestedRunner(world: bench.world))
        #expect(try await bench.state.status == .finished)
        #expect(bench.world.sight.violations.isEmpty)
        let outcomes = try await bench.entries.compactMap {
            if case .acted(_, let outcome) = $0.event { outcome.observed } else { nil }
        }
        #expect(outcomes.contains { $0.hasPrefix("was done by another controller meanwhile") })
    }
}

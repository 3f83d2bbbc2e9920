import PhasegateControl
import PhasegateCore
import PhasegateTesting
import Testing

@Suite("When a step goes wrong")
struct StepFailureTests {
    private func run(
        _ trouble: FakeWorld.Trouble,
        with step: String,
        _ reversibility: Reversibility = .reversible
    ) async throws -> (Bench, RolloutController.Pace) {
        let bench = Bench(try Plans.twoPhases(reversibility: reversibility))
        bench.world.trouble(trouble, with: step)
        return (bench, try await bench.run())
    }

    @Test("the first step of a phase failing stops it: nothing was changed")
    func first() async throws {
        let (bench, pace) = try await run(.fails("locked"), with: "migration-1")
        #expect(pace == .rest(.stopped))
        #expect(bench.world.sight.acts.isEmpty)
        #expect(try await bench.state.restReason == "'migration-1': locked")
    }

    @Test(
        "a later step failing follows the phase's reversibility",
        arguments: [
            (Reversibility.reversible, RolloutStatus.rolledBack), (.compensable, .compensated),
            (.irreversible, .frozen),
        ]
    )
    func later(reversibility: Reversibility, status: RolloutStatus) async throws {
        let (bench, pace) = try await run(.fails("locked"), with: "migration-3", reversibility)
        #expect(pace == .rest(status))
        #expect(
            bench.world.sight.applied == (status == .rolledBack ? [1] : status == .compensated ? [1, 2, 9] : [1, 2])
        )
        #expect(bench.world.sight.shares.isEmpty, "a flag that was not touched stays untouched")
    }

    @Test("a step that failed and left traces freezes, however reversible the phase is")
    func traces() async throws {
        for step in ["migration-1", "migration-3", "expose-25%"] {
            let (bench, pace) = try await run(.leavesTraces("half done"), with: step)
            #expect(pace == .rest(.frozen))
            #expect(bench.world.sight.acts.last == step, "nothing is done after it")
        }
    }

    @Test("taking back that fails freezes and says at which step")
    func backFails() async throws {
        for step in ["expose-0%", "health-of-main", "rollback-2"] {
            let bench = Bench(try Plans.twoPhases())
            try await bench.run(until: "gate-at-5%")
            bench.prober.answer("errors", Quantity(7, .percent))
            bench.world.trouble(.fails("refused"), with: step)
            #expect(try await bench.run() == .rest(.frozen))
            #expect(try await bench.state.restReason?.contains("taking it back failed at '\(step)': refused") == true)
            #expect(bench.world.sight.applied.contains(2), "a database that is not sound is not rolled back further")
        }
    }

    @Test("a world that cannot be read is not written to")
    func unreadable() async throws {
        let (bench, pace) = try await run(.unreadable("no such host"), with: "migration-1")
        #expect(pace == .rest(.stopped))
        #expect(bench.world.begun == 0)
    }

    @Test("a step nobody carries out stops the rollout")
    func nobody() async throws {
        let bench = Bench(try Plans.twoPhases())
        let clock = bench.clock
        let controller = RolloutController(
            charge: RolloutController.Charge(
                rollout: bench.rollout,
                opening: Opening(planDigest: "plan-1", title: "", file: "", timeScale: 1, version: ""),
                actor: "controller"
            ),
            ledger: bench.ledger,
            prober: bench.prober,
            runners: [],
            now: { clock.now },
            digest: { $0 }
        )
        for _ in 0..<100 {
            let pace = try await controller.tick()
            if case .wait(let moment) = pace { clock.set(moment) }
            if case .rest = pace { break }
        }
        #expect(try await bench.state.status == .stopped)
        #expect(try await bench.state.restReason?.contains("nothing here can apply migration 1") == true)
    }
}

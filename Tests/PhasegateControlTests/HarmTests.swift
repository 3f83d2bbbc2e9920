import PhasegateControl
import PhasegateCore
import PhasegateTesting
import Testing

@Suite("When users come to harm")
struct HarmTests {
    private func bench(_ reversibility: Reversibility, confirm: Int = 1) async throws -> Bench {
        let bench = Bench(try Plans.twoPhases(reversibility: reversibility, confirm: confirm))
        try await bench.run(until: "gate-at-25%")
        #expect(bench.world.sight.shares == [Plans.flag: BasisPoints(rawValue: 2500)])
        bench.prober.answer("errors", Quantity(7, .percent))
        return bench
    }

    @Test("a reversible phase is rolled back: nobody exposed before a migration is taken back")
    func rolledBack() async throws {
        let bench = try await bench(.reversible)
        let before = bench.clock.now
        #expect(try await bench.run() == .rest(.rolledBack))
        #expect(bench.world.sight.acts.suffix(4) == ["expose-0%", "health-of-main", "rollback-3", "rollback-2"])
        #expect(bench.world.sight.applied == [1], "the phase before keeps what it did")
        #expect(bench.world.sight.shares == [Plans.flag: .none])
        #expect(bench.clock.now - before <= .seconds(10), "harm does not wait for the soak")
        #expect(try await bench.state.restReason?.contains("'errors': 7 % breaks 'fail > 1 %'") == true)
    }

    @Test("a compensable phase gets its forward fix and keeps its migrations")
    func compensated() async throws {
        let bench = try await bench(.compensable)
        #expect(try await bench.run() == .rest(.compensated))
        #expect(bench.world.sight.acts.suffix(3) == ["expose-0%", "health-of-main", "migration-9"])
        #expect(bench.world.sight.applied == [1, 2, 3, 9])
    }

    @Test("an irreversible phase is frozen as it is")
    func frozen() async throws {
        let bench = try await bench(.irreversible)
        let acts = bench.world.begun
        #expect(try await bench.run() == .rest(.frozen))
        #expect(bench.world.begun == acts)
        #expect(bench.world.sight.shares == [Plans.flag: BasisPoints(rawValue: 2500)])
    }

    @Test("harm that has to be confirmed acts after so many rounds in a row")
    func confirmed() async throws {
        let bench = try await bench(.reversible, confirm: 3)
        let rounds = bench.prober.requests.count
        #expect(try await bench.run() == .rest(.rolledBack))
        #expect(bench.prober.requests.count - rounds == 3)
    }

    @Test("measuring that fails is no harm: it holds at the timeout and takes nothing back")
    func outage() async throws {
        for answer in [
            ScriptedProber.Answer.unavailable(.unreachable), .missing, .stale(Measurement(Quantity(0, .percent))),
        ] {
            let bench = try await bench(.reversible)
            bench.prober.answer("errors", answer)
            let acts = bench.world.begun
            guard case .held = try await bench.run() else {
                Issue.record("\(answer) is not held")
                continue
            }
            #expect(bench.world.begun == acts)
            #expect(try await bench.state.status == .held)
            // It comes right again and the rollout goes on by itself.
            bench.prober.answer("errors", Quantity(0, .percent))
            #expect(try await driveOn(bench) == .rest(.finished))
        }
    }

    /// Goes on through holds, as somebody who starts the command again and again.
    private func driveOn(_ bench: Bench) async throws -> RolloutController.Pace {
        for _ in 0..<20 {
            let pace = try await bench.run()
            if case .rest = pace { return pace }
            bench.clock.advance(by: .seconds(10))
        }
        throw Bench.TooLong()
    }

    @Test("a kill criterion takes the phase back and ends the rollout for good")
    func killed() async throws {
        let bench = try await bench(.reversible)
        bench.prober.answer("corruption", Quantity(1, .rows))
        #expect(try await bench.run() == .rest(.killed))
        #expect(bench.world.sight.shares == [Plans.flag: .none])
        #expect(bench.world.sight.applied == [1])
    }

    @Test("a kill of a compensable phase shows the change to nobody, runs the forward fix, and ends for good")
    func killedWithCompensation() async throws {
        let bench = try await bench(.compensable)
        bench.prober.answer("errors", Quantity(0, .percent))
        bench.prober.answer("corruption", Quantity(1, .rows))
        #expect(try await bench.run() == .rest(.killed))
        #expect(bench.world.sight.acts.suffix(3) == ["expose-0%", "health-of-main", "migration-9"])
        #expect(bench.world.sight.shares == [Plans.flag: .none])
    }

    @Test("a rolled-back phase that is resumed begins anew at its entry and can be finished")
    func again() async throws {
        let bench = try await bench(.reversible)
        try await bench.run()
        bench.prober.answer("errors", Quantity(0, .percent))
        try await bench.resume()
        #expect(try await bench.run() == .rest(.finished))
        #expect(bench.world.sight.applied == [1, 2, 3])
        #expect(bench.world.sight.violations.isEmpty)
        #expect(try await bench.state.phases["reads"]?.attempts == 2)
    }
}

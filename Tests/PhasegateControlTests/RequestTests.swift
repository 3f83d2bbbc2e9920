import PhasegateControl
import PhasegateCore
import PhasegateTesting
import Testing

@Suite("What people ask for")
struct RequestTests {
    private func isHeld(_ pace: RolloutController.Pace) -> Bool { if case .held = pace { true } else { false } }

    private func at(_ stage: StageName, approvals: Int = 0) async throws -> Bench {
        let bench = Bench(try Plans.twoPhases(approvals: approvals))
        try await bench.run(until: stage)
        return bench
    }

    @Test(
        "hold advances nothing, wherever it comes, until resume",
        arguments: ["gate-at-5%", "expose-25%", "migration-2"]
    )
    func hold(stage: StageName) async throws {
        let bench = try await at(stage)
        let before = bench.world.sight
        try await bench.ask(.hold)
        for _ in 0..<20 {
            #expect(isHeld(try await bench.run()))
            bench.clock.advance(by: .seconds(60))
        }
        #expect(bench.world.sight == before)
        #expect(try await bench.state.status == .held)
        #expect(try await bench.state.stage == stage)
        try await bench.resume()
        #expect(try await bench.run() == .rest(.finished))
        #expect(bench.world.sight.violations.isEmpty)
    }

    @Test("hold, resume and hold again holds again", arguments: ["gate-at-5%", "expose-25%"])
    func holdAgain(stage: StageName) async throws {
        let bench = try await at(stage)
        for _ in 0..<2 {
            try await bench.ask(.hold)
            #expect(isHeld(try await bench.run()))
            #expect(try await bench.state.status == .held)
            try await bench.resume()
        }
        #expect(try await bench.run() == .rest(.finished))
    }

    @Test("a hold taken back before anybody noticed changes nothing, and what was done is still taken back on harm")
    func fleetingHold() async throws {
        let bench = try await at("gate-at-25%")
        try await bench.ask(.hold)
        try await bench.resume()
        bench.prober.answer("errors", Quantity(7, .percent))
        #expect(try await bench.run() == .rest(.rolledBack))
        #expect(bench.world.sight.shares == [Plans.flag: .none])
    }

    @Test("guards go on while held: harm is taken back")
    func guardedHold() async throws {
        let bench = try await at("gate-at-25%")
        try await bench.ask(.hold)
        #expect(isHeld(try await bench.run()))
        bench.prober.answer("errors", Quantity(7, .percent))
        #expect(try await bench.run() == .rest(.rolledBack))
        #expect(bench.world.sight.shares == [Plans.flag: .none])
    }

    @Test(
        "rollback and kill take back what was done, wherever they come",
        arguments: ["gate-at-5%", "expose-25%", "migration-3", "exit"] as [StageName],
        [Request.Kind.rollback, .kill]
    )
    func back(stage: StageName, kind: Request.Kind) async throws {
        let bench = try await at(stage)
        try await bench.ask(kind)
        #expect(try await bench.run() == .rest(kind == .kill ? .killed : .rolledBack))
        #expect(bench.world.sight.applied == [1])
        #expect((bench.world.sight.shares[Plans.flag] ?? BasisPoints.none) == BasisPoints.none)
        #expect(bench.world.sight.violations.isEmpty)
    }

    @Test("rollback and kill before anything was changed stop", arguments: [Request.Kind.rollback, .kill])
    func stop(kind: Request.Kind) async throws {
        for stage in ["entry", "migration-2"] as [StageName] {
            let bench = try await at(stage)
            let before = bench.world.sight
            try await bench.ask(kind)
            #expect(try await bench.run() == .rest(kind == .kill ? .killed : .stopped))
            #expect(bench.world.sight == before)
        }
    }

    @Test("a rollout that waits for a baseline can be ended", arguments: [Request.Kind.rollback, .kill])
    func atBaselines(kind: Request.Kind) async throws {
        let bench = Bench(try Plans.twoPhases())
        bench.prober.answer("kept", .unavailable(.timedOut))
        try await bench.run()
        #expect(try await bench.state.stage == "baselines")
        try await bench.ask(kind)
        #expect(try await bench.run() == .rest(kind == .kill ? .killed : .stopped))
    }

    @Test("a request made while the probes measure counts in that round")
    func whileMeasuring() async throws {
        let bench = try await at("gate-at-25%")
        bench.clock.advance(by: .seconds(60))
        bench.prober.duringNextRequest { try? await bench.ask(.rollback) }
        #expect(try await bench.run() == .rest(.rolledBack))
        #expect(bench.world.sight.acts.last == "rollback-2")
    }

    @Test("a kill asked for while the phase is being taken back is not lost")
    func killWhileUndoing() async throws {
        let bench = try await at("gate-at-25%")
        bench.prober.answer("errors", Quantity(7, .percent))
        let controller = bench.controller()
        while try await bench.state.undoing == nil {
            if case .wait(let moment) = try await controller.tick() { bench.clock.set(moment) }
        }
        try await bench.ask(.kill)
        #expect(try await bench.run() == .rest(.killed))
        #expect(bench.world.sight.applied == [1])
    }

    @Test("a taking back that had to wait for a person is gone on with after resume, not forgotten")
    func resumeUndoing() async throws {
        let bench = try await at("gate-at-25%")
        bench.prober.answer("errors", Quantity(7, .percent))
        bench.world.setCrash(FakeWorld.Crash(act: bench.world.begun + 1, .after))
        _ = try? await bench.run()
        bench.power.restore()
        bench.world.trouble(.unclear("the store is locked"), with: "expose-0%")
        #expect(isHeld(try await bench.run()))
        bench.world.trouble(nil, with: "expose-0%")
        bench.prober.answer("errors", Quantity(0, .percent))
        try await bench.resume()
        #expect(try await bench.run() == .rest(.rolledBack))
        #expect(bench.world.sight.shares == [Plans.flag: .none])
        #expect(bench.world.sight.applied == [1])
    }

    @Test("an entry that asks for two people waits for both, and a changed plan voids what they said")
    func approvals() async throws {
        let bench = try await at("entry", approvals: 2)
        func approve(_ person: String, plan: String) async throws {
            let digest = try #require(try await bench.state.gate?.lastVerdict?.evidenceDigest)
            try await bench.say(
                .approved(
                    Approval(
                        phase: "reads",
                        gate: "entry",
                        by: person,
                        because: "reviewed",
                        planDigest: plan,
                        evidenceDigest: digest,
                        at: bench.clock.now
                    )
                )
            )
        }
        #expect(isHeld(try await bench.run()))
        try await approve("L. Brandt", plan: "plan-1")
        try await approve("L. Brandt", plan: "plan-1")
        bench.clock.advance(by: .seconds(100_000))
        #expect(isHeld(try await bench.run()))
        #expect(bench.world.sight.applied == [1])
        // The second one approves, but meanwhile the plan is another.
        try await approve("K. Odegaard", plan: "plan-1")
        #expect(isHeld(try await bench.run(plan: "plan-2")))
        #expect(bench.world.sight.applied == [1])
        try await approve("L. Brandt", plan: "plan-2")
        try await approve("K. Odegaard", plan: "plan-2")
        #expect(try await bench.run(plan: "plan-2") == .rest(.finished))
    }
}

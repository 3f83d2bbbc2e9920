import PhasegateControl
import PhasegateCore
import PhasegateTesting
import Testing

@Suite("Waiting for evidence")
struct WaitingTests {
    private func isHeld(_ pace: RolloutController.Pace) -> Bool { if case .held = pace { true } else { false } }

    @Test("a precondition that fails stops at the timeout, without any act")
    func failing() async throws {
        let bench = Bench(try Plans.twoPhases())
        bench.prober.answer("backup", Quantity(word: "refused"))
        #expect(try await bench.run() == .rest(.stopped))
        #expect(bench.world.begun == 0)
        #expect(bench.clock.now - ManualClock.start >= .seconds(600))
    }

    @Test("a precondition that cannot be measured is held at the timeout, without any act")
    func unknown() async throws {
        let bench = Bench(try Plans.twoPhases())
        bench.prober.answer("backup", .unavailable(.unreachable))
        #expect(isHeld(try await bench.run()))
        #expect(bench.world.begun == 0)
        #expect(bench.clock.now - ManualClock.start >= .seconds(600))
    }

    @Test("a delay is waited for before the first round")
    func delay() async throws {
        let clock = GateClock(delay: .seconds(300), interval: .seconds(10), steady: .zero, timeout: .seconds(600))
        let bench = Bench(try Plans.twoPhases(clock: clock))
        let controller = bench.controller()
        for _ in 0..<3 { _ = try await controller.tick() }
        #expect(bench.prober.requests.isEmpty)
        bench.clock.advance(by: .seconds(299))
        _ = try await controller.tick()
        #expect(bench.prober.requests.isEmpty)
        bench.clock.advance(by: .seconds(1))
        _ = try await controller.tick()
        #expect(bench.prober.requests == [["backup"]])
    }

    @Test("a clock that stepped back does not make the rollout wait for it to catch up")
    func steppedBack() async throws {
        let bench = Bench(try Plans.twoPhases())
        let controller = bench.controller()
        for _ in 0..<4 { _ = try await controller.tick() }
        let rounds = bench.prober.requests.count
        #expect(rounds > 0)
        bench.clock.advance(by: .seconds(-3600))
        _ = try await controller.tick()
        #expect(bench.prober.requests.count == rounds + 1)
        #expect(try await bench.run() == .rest(.finished))
    }

    @Test(
        "a baseline that is not there is waited for, then held; the change is not begun without it",
        arguments: [ScriptedProber.Answer.unavailable(.timedOut), .missing]
    )
    func baseline(answer: ScriptedProber.Answer) async throws {
        let bench = Bench(try Plans.twoPhases())
        bench.prober.answer("kept", answer)
        #expect(isHeld(try await bench.run()))
        #expect(bench.world.begun == 0)
        #expect(try await bench.state.stage == "baselines")
        #expect(try await bench.state.status == .held)
        bench.prober.answer("kept", Quantity(5, .rows))
        #expect(try await bench.run() == .rest(.finished))
    }

    @Test("a baseline on too few samples is no baseline")
    func thinBaseline() async throws {
        let phase = makePhase(
            "only",
            criteria: [
                try makeCriterion("ready", .precondition, demand: "= 1"),
                try makeCriterion("p95", demand: "<= 1.2 x baseline", minimumSamples: 100),
            ],
            migrations: [1]
        )
        let bench = Bench(makeRollout([phase]))
        bench.prober.answer("ready", Quantity(1))
        bench.prober.answer("p95", Quantity(20, .milliseconds), samples: 99)
        #expect(isHeld(try await bench.run()))
        #expect(bench.world.begun == 0)
        bench.prober.answer("p95", Quantity(20, .milliseconds), samples: 100)
        #expect(try await bench.run() == .rest(.finished))
    }

    @Test("evidence that comes and goes never opens a gate that wants it held together")
    func flapping() async throws {
        let bench = Bench(try Plans.twoPhases())
        let good = ScriptedProber.Answer.measured(Measurement(Quantity(word: "verified")))
        let pattern = [good, good, .unavailable(.timedOut)]
        let controller = bench.controller()
        for round in 0..<30 {
            bench.prober.answer("backup", pattern[round % 3])
            _ = try await controller.tick()
            bench.clock.advance(by: .seconds(10))
        }
        #expect(bench.world.begun == 0)
        #expect(try await bench.state.stage == "entry")
    }
}

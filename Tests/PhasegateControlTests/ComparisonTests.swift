import PhasegateControl
import PhasegateCore
import PhasegateTesting
import Testing

@Suite("A gate with a comparison")
struct ComparisonTests {
    private static let limit = Bound(.atMost, .control(times: 1.2, plusPercent: 0))

    private static func bench(timeout: Duration = .seconds(600), holdBack: Int? = nil) throws -> Bench {
        let compared = Criterion(
            name: "p95",
            role: .guarding,
            probe: Criterion.ProbeSpec(kind: "observed-latency", settings: .map([:])),
            bounds: Criterion.Bounds(demand: limit, failure: Bound(.greater, .control(times: 1.1, plusPercent: 0))),
            comparison: .control
        )
        let plain = try makeCriterion("errors", .guarding, fail: "> 1 %")
        let source = ObservationPlan.Source(kind: "json-lines", settings: .map([:]))
        let phase = Phase(
            name: "reads",
            title: "Reads",
            reversibility: .reversible,
            clock: GateClock(interval: .seconds(10), steady: .seconds(20), timeout: timeout),
            criteria: [try makeCriterion("ready", .precondition, demand: "= 1"), compared, plain],
            ramp: Ramp(
                flag: "flag",
                steps: [BasisPoints(rawValue: 500), .all],
                soak: .seconds(60),
                holdBack: holdBack.map { BasisPoints(rawValue: $0 * 100) },
                observation: ObservationPlan(source: source)
            )
        )
        let bench = Bench(makeRollout([phase]))
        bench.prober.answer("ready", Quantity(1))
        bench.prober.answer("errors", Quantity(0, .percent))
        bench.prober.answer("p95", .measured(evidence()))
        return bench
    }

    private static func evidence(
        failing: Double = 0,
        passing: Double = 0,
        blindness: String? = nil,
        mismatch: Double = 0
    ) -> Measurement {
        func side(_ logEvidence: Double) -> SequentialEvidence.Side {
            SequentialEvidence.Side(logEvidence: logEvidence, threshold: 3, level: 0.05, samplesToGo: 120)
        }
        return Measurement(
            Quantity(2, .times),
            samples: 100,
            interval: Measurement.Interval(low: 1.5, high: .greatestFiniteMagnitude, confidence: 0.9),
            evidence: SequentialEvidence(
                failing: side(failing),
                passing: side(passing),
                blindness: blindness,
                assignment: SequentialEvidence.Assignment(
                    candidate: 60,
                    control: 240,
                    plannedShare: 0.05,
                    mismatch: side(mismatch)
                ),
                unit: .user,
                candidate: 100,
                control: 1900
            )
        )
    }

    @Test("opens when the limit is shown to be kept, and the soak has run since the step began")
    func opens() async throws {
        let bench = try Self.bench()
        try await bench.run(until: "gate-at-5%")
        let opened = bench.clock.now
        let controller = bench.controller()
        // Ten rounds show nothing either way; the soak runs meanwhile.
        while bench.clock.now - opened < .seconds(100) {
            if case .wait(let moment) = try await controller.tick() { bench.clock.set(max(bench.clock.now, moment)) }
        }
        #expect(try await bench.state.stage == "gate-at-5%")
        #expect(try await bench.state.gate?.lastVerdict?.reason.contains("shows neither yet") == true)
        #expect(try await bench.state.gate?.lastVerdict?.reason.contains("about 120 to go") == true)
        bench.prober.answer("p95", .measured(Self.evidence(passing: 4)))
        _ = try await controller.tick()
        #expect(try await bench.state.stage == "expose-100%")
    }

    @Test("does not open on evidence before the soak is over")
    func soaks() async throws {
        let bench = try Self.bench()
        try await bench.run(until: "gate-at-5%")
        bench.prober.answer("p95", .measured(Self.evidence(passing: 50)))
        let opened = bench.clock.now
        try await bench.run(until: "expose-100%")
        #expect(bench.clock.now - opened >= .seconds(60))
    }

    @Test(
        "a clock that steps in mid-soak opens nothing early and waits for nothing it need not",
        arguments: [86_400, -86_400]
    )
    func clockSteps(seconds: Int64) async throws {
        let bench = try Self.bench(timeout: .seconds(200_000))
        try await bench.run(until: "gate-at-5%")
        bench.prober.answer("p95", .measured(Self.evidence(passing: 50)))
        let controller = bench.controller()
        for _ in 0..<3 {
            if case .wait(let moment) = try await controller.tick() { bench.clock.set(max(bench.clock.now, moment)) }
        }
        bench.clock.advance(by: .seconds(seconds))
        let stepped = bench.clock.now
        _ = try await controller.tick()
        #expect(try await bench.state.stage == "gate-at-5%", "a day that nobody watched is no soak")
        try await bench.run(until: "expose-100%")
        #expect(bench.clock.now - stepped >= .seconds(60))
        #expect(bench.clock.now - stepped <= .seconds(80))
    }

    @Test("an arm that is missing begins the soak anew")
    func blind() async throws {
        let bench = try Self.bench()
        try await bench.run(until: "gate-at-5%")
        let controller = bench.controller()
        _ = try await controller.tick()
        #expect(try await bench.state.gate?.passingSince != nil)
        bench.prober.answer("p95", .measured(Self.evidence(passing: 50, blindness: "the control is gone")))
        bench.clock.set(bench.clock.now + .seconds(10))
        _ = try await controller.tick()
        #expect(try await bench.state.gate?.passingSince == nil)
    }

    @Test("rolls back on evidence of harm, also where there was evidence of none")
    func fails() async throws {
        let bench = try Self.bench()
        try await bench.run(until: "gate-at-5%")
        bench.prober.answer("p95", .measured(Self.evidence(failing: 3, passing: 9)))
        #expect(try await bench.run() == .rest(.rolledBack))
        #expect(bench.world.sight.shares["flag"] == BasisPoints.none)
        #expect(try await bench.state.restReason?.contains("2 x (1.5 … ∞) breaks 'fail > 1.1 x control'") == true)
    }

    @Test("holds, and never promotes, when time is up without evidence")
    func timesOut() async throws {
        let bench = try Self.bench(timeout: .seconds(200))
        guard case .held = try await bench.run() else {
            Issue.record("it was not held")
            return
        }
        #expect(bench.world.sight.shares["flag"] == BasisPoints(rawValue: 500))
    }

    @Test("holds when users do not come as planned, whatever was found of them")
    func invalid() async throws {
        let bench = try Self.bench(timeout: .seconds(200))
        bench.prober.answer("p95", .measured(Self.evidence(failing: 50, passing: 50, mismatch: 5)))
        guard case .held = try await bench.run() else {
            Issue.record("it was not held")
            return
        }
        #expect(bench.world.sight.shares["flag"] == BasisPoints(rawValue: 500))
        let reason = try #require(try await bench.state.lastDecision?.reason)
        #expect(reason.contains("the exposure is off") && reason.contains("60 of 300 users"))
    }

    @Test("an alarm between two rounds acts at once, without measuring the rest")
    func alarmed() async throws {
        let bench = try Self.bench()
        try await bench.run(until: "gate-at-5%")
        let controller = bench.controller()
        guard case .wait = try await controller.tick() else {
            Issue.record("the gate does not wait")
            return
        }
        let moment = bench.clock.now
        bench.prober.answer("p95", .measured(Self.evidence(failing: 3)))
        bench.alarm.ring()
        _ = try await controller.tick()
        #expect(bench.prober.requests.last == ["p95"])
        while case .onward = try await controller.tick() {}
        #expect(bench.clock.now == moment, "nothing was waited for")
        #expect(bench.world.sight.shares["flag"] == BasisPoints.none)
        #expect(try await bench.state.status == .rolledBack)
    }

    @Test("an alarm in the middle of a round does not wait for slow probes")
    func alarmedWhileMeasuring() async throws {
        let bench = try Self.bench()
        try await bench.run(until: "gate-at-5%")
        let alarm = bench.alarm
        let prober = bench.prober
        let never = Door()
        bench.prober.duringNextRequest {
            prober.answer("p95", .measured(Self.evidence(failing: 3)))
            alarm.ring()
            await never.pass()
        }
        #expect(try await bench.run() == .rest(.rolledBack))
        never.open()
    }

    @Test("an alarm without harm changes nothing")
    func falseAlarm() async throws {
        let bench = try Self.bench()
        try await bench.run(until: "gate-at-5%")
        let controller = bench.controller()
        _ = try await controller.tick()
        let since = try await bench.state.gate?.passingSince
        bench.alarm.ring()
        guard case .wait = try await controller.tick() else {
            Issue.record("the gate does not wait")
            return
        }
        #expect(try await bench.state.gate?.passingSince == since)
        #expect(try await bench.state.stage == "gate-at-5%")
    }

    @Test("the last step holds a control back until it has passed, and compares nothing after")
    func holdsBack() async throws {
        let bench = try Self.bench(holdBack: 2)
        bench.prober.answer("p95", .measured(Self.evidence(passing: 9)))
        #expect(try await bench.run() == .rest(.finished))
        #expect(bench.world.sight.acts == ["expose-5%", "expose-98%", "expose-100%"])
        let gates = bench.rollout.phases[0].gates
        #expect(gates.map(\.name) == ["entry", "gate-at-5%", "gate-at-98%", "gate-at-100%", "exit"])
        #expect(gates.map { $0.criteria.contains { $0.name == "p95" } } == [false, true, true, false, false])
    }

    @Test("closes on everything that a comparison could come out with but evidence that the limit is kept")
    func closes() throws {
        let rollout = try Self.bench().rollout
        let proofs = proveClosing(rollout) { _ in
            .number(.ratio, 0...1e9)
        } digest: {
            $0
        }
        let compared = proofs.filter { $0.criterion == "p95" }
        #expect(compared.count > 15)
        #expect(compared.filter { !$0.isClosed }.isEmpty)
        #expect(compared.first { $0.evidence == "evidence of harm" }?.outcome == .recycle)
        #expect(compared.first { $0.evidence.hasPrefix("users who do not") }?.outcome == .hold)
    }
}

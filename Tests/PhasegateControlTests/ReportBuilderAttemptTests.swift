import PhasegateCore
import PhasegateTesting
import Testing

@testable import PhasegateControl

@Suite("A report after the plan was edited or a phase was begun anew")
struct ReportBuilderAttemptTests {
    /// A rollout whose guard fails at 5 %.
    private func harmed(_ risks: [RiskID] = []) async throws -> Bench {
        let bench = Bench(try Plans.twoPhases(risks: risks, register: TellingPlans.register(level: "HIGH")))
        try await bench.run(until: "gate-at-5%")
        bench.prober.answer("errors", Quantity(7, .percent))
        try await bench.run()
        return bench
    }

    @Test("a finding stands beside what it was judged by; the edited plan's condition is named as that")
    func editedPlan() async throws {
        let bench = Bench(try Plans.twoPhases())
        try await bench.run()
        let edited = try Plans.twoPhases(slowest: "> 10 ms")
        let report = ReportBuilder(rollout: edited, planFindings: [], version: "1", planDigest: "plan-2")
            .report(on: try await bench.state, entries: try await bench.entries, at: bench.clock.now)
        let criterion = try report.criterion("p95", of: "reads")
        #expect(criterion.finding?.outcome == .pass)
        #expect(criterion.bound == criterion.finding?.bound)
        #expect(criterion.bound.contains("> 100 ms"))
        #expect(criterion.plannedBound?.contains("> 10 ms") == true)
        #expect(criterion.limits.map(\.value).contains(100))
        #expect(!criterion.limits.map(\.value).contains(10))
        #expect(criterion.boundaryRule.contains("100 ms"))
        #expect(report.planFindings.map(\.rule) == ["changed-plan"])
        #expect(try report.criterion("errors", of: "reads").plannedBound == nil)
    }

    @Test("an unchanged plan is no finding")
    func samePlan() async throws {
        let bench = Bench(try Plans.twoPhases())
        try await bench.run()
        let report = ReportBuilder(rollout: bench.rollout, planFindings: [], version: "1", planDigest: "plan-1")
            .report(on: try await bench.state, entries: try await bench.entries, at: bench.clock.now)
        #expect(report.planFindings.isEmpty)
    }

    @Test("what was found before a phase was begun anew says nothing of the new attempt")
    func begunAnew() async throws {
        let bench = try await harmed(["R2"])
        #expect(try await bench.report().risks.first { $0.id == "R2" }?.raisedBy == ["errors"])
        try await bench.resume()
        let report = try await bench.report()
        let criterion = try report.criterion("errors", of: "reads")
        #expect(criterion.finding == nil)
        #expect(criterion.notes.isEmpty)
        #expect(criterion.interval == nil)
        // What was measured stays history.
        #expect(criterion.rounds > 0)
        #expect(!criterion.history.isEmpty)
        let risk = try #require(report.risks.first { $0.id == "R2" })
        #expect(risk.raisedBy.isEmpty)
        #expect(report.verdict == nil)
        #expect(!report.reason.contains("errors"), "\(report.reason)")
        #expect(try await bench.state.lastDecision == nil)
    }

    @Test("a phase at rest ended when it came to rest, and goes on when it is begun anew")
    func rest() async throws {
        let bench = try await harmed()
        let settled = bench.clock.now
        bench.clock.advance(by: .seconds(30 * 86_400))
        #expect(try await bench.report().phase("reads").to == settled)
        try await bench.resume()
        #expect(try await bench.report().phase("reads").to == nil)
    }

    @Test("an unknown criterion carries nothing of an older measurement")
    func unknown() async throws {
        let bench = Bench(try Plans.twoPhases())
        try await bench.run(until: "gate-at-5%")
        try await bench.tick()
        #expect(try await bench.report().criterion("errors", of: "reads").finding?.outcome == .pass)
        bench.prober.answer("errors", .unavailable(.timedOut))
        bench.clock.advance(by: .seconds(10))
        try await bench.tick()
        let criterion = try await bench.report().criterion("errors", of: "reads")
        #expect(criterion.finding?.outcome == .unknown)
        #expect(criterion.notes.isEmpty)
        #expect(criterion.interval == nil)
    }

    @Test("whoever renders the same ledger once more reads the same changes")
    func sameChanges() async throws {
        let bench = Bench(try Plans.twoPhases())
        try await bench.run(until: "gate-at-5%")
        let first = try await bench.report()
        try await bench.run()
        let second = try await bench.report(previous: first)
        bench.clock.advance(by: .seconds(60))
        let third = try await bench.report(previous: second)
        #expect(second.changes?.sentences.isEmpty == false)
        #expect(third.changes == second.changes)
    }

    @Test("threats that are not named are counted")
    func further() async throws {
        let criteria = try (1...14).map {
            try makeCriterion(CriterionName(rawValue: "guard-\($0)"), .guarding, fail: "> 1 %")
        }
        let phase = makePhase("reads", criteria: criteria, ramp: makeRamp(Plans.flag, [5, 100]))
        let bench = Bench(makeRollout([phase]))
        for number in 1...14 { bench.prober.answer(CriterionName(rawValue: "guard-\(number)"), Quantity(0, .percent)) }
        try await bench.run(until: "gate-at-5%")
        let report = try await bench.report()
        #expect(report.threats.count == 10)
        #expect(report.furtherThreats == 4)
    }
}

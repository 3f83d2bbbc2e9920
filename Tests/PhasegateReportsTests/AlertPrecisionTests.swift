import PhasegateCore
import Testing

@testable import PhasegateReports

@Suite("Alert precision")
struct AlertPrecisionTests {
    private static let start = RolloutReport.at("2026-11-19T03:00:00Z")

    /// A criterion that did not always pass, with numbers a minute apart, the first half a minute before the alert.
    private func criterion(
        _ bound: String,
        _ limits: [RolloutReport.Limit] = [],
        _ values: [Double] = [],
        rounds: Int? = nil,
        failures: Int = 1,
        baseline: String? = nil,
        unit: String = "",
        finding: (outcome: Finding.Outcome, minute: Int)? = nil
    ) -> RolloutReport.CriterionReport {
        RolloutReport.CriterionReport(
            name: "c",
            role: .guarding,
            strength: .must,
            probe: "sql",
            bound: bound,
            sources: [],
            risks: [],
            finding: finding.map {
                Finding(
                    criterion: "c",
                    role: .guarding,
                    strength: .must,
                    outcome: $0.outcome,
                    reason: "",
                    bound: bound,
                    baseline: baseline,
                    observedAt: Self.start + .seconds($0.minute * 60)
                )
            },
            notes: [],
            rounds: rounds ?? max(1, values.count),
            failures: failures,
            history: values.enumerated().map { index, value in
                RolloutReport.Sample(at: Self.start + .seconds(index * 60 - 30), value: value)
            },
            unit: unit,
            limits: limits
        )
    }

    /// What an alert of ten minutes about the criterion meant.
    private func meaning(
        of criterion: RolloutReport.CriterionReport,
        named criteria: [CriterionName] = ["c"],
        log: [RolloutReport.LogLine] = []
    ) throws -> AlertPrecision.Meaning {
        try #require(AlertPrecision(report(criterion, criteria, log), in: Self.span).firings.first).meaning
    }

    private static let span = ReviewSpan(since: nil, until: start + .seconds(86_400))

    private func report(
        _ criterion: RolloutReport.CriterionReport,
        _ criteria: [CriterionName] = ["c"],
        _ log: [RolloutReport.LogLine] = []
    ) -> RolloutReport {
        let notices = [(Notice.Kind.fired, 0), (.resolved, 600)].map { kind, second in
            RolloutReport.NoticeReport(
                notice: Notice(
                    id: "n",
                    episode: "e",
                    kind: kind,
                    reason: "",
                    level: "HIGH",
                    rollout: "r",
                    phase: "query-optimisation",
                    criteria: criteria,
                    title: "t",
                    body: "",
                    startedAt: Self.start,
                    raisedAt: Self.start + .seconds(second)
                ),
                carriers: [],
                acknowledgement: nil
            )
        }
        let phase = RolloutReport.PhaseReport.queryOptimisation.with(
            stages: [],
            criteria: [criterion],
            interruptions: []
        )
        return RolloutReport.sample.with(phases: [phase], log: log, notices: notices)
    }

    private func isUndetermined(_ meaning: AlertPrecision.Meaning) -> Bool {
        if case .undetermined = meaning { true } else { false }
    }

    private func isHit(_ meaning: AlertPrecision.Meaning) -> Bool {
        if case .coincided = meaning { true } else { false }
    }

    @Test(
        "a number exactly at its bound is judged as the gate does",
        arguments: [
            ("must < 1", 1.0, true), ("must <= 1", 1, false), ("fail >= 1", 1, true), ("fail > 1", 1, false),
            ("fail > 1, warn > 0", 1, false), ("must between 0 and 1", 1, false), ("must = 1", 1, false),
            ("must = 1", 0, true), ("must != 1", 1, true),
        ]
    )
    func boundaries(_ bound: String, _ value: Double, _ fails: Bool) throws {
        let meaning = try meaning(of: criterion(bound, [.fail(above: 1)], [0.5, value, value]))
        // The number before the alert is 0.5, which 'must = 1' refuses, too.
        let isRefusedBefore = bound == "must = 1"
        #expect(isHit(meaning) == (fails || isRefusedBefore))
        #expect(SampleJudge(criterion(bound, [.fail(above: 1)]))?.fails(at: value) == fails)
        if !fails && !isRefusedBefore { #expect(meaning == .falseAlarm) }
    }

    @Test("bounds that refer to the baseline are judged by what they came to")
    func baselines() throws {
        let kept: [RolloutReport.Limit] = [.fail(above: 50_000), .fail(below: 50_000)]
        #expect(try meaning(of: criterion("must = baseline", kept, [50_000, 50_000])) == .falseAlarm)
        #expect(isHit(try meaning(of: criterion("must = baseline", kept, [50_000, 49_999]))))
        let factor: [RolloutReport.Limit] = [.fail(above: 52.92)]
        #expect(SampleJudge(criterion("fail > 1.2 x baseline", factor))?.fails(at: 52.92) == .some(false))
        #expect(SampleJudge(criterion("fail >= 1.2 x baseline", factor))?.fails(at: 52.92) == .some(true))
        // Without a baseline nothing can be said, whatever the other bound says.
        #expect(SampleJudge(criterion("fail > 1.2 x baseline"))?.fails(at: 5) == .some(nil))
        let two = criterion("must <= 100, fail > 1.2 x baseline", [.fail(above: 100)])
        #expect(SampleJudge(two)?.fails(at: 5) == .some(nil))
        #expect(SampleJudge(two)?.fails(at: 101) == .some(true))
    }

    @Test("what failed last before the alert is what it is about")
    func before() throws {
        #expect(isHit(try meaning(of: criterion("must < 1", [.fail(above: 1)], [2, 0, 0]))))
        #expect(isHit(try meaning(of: criterion("must ok", finding: (.fail, -1)))))
    }

    @Test("a history that was thinned out, words and values of several parts tell nothing of a failure")
    func missing() throws {
        let thinned = criterion("must < 1", [.fail(above: 1)], [0, 0, 0], rounds: 900)
        let word = criterion("must ok", rounds: 9, finding: (.pass, 60))
        let parts = criterion("must = baseline", rounds: 9, baseline: "5 rows", finding: (.pass, 60))
        let never = criterion("must < 1", rounds: 0, failures: 0)
        for criterion in [thinned, word, parts, never] {
            #expect(isUndetermined(try meaning(of: criterion)))
            let sections = try Review(.postImplementationReview, of: report(criterion)).sections
            let alerts = try #require(sections.first { $0.heading == "Alert precision" })
            #expect(alerts.sentences.first?.contains("not determinable from the record") == true)
            #expect(alerts.tables.first?.rows.first?.last?.text.hasPrefix("not determinable from the record: ") == true)
            #expect(alerts.actions.isEmpty)
            let sentences = sections.flatMap { $0.sentences }
            #expect(!sentences.contains { $0.contains("meant nothing") })
        }
        // Every round is counted, whatever is kept of it.
        #expect(try meaning(of: criterion("must ok", rounds: 900, failures: 0)) == .falseAlarm)
    }

    @Test("an alert that names no criterion, or one that is not there, is not called false")
    func unnamed() throws {
        let passing = criterion("must < 1", [.fail(above: 1)], [0, 0], failures: 0)
        #expect(try meaning(of: passing) == .falseAlarm)
        #expect(isUndetermined(try meaning(of: passing, named: [])))
        #expect(isUndetermined(try meaning(of: passing, named: ["c", "gone"])))
    }

    @Test("numbers from before the plan changed cannot be held against its bounds")
    func changed() throws {
        func line(_ kind: String, _ minute: Int) -> RolloutReport.LogLine {
            RolloutReport.LogLine(
                sequence: 1,
                at: Self.start + .seconds(minute * 60),
                actor: "",
                phase: "query-optimisation",
                stage: nil,
                kind: kind,
                sentence: "",
                repeats: 1
            )
        }
        let numbers = criterion("must < 1", [.fail(above: 1)], [0, 0, 0])
        #expect(try meaning(of: numbers, log: [line("plan-changed", -2)]) == .falseAlarm)
        for kind in ["plan-changed", "baselines"] {
            #expect(isUndetermined(try meaning(of: numbers, log: [line(kind, 5)])))
        }
    }
}

import PhasegateCore
import PhasegateFiles
import PhasegateLint
import Testing

@Suite struct LintTests {
    @Test func rulesHaveNamesOfTheirOwn() {
        let names = LintRules.builtIn.map { type(of: $0).name }
        #expect(Set(names).count == names.count)
        #expect(names.allSatisfy { $0.allSatisfy { $0 == "-" || $0.isLowercase } })
    }

    @Test(
        arguments: [
            (
                "- {name: backup-restores, source: S-4, probe: {kind: backup}, must: verified}", "[]",
                "phase-without-criteria", Diagnostic.Severity.error
            ),
            ("guards:", "kill:", "soak-without-guards", .error),
            (
                "    compensation: {migrations: migrations, versions: 4, target: main, backup: restored}\n", "",
                "compensation-missing", .error
            ),
            ("reversibility: compensable", "reversibility: reversible", "compensation-missing", .warning),
            (", standing: true", "", "unassigned-risk", .error),
            ("provided-by: first", "provided-by: second", nil, .error),
            ("must: <= baseline", "threshold: quick", "baseline-before-phase", .error),
            ("needs: first", "needs: []", "baseline-before-phase threshold-before-provider", .error),
            ("- {name: p95-regression, ", "- {name: other, ", "baseline-before-phase", .error),
            ("[[LOW, MEDIUM], [MEDIUM, HIGH]]", "[[HIGH, MEDIUM], [HIGH, HIGH]]", "grid-not-monotone", .error),
            (
                "cells: [[LOW, MEDIUM], [MEDIUM, HIGH]]", "cells: [[LOW, HIGH], [MEDIUM, HIGH]]", "grid-not-between",
                .warning
            ),
            ("from: 50, to: 100", "from: 60, to: 100", "grid-bands", .warning),
            ("from: 50, to: 100", "from: 40, to: 100", "grid-bands", .warning),
            ("from: 50, to: 100", "from: 50, to: 90", "grid-bands", .warning),
            ("level: HIGH, priority", "level: LOW, priority", "risk-level-disagrees", .warning),
            ("percent: 60", "percent: 49", "risk-level-disagrees", .warning),
            ("threshold: quick", "must: < 1 s", "unused-threshold", .warning),
            ("provided-by: second", "uses: [x]", "component-never-provided", .warning),
            ("    target: main\n    queries", "    target: spare\n    queries", nil, .error),
            ("flags:\n", "flags:\n  other: {store: x}\n", "unused-flag", .warning),
            ("targets:\n", "targets:\n  other: {engine: sqlite, path: x}\n", "unused-target", .warning),
            (
                "workloads:\n", "workloads:\n  other: {target: main, queries: [{sql: SELECT 1}]}\n", "unused-workload",
                .warning
            ),
            ("deciders: [Lead]", "deciders: [Laed]", "unresolved-role", .error),
            ("emergency: [Lead]", "emergency: [Lead, Other]", "unresolved-role", .error),
            ("person: Ada, ", "", "unresolved-role", .error),
            ("person: Ada, ", "person: ' ', ", "unresolved-role", .error),
            (", person: Grace", "", "unresolved-role", .warning),
            ("owner: Lead, channel: \"#db\", actions: [Stop]}", "owner: Lead}", "incomplete-alert", .warning),
            (", owner: Lead", "", "incomplete-alert", .warning),
            (", channel: \"#db\"", ", channel: ''", "incomplete-alert", .warning),
            ("actions: [Stop]", "actions: []", "incomplete-alert", .warning),
            ("actions: [Stop]", "actions: [Stop, '']", "incomplete-alert", .warning),
            ("levels: [HIGH, MEDIUM]", "levels: [MEDIUM]", "unrouted-level", .error),
            ("levels: [HIGH, MEDIUM]", "levels: HIGH", "unrouted-level", .warning),
            ("levels: LOW\n      phases", "phases", nil, .error),
            ("from: 15 min, to: 1 h", "from: 14 min, to: 1 h", "escalation-window", .warning),
            ("from: 15 min, to: 1 h", "from: 16 min, to: 1 h", "escalation-window", .warning),
            ("from: 0 min, to: 15 min", "from: 1 min, to: 15 min", "escalation-window", .warning),
            ("target: {likelihood: Low", "target: {likelihood: High", nil, .warning),
            ("inherent: {likelihood: High", "inherent: {likelihood: Low", "target-above-current", .warning),
            (
                "standing: true,", "standing: true, target: {likelihood: Low, impact: High},", "target-above-current",
                .warning
            ),
        ] as [(String, String, String?, Diagnostic.Severity)]
    )
    func oneBreachIsOneFinding(right: String, wrong: String, rule: String?, severity: Diagnostic.Severity) throws {
        let range = try #require(Samples.good.ranges(of: right).last, "the sample has lost '\(right)'")
        var text = Samples.good
        text.replaceSubrange(range, with: wrong)
        let loaded = try #require(Samples.loader().diagnostics(ofText: text, named: "s.yaml").1)
        let findings = lint(loaded.rollout, places: loaded.places)
        #expect(Set(findings.map(\.rule)) == Set((rule ?? "").split(separator: " ").map(String.init)))
        for finding in findings {
            #expect(finding.severity == severity)
            #expect(finding.place != nil)
        }
    }

    /// A finding stands where the word stands that has to be changed.
    @Test func findingsAboutNoticesHaveTheirPlaces() throws {
        let sample = Samples.good
            .replacing("deciders: [Lead]", with: "deciders: [Lead, «unresolved-role»DevOps Lead]")
            .replacing("emergency: [Lead]", with: "emergency: [«unresolved-role»Nobody, Lead]")
            .replacing("routes:\n", with: "«unrouted-level»routes:\n")
            .replacing("levels: [HIGH, MEDIUM]", with: "levels: [HIGH]")
            .replacing("- {level: MEDIUM, from: 15 min", with: "- «escalation-window»{level: MEDIUM, from: 10 min")
            .replacing("inherent: {likelihood: High", with: "«target-above-current»inherent: {likelihood: Low")
            .replacing("- {id: R2, title: Lost,", with: "- {id: «incomplete-alert»R2, title: Lost,")
            .replacing("standing: true, owner: Lead", with: "standing: true")
        let (text, expected) = unmarked(sample, file: "s.yaml")
        #expect(expected.count == 6)
        let loaded = try Samples.loader().load(text: text, named: "s.yaml")
        let found = Set(lint(loaded.rollout, places: loaded.places).map(short))
        #expect(found.subtracting(expected) == [])
        #expect(expected.subtracting(found) == [])
    }

    @Test func everyGapAndOverlapOfTheEscalationIsNamed() throws {
        func messages(_ windows: [(String, String, String)]) throws -> [String] {
            let rules = windows.map { "{level: \($0), from: \($1), to: \($2), deciders: [Lead], audience: all}" }
            let start = try #require(Samples.good.firstRange(of: "    - {level: HIGH"))
            let end = try #require(Samples.good.firstRange(of: "notices:"))
            let text =
                Samples.good[..<start.lowerBound] + rules.map { "    - \($0)\n" }.joined()
                + Samples.good[end.lowerBound...]
            let loaded = try Samples.loader().load(text: String(text), named: "s.yaml")
            return lint(loaded.rollout, places: loaded.places).map(\.message)
        }
        // 15 and 60 min belong to one window each.
        #expect(
            try messages([("HIGH", "0 min", "15 min"), ("MEDIUM", "15 min", "1 h"), ("LOW", "60 min", "1 d")]) == []
        )
        #expect(try messages([("LOW", "1 h", "1 d"), ("HIGH", "0 min", "1 h")]) == [])
        #expect(
            try messages([("HIGH", "5 min", "15 min"), ("MEDIUM", "15 min", "1 h"), ("LOW", "2 h", "1 d")]) == [
                "nobody decides in the first 5 min", "nobody decides from 1 h to 2 h",
            ]
        )
        #expect(
            try messages([("HIGH", "0 min", "1 h"), ("MEDIUM", "15 min", "30 min"), ("LOW", "30 min", "2 h")]) == [
                "the windows of HIGH and MEDIUM overlap", "the windows of HIGH and LOW overlap",
            ]
        )
        #expect(try messages([("HIGH", "0 min", "1 h"), ("LOW", "0 min", "1 h")]).count == 1)
    }

    @Test func withoutRolesNobodyIsMissing() throws {
        let start = try #require(Samples.good.firstRange(of: "  roles:"))
        let text = String(Samples.good[..<start.lowerBound]) + "  emergency: [Whoever]\n"
        let loaded = try Samples.loader().load(text: text, named: "s.yaml")
        #expect(lint(loaded.rollout, places: loaded.places) == [])
    }

    @Test func aThresholdIsNotUsedBeforeItsProvider() throws {
        let text = Samples.good.replacing("must: <= baseline", with: "threshold: quick")
            .replacing("provided-by: first", with: "provided-by: second")
        let loaded = try Samples.loader().load(text: text, named: "s.yaml")
        let findings = lint(loaded.rollout, places: loaded.places).filter { $0.rule == "threshold-before-provider" }
        #expect(findings.map(\.place) == [loaded.places["phases/first/p95-regression"]])
    }

    @Test func aPreconditionHasNoBaselineOfItsOwnPhase() throws {
        let text = Samples.good.replacing(
            "{name: backup-restores, source: S-4, probe: {kind: backup, level: content}, must: verified}",
            with: "{name: before, source: S-4, probe: {kind: latency, workload: hot-path}, must: <= baseline}"
        )
        let loaded = try Samples.loader().load(text: text, named: "s.yaml")
        let findings = lint(loaded.rollout, places: loaded.places)
        #expect(findings.map(\.place) == [loaded.places["phases/first/before"]])
    }
}

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

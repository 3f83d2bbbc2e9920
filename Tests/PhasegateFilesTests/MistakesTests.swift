import PhasegateCore
import PhasegateFiles
import PhasegateLint
import Testing

@Suite struct MistakesTests {
    /// All rules broken in a text, with their places, those of the lint included.
    private func found(_ text: String, lints: Bool = false) -> Set<String> {
        let (diagnostics, loaded) = Samples.loader().diagnostics(ofText: text, named: "s.yaml")
        let more = lints ? loaded.map { lint($0.rollout, places: $0.places) } ?? [] : []
        return Set((diagnostics + more).map(short))
    }

    @Test func tenMistakesAreReportedTogether() {
        let sample = """
            phasegate: 1
            rollout: sample
            «unknown-key»titel: A sample
            title: A sample
            «duplicate-key»title: Another
            targets:
              main: {engine: «unknown-word»sqlit, path: sample.db}
            workloads:
              hot-path: {target: «unknown-target»mian, queries: [{sql: SELECT 1}]}
            phases:
              - name: first
                reversibility: reversible
                needs: [second]
                clock: {interval: «missing-unit»10}
                preconditions:
                  - {name: backup, source: S-1, probe: {kind: «unknown-probe»bakcup}, must: verified}
                success:
                  - {name: p95, source: S-2, probe: {kind: latency, workload: hot-path}, must: «missing-unit»<= 100}
                  - «criterion-without-source»name: p99
                    probe: {kind: latency, workload: hot-path}
                    must: «wrong-unit»<= 5 %
                  - {name: «duplicate-name»p95, source: S-3, probe: {kind: latency, workload: hot-path}, must: < 1 s}
              - name: second
                needs: [«needs-cycle»first, «unknown-phase»thrid]
                reversibility: reversible
                ramp: {flag: «unknown-flag»f, steps: [5, «bad-ramp»5, «bad-ramp»200], soak: «bad-duration»soon}
                preconditions:
                  - {name: ready, source: S-1, probe: {kind: backup}, must: «bad-word»verifed}
                success:
                  - {name: «criterion-without-bound»done, source: S-1, probe: {kind: backup}}

            """
        let (text, expected) = unmarked(sample, file: "s.yaml")
        #expect(expected.count >= 10)
        let found = found(text)
        #expect(found.subtracting(expected) == [])
        #expect(expected.subtracting(found) == [])
    }

    @Test(arguments: [
        ("phasegate: 1", "phasegate: «unsupported-version»2"),
        ("rollout: sample", "rollout: «bad-name»'a b'"),
        ("rollout: sample", "rollout: «wrong-type»[sample]"),
        ("title: A sample", "title:«wrong-type»"),
        ("engine: sqlite", "engine: «unknown-word»oracle"),
        ("0x514C", "«wrong-type»0xZZ"),
        ("0x514C", "«out-of-range»0x5140000000"),
        ("tables: [trades]", "tables: [«wrong-type»{a: 1}]"),
        ("weight: 3", "weight: «out-of-range»0"),
        ("weight: 3", "weight: «wrong-type»'3'"),
        ("{range: [1, 10]}", "{range: «bad-parameter»[10, 1]}"),
        ("parameters: {from: {range: [1, 10]},", "parameters: {«bad-parameter»from: {},"),
        ("{warn: \"> 50 ms\", fail: \"> 100 ms\", ", "{must: < 1 s, «mixed-strength»should: < 2 s, "),
        ("provided-by: first", "provided-by: «unknown-phase»frist"),
        ("reversibility: reversible", "reversibility: «unknown-word»reversable"),
        ("versions: [2, 3]", "versions: «bad-versions»[3, 2]"),
        ("steps: [0.5, 5, 100]", "steps: «bad-ramp»[]"),
        ("steps: [0.5, 5, 100]", "steps: [0.5, «bad-ramp»5.001, 100]"),
        ("soak: 10m", "soak: «missing-unit»10"),
        ("on-timeout: rollback", "on-timeout: «unknown-word»explode"),
        ("clock: {interval: 5s", "clock: {interval: «bad-duration»0s"),
        ("{kind: backup, level: content}", "«weak-backup»{kind: backup, level: artifact}"),
        ("{kind: backup, level: content}", "{kind: backup, level: «unknown-word»contents}"),
        ("{kind: backup, level: content}", "«missing-key»{level: content}"),
        ("{kind: latency, workload: hot-path}, must", "«missing-key»{kind: latency}, must"),
        ("{kind: latency, workload: hot-path}, must", "{kind: latency, workload: «unknown-workload»hot}, must"),
        ("percentile: 99.9", "against: {target: «unknown-target»spare}"),
        ("percentile: 99.9", "columns: {target: text, workload: text}"),
        ("must: <= baseline", "must: «bad-bound»100 ms"),
        ("must: <= baseline", "must: «bad-word»quick"),
        ("must: <= baseline", "must: «missing-unit»between 1 and 2"),
        ("must: <= baseline", "«unknown-key»mst: <= 1 ms, «unknown-key»x: 1, must: < 1 s"),
        ("probe: {kind: backup}, must: verified", "probe: {kind: backup}, must: «bad-bound»< verified"),
        ("probe: {kind: backup}, must: verified", "probe: {kind: backup}, must: «bad-bound»<= 1.2 x baseline"),
        ("probe: {kind: backup}, must: verified", "probe: {kind: backup}, must: «bad-word»= 1"),
        ("threshold: quick", "threshold: «unknown-threshold»quik"),
        ("threshold: quick", "must: < 1 s, «bound-beside-threshold»threshold: quick"),
        ("probe: {kind: backup}, must: verified", "probe: {kind: backup}, threshold: «bad-word»quick"),
        ("name: second", "name: «duplicate-name,needs-cycle»first"),
        ("risks: [R1]", "risks: [«unknown-risk»R9]"),
        ("baseline-of: first", "baseline-of: «unknown-phase»zero"),
        ("confirm: 2", "confirm: «wrong-type»two"),
        ("flag: fast-reads", "flag: «unknown-flag»fast-read"),
        ("source: S-5", "source: «criterion-without-source»['']"),
        ("[LOW, MEDIUM]", "«grid-size»[LOW]"),
        ("cells: [[LOW, MEDIUM], [MEDIUM, HIGH]]", "cells: «grid-size»[[LOW, MEDIUM]]"),
        ("[MEDIUM, HIGH]]", "[MEDIUM, «unknown-word»HUGE]]"),
        ("impact: High, level", "impact: «unknown-word»Huge, level"),
        ("id: R2", "id: «duplicate-name»R1"),
        ("percent: 60", "percent: «out-of-range»101"),
        ("to: 15 min", "to: «bad-duration»0 min"),
    ])
    func oneMistakeIsReportedWhereItIs(right: String, wrong: String) throws {
        let range = try #require(Samples.good.firstRange(of: right), "the sample has lost '\(right)'")
        var sample = Samples.good
        sample.replaceSubrange(range, with: wrong)
        let (text, expected) = unmarked(sample, file: "s.yaml")
        // One mistake may bring another with it, but never hide itself.
        let found = found(text)
        if wrong.contains("name: «") || wrong.contains("Huge") {
            #expect(!found.isDisjoint(with: expected))
        } else {
            #expect(found.subtracting(expected) == [])
            #expect(expected.subtracting(found) == [])
        }
    }

    private static let loss = """
          loss:
            currency: USD
            per-hour: {p5: 100, p95: 900}
            recover: {from: 5 min, likely: 6 min, to: 10 min}
            outages: [{risk: R1}]
            scenarios: [{name: now, title: Now}, {name: then, title: Then, like: now}]
            downtime-limits: [{title: short, below: 5 min, risks: R1}]

        """

    @Test(arguments: [
        ("USD", "USD"),
        ("{p5: 100, p95: 900}", "«bad-loss»{p5: 900, p95: 100}"),
        ("{p5: 100, p95: 900}", "«bad-loss»{p5: 0, p95: 100}"),
        ("{p5: 100, p95: 900}", "«bad-loss»{from: 100, p95: 900}"),
        ("{p5: 100, p95: 900}", "«out-of-range»-5"),
        ("likely: 6 min", "likely: 6 min"),
        ("{from: 5 min, likely: 6 min, to: 10 min}", "«bad-loss»{from: 5 min, likely: 11 min, to: 10 min}"),
        ("{from: 5 min, likely: 6 min, to: 10 min}", "«bad-loss»{from: 10 min, to: 5 min}"),
        ("{from: 5 min, likely: 6 min, to: 10 min}", "«bad-loss»{from: 5 min}"),
        ("to: 10 min", "to: «missing-unit»10"),
        ("outages: [{risk: R1}]", "«bad-loss»outages: [{risk: R1}, {risk: R2}]"),
        ("outages: [{risk: R1}]", "outages: [{risk: R1}, {risk: R2, percent: «out-of-range»120}]"),
        ("outages: [{risk: R1}]", "outages: [{risk: R1}, {risk: «duplicate-name»R1}]"),
        ("outages: [{risk: R1}]", "outages: [{risk: R1}, {risk: «unknown-risk»R7}]"),
        ("name: then", "name: «duplicate-name»now"),
        ("like: now", "like: «bad-loss»later"),
        ("like: now", "like: now, «bad-loss»outages: [{risk: R2, percent: 3}]"),
        ("risks: R1}]", "«bad-loss»risks: R2}]"),
    ])
    func oneMistakeOfALossModelIsReportedWhereItIs(right: String, wrong: String) throws {
        let loss = Self.loss.replacing(right, with: wrong, maxReplacements: 1)
        let (text, expected) = unmarked(
            Samples.good.replacing("  escalation:\n", with: loss + "  escalation:\n"),
            file: "s.yaml"
        )
        let found = found(text)
        #expect(expected.isSubset(of: found) && found.count <= expected.count + 1, "\(found)")
        #expect(found.isEmpty == (right == wrong))
    }

    @Test func hintsNameTheNearestRightWord() {
        func hint(_ right: String, _ wrong: String) -> String? {
            let text = Samples.good.replacing(right, with: wrong, maxReplacements: 1)
            return Samples.loader().diagnostics(ofText: text, named: "s.yaml").0.first { $0.rule != "missing-key" }?
                .hint
        }
        #expect(hint("title: A", "titel: A") == "did you mean 'title'?")
        #expect(hint("kind: latency", "kind: latancy") == "did you mean 'latency'?")
        #expect(hint("interval: 5s", "interval: 5") == "did you mean '5 s'?")
        #expect(hint("must: <= baseline", "must: <= 100") == "did you mean '<= 100 ms'?")
        #expect(hint("must: verified", "must: verifed") == "did you mean 'verified'?")
        #expect(hint("threshold: quick", "threshold: quik") == "did you mean 'quick'?")
    }

    @Test func everyCircleIsNamedOnce() {
        func phase(_ name: String, _ needs: String) -> String {
            "  - {name: \(name), reversibility: reversible, needs: [\(needs)]}\n"
        }
        let text =
            "phasegate: 1\nrollout: r\ntitle: t\ntargets: {}\nphases:\n" + phase("a", "b") + phase("b", "c")
            + phase("c", "a") + phase("d", "a, e") + phase("e", "d") + phase("f", "f") + phase("g", "d")
        let cycles = Samples.loader().diagnostics(ofText: text, named: "s.yaml").0.filter { $0.rule == "needs-cycle" }
        #expect(
            cycles.map(\.message) == [
                "phases wait for each other: 'a' needs 'b' needs 'c' needs 'a'",
                "phases wait for each other: 'd' needs 'e' needs 'd'", "phase 'f' needs itself",
            ]
        )
    }

    @Test func severalDoubledKeysAreReportedWithTheRest() {
        let sample = """
            phasegate: 1
            rollout: r
            title: t
            «duplicate-key»title: t
            «duplicate-key»"rollout": r
            «unknown-key»more: 1
            targets: {a: {engine: sqlite, path: p, «duplicate-key»path: q}, «duplicate-key»a: {}}
            phases: «missing-key»[]

            """
        let (text, expected) = unmarked(sample, file: "s.yaml")
        #expect(found(text) == expected)
    }

    @Test func aBrokenPartDoesNotHideTheLint() {
        let text = Samples.good.replacing("must: <= baseline", with: "must: nonsense nonsense")
            .replacing("standing: true", with: "standing: false")
        #expect(found(text, lints: true).contains { $0.hasSuffix("unassigned-risk") })
        #expect(!found(text, lints: true).contains { $0.hasSuffix("phase-without-criteria") })
    }
}

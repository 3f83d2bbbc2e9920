import PhasegateCore
import PhasegateFiles
import Testing

@Suite("comparisons of a rollout file") struct ComparisonTests {
    private static let good = "compare: control, fail: \"> 1.1 x control\", must: \"<= 1.2 x control\""

    private static let loader = Samples.loader(also: [Samples.observed, Samples.observedShare])

    private func text(
        _ criterion: String = good,
        probe: String = "observed-latency",
        role: String = "guards",
        ramp: String = "observe: {kind: json-lines, path: r.jsonl}",
        steps: String = "5, 100"
    ) -> String {
        """
        phasegate: 1
        rollout: sample
        title: A sample
        targets:
          main: {engine: sqlite, path: sample.db}
        flags:
          reads: {store: flags.db}
        phases:
          - name: first
            reversibility: reversible
            ramp: {flag: reads, steps: [\(steps)], soak: 10m\(ramp.isEmpty ? "" : ", ")\(ramp)}
            preconditions:
              - {name: backup, source: S-1, probe: {kind: backup}, must: verified}
            \(role):
              - {name: watched, source: S-2, probe: {kind: \(probe)}, \(criterion)}

        """
    }

    private func rules(_ text: String) -> [String] {
        Self.loader.diagnostics(ofText: text, named: "s.yaml").0.map(\.rule)
    }

    @Test func isReadWithEverythingSaid() throws {
        let ramp = """
            observe: {kind: json-lines, path: r.jsonl}, unit: request, look: 100ms, burn-in: 30s, assignment: unchecked, \
            hold-back: 2, load: 600/min, guarantee: {false-rollback: 1, false-promotion: 2, false-invalid: 3}
            """
        let rollout = try Self.loader.load(text: text(ramp: ramp, steps: "5, 25, 100"), named: "s.yaml").rollout
        let found = try #require(rollout.phases.first?.ramp)
        let observation = try #require(found.observation)
        #expect(observation.source.kind == "json-lines")
        #expect(observation.source.settings["path"] == .text("r.jsonl"))
        #expect(observation.unit == .request && !observation.checksAssignment)
        #expect(observation.look == .milliseconds(100) && observation.burnIn == .seconds(30))
        #expect(observation.guarantee == .init(falseRollback: 0.01, falsePromotion: 0.02, falseInvalid: 0.03))
        #expect(observation.expectedRate == 10)
        #expect(found.shares.map(\.rawValue) == [500, 2500, 9800, 10_000])
        let criterion = try #require(rollout.phases.first?.criteria.last)
        #expect(criterion.comparison == .control)
        #expect(criterion.bounds.demand?.limit == .control(times: 1.2, plusPercent: 0))
    }

    @Test func aSlackIsAShareOnTop() throws {
        let bound = try Bound("<= 1.5 x control + 0.5 %")
        #expect(bound.limit == .control(times: 1.5, plusPercent: 0.5))
        #expect(bound.description == "<= 1.5 x control + 0.5 %")
        for text in [
            "<= 0 x control", "<= x control", "<= 1.2 x control + 3 ms", "<= 1 x control + -1 %", "> control +",
        ] {
            #expect(throws: Bound.SyntaxError.self) { try Bound(text) }
        }
    }

    @Test func aRareDefectLengthensEachSoak() throws {
        let ramp = "load: 10000/min, rare-defect: {visibility: 0.1 %, signs: 6, lag: 5 min}"
        let found = try #require(
            try Self.loader.load(
                text: text("must: verified", probe: "backup", ramp: ramp),
                named: "s.yaml"
            ).rollout.phases.first?.ramp
        )
        // The anchor's figure: 5 min and 10.513 signs at 10 000 operations a minute, one in a thousand of five percent.
        let soak = found.soak(at: BasisPoints(rawValue: 500))
        #expect(soak > .seconds(26 * 60) && soak < .seconds(26 * 60 + 5))
        #expect(found.soak(at: .all) == .seconds(600), "the soak that was asked for is longer")
    }

    @Test(arguments: [
        ("compare: control, must: \"<= 1.2 x control\"", "observed-latency"),
        ("compare: control, fail: \"> 1.1 x control\"", "observed-latency"),
        ("compare: control, fail: \"> 1.3 x control\", must: \"<= 1.2 x control\"", "observed-latency"),
        ("compare: control, fail: \"> 0.9 x control\", must: \"<= 1.2 x control\"", "observed-latency"),
        ("compare: control, fail: \"< 1.1 x control\", must: \">= 1.2 x control\"", "observed-latency"),
        ("compare: control, fail: \"> 1 x control + 1 %\", must: \"<= 1 x control + 1 %\"", "observed-latency"),
        ("compare: control, confirm: 2, fail: \"> 1.1 x control\", must: \"<= 1.2 x control\"", "observed-latency"),
        ("compare: limit, fail: \"> 5 %\", must: \"<= 1 %\"", "observed-share"),
        ("compare: limit, fail: \"> 0 %\", must: \"<= 1 %\"", "observed-share"),
        ("compare: limit, fail: \"> 5 ms\", must: \"<= 9 ms\"", "observed-latency"),
        ("compare: control, fail: \"> 1.1 x control\", must: \"<= 1.2 x control\"", "latency"),
    ])
    func isRefusedWhereNothingCanBeConcluded(criterion: String, probe: String) {
        #expect(rules(text(criterion, probe: probe)).contains("bad-comparison"))
    }

    @Test func aControlWithoutAComparisonIsRefused() {
        #expect(rules(text("fail: \"> 1.1 x control\"")).contains("bad-bound"))
    }

    @Test func needsUsersToObserve() {
        #expect(rules(text(ramp: "")).contains("bad-comparison"))
        #expect(rules(text(role: "success")).contains("bad-comparison"))
        #expect(rules(text("fail: \"> 3 ms\"", role: "success")) == [])
        #expect(
            rules(text("fail: \"> 3 ms\"", role: "preconditions")).contains {
                $0 == "bad-comparison" || $0 == "duplicate-key"
            }
        )
    }

    @Test(arguments: [
        "unit: user", "burn-in: 5s", "observe: {kind: histogram}",
        "observe: {kind: json-lines, path: r}, hold-back: 2, look: 1ms", "load: 5 ms", "rare-defect: {visibility: 1 %}",
        "load: 5/s, rare-defect: {visibility: 0 %}",
    ])
    func aRampThatContradictsItselfIsRefused(ramp: String) {
        #expect(rules(text("must: verified", probe: "backup", ramp: ramp)).contains("bad-ramp"))
    }

    @Test func aHoldBackHasToLieBetweenTheLastTwoSteps() {
        func found(_ holdBack: String, _ steps: String) -> [String] {
            rules(text(ramp: "observe: {kind: json-lines, path: r}, hold-back: \(holdBack)", steps: steps))
        }
        #expect(found("2", "5, 25, 100") == [])
        #expect(found("2", "5, 25") == ["bad-ramp"])
        #expect(found("2", "5, 98, 100") == ["bad-ramp"])
        #expect(found("50", "5, 60, 100") == ["bad-ramp"])
    }

    @Test func aSourceThatThereIsNotIsRefused() {
        #expect(rules(text(ramp: "observe: {kind: json-line, path: r}")).contains("unknown-source-kind"))
    }

    @Test func aPlanWithoutAnyOfItKeepsItsText() throws {
        let loaded = try Self.loader.load(
            text: text("must: verified", probe: "backup", ramp: ""),
            named: "s.yaml"
        )
        for word in ["baselineOf", "observation", "holdBack", "leastSoaks", "\"comparison\":\"control\""] {
            #expect(!loaded.digestText.contains(word))
        }
    }
}

import PhasegateCore
import PhasegateTesting
import Testing

/// The first law: what is not measured does not pass.
@Suite("Every way of not knowing closes the gate")
struct NotKnowingTests {
    /// A good trial turned bad in one way, with a part of the reason that people should read.
    struct Case: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let reason: String
        let spoil: @Sendable (inout Trial) -> Void

        init(_ name: String, _ reason: String, _ spoil: @escaping @Sendable (inout Trial) -> Void) {
            testDescription = name
            self.reason = reason
            self.spoil = spoil
        }
    }

    static let good = Reading.Outcome.measured(Measurement(Quantity(40, .milliseconds), samples: 100))

    static let cases: [Case] =
        [
            Case("no reading at all", "was not measured") { $0.readings = [] },
            Case("a reading of another criterion", "was not measured") {
                $0.readings = []
                $0.read("p96", good)
            },
            Case("a stale reading", "is stale") {
                $0.read("p95", good, observed: .seconds(-90), valid: .milliseconds(-1))
            },
            Case("a reading from the future", "still to come") { $0.read("p95", good, observed: .milliseconds(1)) },
            Case("too few samples", "rests on 99 samples, 100 are needed") {
                $0.read("p95", Quantity(40, .milliseconds), samples: 99)
            },
            Case("an unknown number of samples", "rests on 0 samples") { $0.read("p95", Quantity(40, .milliseconds)) },
            Case("a measurement without values", "nothing to compare") {
                $0.read("p95", .measured(Measurement(parts: [], samples: 100)))
            },
            Case("another dimension", "cannot be compared") { $0.read("p95", Quantity(40, .megabytes), samples: 100) },
            Case("a word for a number", "cannot be compared") { $0.read("p95", Quantity(word: "fast"), samples: 100) },
            Case("no baseline", "there is no frozen baseline") { $0.baselines = [:] },
            Case("a baseline of another part", "there is no frozen baseline") {
                $0.baselines["p95"] = Measurement(parts: [.init("orders", Quantity(40, .milliseconds))])
            },
            Case("a baseline of another dimension", "cannot be compared") {
                $0.baselines["p95"] = Measurement(Quantity(40, .bytes))
            },
            Case("a later reading that failed to measure", "failed to measure") {
                $0.read("p95", .unavailable(.failed, "no such table"))
            },
            Case("one part of several that cannot be compared", "cannot be compared") {
                $0.baselines["p95"] = Measurement(parts: [.init("a", Quantity(40, .milliseconds))])
                let parts = ["a", "b"].map { Measurement.Part($0, Quantity(40, .milliseconds)) }
                $0.read("p95", .measured(Measurement(parts: parts, samples: 100)))
            },
        ]
        + Reading.Unavailability.allCases.map { why in
            Case("unavailable: \(why.rawValue)", why.sentence) { $0.read("p95", .unavailable(why, "said the probe")) }
        }

    private func trial(_ strength: Criterion.Strength = .must) throws -> Trial {
        let criterion = try makeCriterion(
            "p95",
            strength: strength,
            demand: "<= 1.2 x baseline",
            fail: "> 100 ms",
            minimumSamples: 100
        )
        var trial = Trial(criterion)
        trial.baselines["p95"] = Measurement(Quantity(40, .milliseconds))
        trial.read("p95", Self.good)
        return trial
    }

    @Test("unspoilt, the gate is open")
    func unspoilt() throws {
        #expect(try trial().verdict.outcome == .go)
    }

    @Test("spoilt, the finding is unknown with its reason and the gate holds", arguments: cases)
    func spoilt(_ example: Case) throws {
        for strength in [Criterion.Strength.must, .should] {
            var trial = try trial(strength)
            example.spoil(&trial)
            let verdict = trial.verdict
            let finding = try #require(verdict.findings.first)
            #expect(finding.outcome == .unknown)
            #expect(finding.reason.contains(example.reason), "\(finding.reason)")
            #expect(verdict.outcome == .hold, "\(strength)")
            #expect(verdict.conditions.isEmpty)
        }
    }

    @Test("a gate without criteria holds")
    func empty() {
        #expect(Trial().verdict.outcome == .hold)
    }

    @Test("a criterion without bounds is unknown")
    func noBounds() throws {
        var trial = Trial(try makeCriterion("p95"))
        trial.read("p95", Self.good)
        #expect(trial.verdict.outcome == .hold)
    }

    @Test("an old pass does not cover for a later silence")
    func lastReadingCounts() throws {
        var trial = try trial()
        trial.readings.insert(contentsOf: trial.readings, at: 0)
        trial.read("p95", .unavailable(.timedOut, "30 s"))
        #expect(trial.verdict.outcome == .hold)
    }

    @Test("a reading counts until its last moment and not longer")
    func lastMoment() throws {
        var trial = try trial()
        trial.readings = []
        trial.read("p95", Self.good, observed: .zero, valid: .zero)
        #expect(trial.verdict.outcome == .go)
    }
}

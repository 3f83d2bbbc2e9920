import PhasegateCore
import PhasegateTesting
import Testing

@testable import PhasegateControl

@Suite("What was measured, over time")
struct ReportBuilderHistoryTests {
    private typealias Sample = RolloutReport.Sample

    private func samples(_ values: [Double]) -> [RolloutReport.Sample] {
        values.enumerated().map { Sample(at: Moment(milliseconds: Int64($0.offset) * 10), value: $0.element) }
    }

    @Test("a short history stays as it is")
    func short() {
        #expect(thinned([], to: 240).isEmpty)
        #expect(thinned(samples([7]), to: 240).map(\.value) == [7])
        let exactly = samples((0..<240).map(Double.init))
        #expect(thinned(exactly, to: 240) == exactly)
    }

    @Test("a long history keeps its ends, its lows and its highs, in their order")
    func long() {
        // Ten thousand values that rise, with one spike down and one up.
        var values = (0..<10_000).map { Double($0) / 10_000 }
        values[3333] = -50
        values[3334] = 50
        let all = samples(values)
        let few = thinned(all, to: 240)
        #expect(few.count == 240)
        #expect(few.first == all.first && few.last == all.last)
        #expect(few.contains(all[3333]) && few.contains(all[3334]))
        #expect(few.map(\.at) == few.map(\.at).sorted())
    }

    @Test("of every stretch its lowest and its highest stay")
    func stretches() {
        // Eight inner values in two stretches of four: 5 1 9 4 | 3 8 2 6.
        let few = thinned(samples([0, 5, 1, 9, 4, 3, 8, 2, 6, 0]), to: 6)
        #expect(few.map(\.value) == [0, 1, 9, 8, 2, 0])
    }

    @Test("equal values, a clock that stepped back, and hardly any room")
    func edges() {
        let equal = thinned(samples(Array(repeating: 5, count: 1000)), to: 240)
        #expect(equal.count == 121, "two ends and one of each of 119 stretches")
        let backwards = Array(samples((0..<1000).map { Double($0 % 7) }).reversed())
        #expect(thinned(backwards, to: 20).map(\.at) == thinned(backwards, to: 20).map(\.at).sorted(by: >))
        #expect(thinned(samples([1, 2, 3]), to: 1).map(\.value) == [3])
        #expect(thinned(samples([1, 2, 3]), to: 0).isEmpty)
    }

    /// A ledger that weighs one criterion, each time with another measurement.
    private func report(of criterion: Criterion, _ outcomes: [Reading.Outcome]) async throws
        -> RolloutReport.CriterionReport
    {
        let bench = Bench(makeRollout([makePhase("p", criteria: [criterion])]))
        let start = bench.clock.now
        try await bench.say(.entered(phase: "p", stage: "exit"))
        for (index, outcome) in outcomes.enumerated() {
            let round = GateRound(
                readings: [
                    Reading(
                        criterion: criterion.name,
                        outcome: outcome,
                        observedAt: bench.clock.now,
                        validUntil: bench.clock.now + .seconds(60),
                        tookMilliseconds: Int64(index + 1)
                    )
                ],
                at: bench.clock.now
            )
            let definition = GateDefinition(
                phase: "p",
                gate: bench.rollout.phases[0].gates[1],
                planDigest: "plan-1",
                baselines: [:]
            )
            try await bench.say(.weighed(round, definition.weigh(round) { $0 }))
            bench.clock.advance(by: .seconds(10))
        }
        #expect(bench.clock.now - start == .seconds(10) * outcomes.count)
        return try await bench.report().criterion(criterion.name, of: "p")
    }

    @Test("numbers keep their moments and one unit; the last interval and the last measuring time are told")
    func samplesOfACriterion() async throws {
        let report = try await report(
            of: makeCriterion("c", demand: "<= 1 s"),
            [
                .measured(Measurement(Quantity(20, .milliseconds))),
                .unavailable(.timedOut, "late"),
                .unavailable(.noData, "nothing"),
                .measured(
                    Measurement(
                        try #require(Quantity(real: 0.5, .seconds)),
                        interval: .init(low: 0.4, high: 0.6, confidence: 0.95)
                    )
                ),
            ]
        )
        #expect(
            report.history == [
                .init(at: ManualClock.start, value: 20), .init(at: ManualClock.start + .seconds(30), value: 500),
            ]
        )
        #expect(report.unit == "ms")
        #expect(report.limits == [.init(kind: .fail, value: 1000, isCeiling: true)])
        // The interval is in the unit the history is in.
        #expect(report.interval == .init(low: 400, high: 600, confidence: 0.95))
        #expect(report.tookMilliseconds == 4)
        #expect(report.boundaryRule == "exactly 1 s passes")
        #expect(report.rounds == 4 && report.failures == 2)
    }

    @Test("another dimension begins a new history, and words have none")
    func dimensions() async throws {
        let changed = try await report(
            of: makeCriterion("c", demand: "<= 5 rows"),
            [.measured(Measurement(Quantity(20, .milliseconds))), .measured(Measurement(Quantity(4, .rows)))]
        )
        #expect(changed.history.map(\.value) == [4] && changed.unit == "rows")
        let words = try await report(
            of: makeCriterion("c", demand: "ok"),
            [.measured(Measurement(Quantity(word: "ok")))]
        )
        #expect(words.history.isEmpty && words.unit.isEmpty && words.limits.isEmpty && words.interval == nil)
        let never = try await report(of: makeCriterion("c", demand: "<= 5 rows"), [])
        #expect(never.unit == "rows" && never.tookMilliseconds == nil && never.limits.map(\.value) == [5])
    }

    @Test("a long rollout's history is thinned")
    func thinning() async throws {
        let outcomes = (0..<500).map {
            Reading.Outcome.measured(Measurement(Quantity(Int64($0 == 250 ? 99 : 1), .rows)))
        }
        let report = try await report(of: makeCriterion("c", demand: "<= 5 rows"), outcomes)
        #expect(report.rounds == 500 && report.history.count <= 240)
        #expect(report.history.contains { $0.value == 99 && $0.at == ManualClock.start + .seconds(2500) })
    }

    @Test("limits are worked out from the frozen baseline")
    func baseline() async throws {
        let bench = Bench(try Plans.twoPhases())
        try await bench.run()
        let kept = try await bench.report().criterion("kept", of: "schema")
        #expect(kept.limits.map(\.value) == [1000, 1000] && kept.limits.map(\.isCeiling) == [false, true])
        #expect(kept.boundaryRule == "only exactly the baseline (1000 rows) passes")
    }
}

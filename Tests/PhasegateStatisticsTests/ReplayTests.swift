import Foundation
import PhasegateStatistics
import Testing

/// A verdict is replayed from the ledger: the same looks have to give the same bits, also from a state that was stored.
@Suite("replay")
struct ReplayTests {
    private func expectReplay<State: Codable & Hashable>(
        _ start: State,
        looks: Int = 60,
        _ step: (inout State, inout SeededGenerator) throws -> Void
    ) throws {
        var straight = start
        var stored = start
        var generator = SeededGenerator(seed: 8)
        var again = SeededGenerator(seed: 8)
        for look in 0..<looks {
            try step(&straight, &generator)
            try step(&stored, &again)
            if look % 7 == 0 {
                stored = try JSONDecoder().decode(State.self, from: JSONEncoder().encode(stored))
            }
            #expect(stored == straight)
            #expect(stored.hashValue == straight.hashValue)
        }
        #expect(straight != start)
    }

    @Test func rates() throws {
        let schedule = try RestartSchedule(every: 3, count: 8)
        try expectReplay(RateEvidence(limit: 0.02, direction: .above, restarts: schedule)) { evidence, generator in
            try evidence.observe(ArmCounts(events: generator.below(4), trials: 100))
        }
    }

    @Test func eventShares() throws {
        let schedule = try RestartSchedule(every: 3, count: 8)
        try expectReplay(EventShareEvidence(ratio: 1.1, direction: .above, restarts: schedule)) { evidence, generator in
            try evidence.observe(
                LookCounts(
                    candidate: ArmCounts(events: generator.below(9), trials: 10),
                    control: ArmCounts(events: generator.below(50), trials: 90)
                )
            )
        }
    }

    @Test func userShares() throws {
        let schedule = try RestartSchedule(every: 3, count: 8)
        let start = try UserShareEvidence(ratio: 1.1, candidateShare: 0.3, direction: .above, restarts: schedule)
        try expectReplay(start) { evidence, generator in
            if generator.below(3) == 0 { try evidence.observe(candidate: generator.unit()) }
            try evidence.observe(control: generator.unit())
            if generator.below(2) == 0 { evidence.closeLook() }
        }
    }

    @Test func slacks() throws {
        try expectReplay(SlackEvidence(ratio: 1.5, slack: 0.01, direction: .below), looks: 15) { evidence, generator in
            try evidence.observe(
                LookCounts(
                    candidate: ArmCounts(events: generator.below(3), trials: 100),
                    control: ArmCounts(events: generator.below(9), trials: 900)
                )
            )
        }
    }

    @Test func means() throws {
        let start = try MeanEvidence(limit: 0.85, direction: .below, values: MeanEvidence.shares(of: 10))
        try expectReplay(start) { evidence, generator in try evidence.observe(Double(generator.below(11)) / 10) }
    }

    @Test func sampleRatios() throws {
        try expectReplay(SampleRatioEvidence(shares: [0.05, 0.95])) { evidence, generator in
            if evidence.counts.reduce(0, +) > 20 { try evidence.beginStep(shares: [0.25, 0.75]) }
            try evidence.observe([generator.below(3), 1 + generator.below(3)])
        }
    }

    @Test func latencyGates() throws {
        let settings = try LatencyGateSettings(restarts: RestartSchedule(every: 2, count: 9))
        try expectReplay(LatencyGate(settings), looks: 30) { gate, generator in
            var look = LatencyLook()
            for _ in 0..<40 { look.candidate.record(microseconds: 1e5 * generator.unit()) }
            for _ in 0..<200 { look.control.record(microseconds: 9e4 * generator.unit()) }
            if generator.below(5) == 0 { look.candidate.record(microseconds: .nan) }
            try gate.observe(look)
        }
    }

    @Test func plansAndDecisions() throws {
        func expectStored<Value: Codable & Hashable>(_ value: Value) throws {
            #expect(try JSONDecoder().decode(Value.self, from: JSONEncoder().encode(value)) == value)
        }
        try expectStored(ErrorBudget(criterionWeights: [1, 2], stepWeights: [1, 1, 1]))
        try expectStored(MinimumSoak(operationsPerSecond: 100, visibility: 1e-3, signs: 6, lag: .seconds(300)))
        try expectStored(CriterionStanding(peakFailEvidence: nil, failLevel: 0.01, passEvidence: -3, passLevel: 0.05))
        try expectStored(RatioBounds(low: 0.5, high: nil))
        try expectStored(StepDecision.allCases)
        try expectStored(LookCounts(candidate: ArmCounts(events: 1, trials: 2), control: .none))
    }

    /// Stored states that no looks lead to; each is a sound one with one place changed.
    @Test(arguments: [
        ("\"limitShare\":0.02", "\"limitShare\":1.5"), ("\"limitShare\":0.02", "\"limitShare\":0"),
        ("\"samples\":100", "\"samples\":-1"), ("\"every\":3", "\"every\":0"), ("\"looks\":1", "\"looks\":-4"),
        ("\"points\":2", "\"points\":99"), ("\"stride\":1", "\"stride\":0"),
        ("\"peakLogEvidence\":0", "\"peakLogEvidence\":-1"), ("\"events\":2", "\"events\":200"),
        ("\"direction\":\"above\"", "\"direction\":\"up\""), ("\"pointSamples\":[0,", "\"pointSamples\":[1e300,"),
        ("\"capital\":[", "\"capital\":[1,"),
        // The first bet's fortune, whatever it is.
        ("capital\":\\[[^,]*", "capital\":[\"-inf\""),
        ("\"looks\":1,\"schedule\"", "\"looks\":-1,\"schedule\""),
        ("\"pointEvidence\":[0", "\"pointEvidence\":[\"nan\""),
        ("\"logEvidence\":-", "\"logEvidence\":\"nan\",\"x\":-"),
    ])
    func refusesStatesThatAreImpossible(sound: String, changed: String) throws {
        var evidence = try RateEvidence(
            limit: 0.02,
            direction: .above,
            restarts: RestartSchedule(every: 3, count: 8)
        )
        try evidence.observe(ArmCounts(events: 2, trials: 100))
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let text = try #require(String(bytes: encoder.encode(evidence), encoding: .utf8))
        #expect(text.contains(sound) || sound.hasPrefix("capital"), "\(text)")
        let broken = text.replacingOccurrences(
            of: sound,
            with: changed,
            options: sound.hasPrefix("capital") ? .regularExpression : []
        )
        #expect(broken != text)
        // A decoder that lets through what JSON itself cannot say.
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf",
            negativeInfinity: "-inf",
            nan: "nan"
        )
        #expect(throws: (any Error).self) { try decoder.decode(RateEvidence.self, from: Data(broken.utf8)) }
    }

    @Test func refusesOtherStatesThatAreImpossible() throws {
        func expectRefused<State: Codable>(_ state: State, _ sound: String, _ changed: String) throws {
            let text = try #require(String(bytes: JSONEncoder().encode(state), encoding: .utf8))
            #expect(text.contains(sound), "\(text)")
            let broken = text.replacingOccurrences(of: sound, with: changed)
            #expect(throws: (any Error).self) { try JSONDecoder().decode(State.self, from: Data(broken.utf8)) }
        }
        let mean = try MeanEvidence(limit: 0.5, direction: .above, values: [0, 1])
        try expectRefused(mean, "\"counts\":[0,0]", "\"counts\":[0]")
        try expectRefused(mean, "\"counts\":[0,0]", "\"counts\":[0,-1]")
        try expectRefused(mean, "\"counts\":[0,0]", "\"counts\":[0,5]")
        try expectRefused(mean, "\"values\":[0,1]", "\"values\":[1,0]")
        let ratio = try SampleRatioEvidence(shares: [0.25, 0.75])
        try expectRefused(ratio, "\"counts\":[0,0]", "\"counts\":[0,3]")
        try expectRefused(ratio, "[0.25,0.75]", "[0.25,0.5]")
        try expectRefused(ratio, "\"concentration\":100", "\"concentration\":0")
        let soak = try MinimumSoak(operationsPerSecond: 100, visibility: 0.5, signs: 6, lag: .zero)
        try expectRefused(soak, "\"signs\":6", "\"signs\":0")
        try expectRefused(soak, "\"visibility\":0.5", "\"visibility\":1.5")
        let budget = try ErrorBudget(criterionWeights: [1], stepWeights: [1])
        try expectRefused(budget, "\"criterionWeights\":[1]", "\"criterionWeights\":[]")
        var gate = try LatencyGate(LatencyGateSettings())
        var look = LatencyLook()
        for _ in 0..<1500 { look.control.record(microseconds: 5) }
        try gate.observe(look)
        try expectRefused(gate, "\"failMargin\":0.1", "\"failMargin\":0.5")
        try expectRefused(gate, "\"weights\":[1500]", "\"weights\":[-1]")
        try expectRefused(gate, "\"weights\":[1500]", "\"weights\":[]")
        try expectRefused(gate, "\"decay\":0.99", "\"decay\":1")
    }
}

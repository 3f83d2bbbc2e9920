import PhasegateStatistics
import Testing

/// Expected values by mpmath with 50 digits from F3 and F4, rounded to 16.
@Suite("evidence about the share of events")
struct EventShareEvidenceTests {
    private func look(_ kc: Int, _ kb: Int, _ nc: Int, _ nb: Int) throws -> LookCounts {
        try LookCounts(candidate: ArmCounts(events: kc, trials: nc), control: ArmCounts(events: kb, trials: nb))
    }

    private func worked() throws -> [LookCounts] {
        [try look(4, 30, 100, 900), try look(9, 28, 100, 900), try look(11, 31, 100, 900)]
    }

    @Test(arguments: [
        (Direction.above, 1.0, [-0.4202866681536228, 1.054877690592431, 4.29155783646951]),
        (.below, 1, [-0.6313752787758409, -1.377823536583348, -1.862835329631171]),
        (.above, 1.5, [-0.756899397245315, -0.2099245461341292, 0.8539571772201316]),
    ])
    func agreesWithTheWorkedExample(direction: Direction, ratio: Double, expected: [Double]) throws {
        var evidence = try EventShareEvidence(ratio: ratio, direction: direction)
        for (look, value) in zip(try worked(), expected) {
            try evidence.observe(look)
            #expect(isClose(evidence.logEvidence, value))
        }
    }

    @Test func agreesWithTheWorkedExampleOfRestarts() throws {
        var evidence = try EventShareEvidence(
            ratio: 1,
            direction: .above,
            restarts: RestartSchedule(every: 1, count: 2)
        )
        let expected = [-0.1882238456347157, 1.126785788790509, 4.632973404099383]
        for (look, value) in zip(try worked(), expected) {
            try evidence.observe(look)
            #expect(isClose(evidence.logEvidence, value))
        }
    }

    /// Every outcome of two looks with another split and another rate of the control, as in a storm.
    @Test(arguments: [RestartSchedule.none, try? RestartSchedule(every: 1, count: 3)])
    func hasExpectationOfAtMostOneThroughStormsAndSteps(restarts: RestartSchedule?) throws {
        let restarts = try #require(restarts)
        for direction in Direction.allCases {
            for ratio in [0.8, 1, 1.5] {
                for slack in [1, direction == .above ? 0.5 : 1.1] {
                    let first = outcomes(nc: 1, nb: 4, controlRate: 0.1, ratio: ratio * slack)
                    let second = outcomes(nc: 3, nb: 2, controlRate: 0.55, ratio: ratio * slack)
                    var expectation = 0.0
                    for one in first {
                        for other in second {
                            var evidence = try EventShareEvidence(
                                ratio: ratio,
                                direction: direction,
                                restarts: restarts
                            )
                            try evidence.observe(look(one.kc, one.kb, 1, 4))
                            try evidence.observe(look(other.kc, other.kb, 3, 2))
                            expectation += one.chance * other.chance * exponentialOf(evidence.logEvidence)
                        }
                    }
                    #expect(expectation <= 1 + 1e-12)
                    #expect(expectation > 0.1)
                }
            }
        }
    }

    /// With rare events nothing is lost: the bound that the proof uses becomes an equality.
    @Test(arguments: Direction.allCases, [0.8, 1, 1.5])
    func hasExpectationOneForRareEvents(direction: Direction, ratio: Double) throws {
        var expectation = 0.0
        var surplus = 0.0
        for outcome in outcomes(nc: 2, nb: 6, controlRate: 1e-6, ratio: ratio) {
            var evidence = try EventShareEvidence(ratio: ratio, direction: direction)
            try evidence.observe(look(outcome.kc, outcome.kb, 2, 6))
            expectation += outcome.chance * exponentialOf(evidence.logEvidence)
            surplus += outcome.chance * (exponentialOf(evidence.logEvidence) - 1)
        }
        // A wrong share would show at 1e-6 times the number of trials.
        #expect(isClose(expectation, 1, within: 1e-9))
        #expect(abs(surplus) < 1e-9)
    }

    private func outcomes(
        nc: Int,
        nb: Int,
        controlRate: Double,
        ratio: Double
    ) -> [(kc: Int, kb: Int, chance: Double)] {
        binomial(nc, controlRate * ratio).enumerated().flatMap { kc, chance in
            binomial(nb, controlRate).enumerated().map { kb, other in (kc, kb, chance * other) }
        }
    }

    @Test func learnsNothingFromALookWithAnArmMissing() throws {
        for direction in Direction.allCases {
            var evidence = try EventShareEvidence(ratio: 1, direction: direction)
            try evidence.observe(look(3, 10, 20, 200))
            let before = evidence.logEvidence
            try evidence.observe(look(5, 0, 5, 0))
            try evidence.observe(look(0, 50, 0, 50))
            try evidence.observe(look(0, 0, 0, 0))
            #expect(evidence.logEvidence == before)
        }
    }

    @Test func isNotMovedByAStormThatHitsBothArms() throws {
        var evidence = try EventShareEvidence(ratio: 1, direction: .above)
        for _ in 0..<200 { try evidence.observe(look(1, 19, 50, 950)) }
        for _ in 0..<200 { try evidence.observe(look(25, 475, 50, 950)) }
        #expect(evidence.peakLogEvidence < 0.01)
    }

    @Test func findsALateChangeSoonerWithRestarts() throws {
        func looksNeeded(_ restarts: RestartSchedule) throws -> Int {
            var evidence = try EventShareEvidence(ratio: 1, direction: .above, restarts: restarts)
            for _ in 0..<500 { try evidence.observe(look(10, 200, 200, 4000)) }
            var looks = 0
            while evidence.logEvidence < threshold(at: 0.01), looks < 2000 {
                try evidence.observe(look(16, 200, 200, 4000))
                looks += 1
            }
            return looks
        }
        let plain = try looksNeeded(.none)
        let restarted = try looksNeeded(RestartSchedule(every: 10, count: 100))
        #expect(restarted * 4 < plain)
    }

    @Test(arguments: [0, -1, Double.nan, .infinity, 1e300, .leastNonzeroMagnitude])
    func refusesARatioThatIsNone(ratio: Double) {
        #expect(throws: StatisticsError.notPositive) { try EventShareEvidence(ratio: ratio, direction: .above) }
    }

    @Test(arguments: [(0, 1), (-1, 1), (1, 0), (1, -5), (Int.max, 1), (1, Int.max)])
    func refusesAScheduleThatIsNone(every: Int, count: Int) {
        #expect(throws: StatisticsError.malformedSchedule) { try RestartSchedule(every: every, count: count) }
    }

    @Test func isUnchangedByALookThatIsTooLarge() throws {
        var evidence = try EventShareEvidence(ratio: 1, direction: .above)
        try evidence.observe(look(1, 1, 2, 2))
        let before = evidence
        #expect(throws: StatisticsError.countTooLarge) { try evidence.observe(look(0, 0, 1, 1 << 52)) }
        #expect(evidence == before)
    }
}

import PhasegateStatistics
import Testing

/// Expected values by mpmath with 50 digits from F7, by trisection, rounded to 16.
@Suite("evidence about a rate with a slack")
struct SlackEvidenceTests {
    @Test(arguments: [
        (Direction.above, [12, 400, 20, 4000], 1.0, 0.005, 2.413781589007829),
        (.below, [2, 4000, 20, 4000], 1.5, 0.005, 26.87774305434906),
        (.above, [12, 400, 0, 4000], 1.5, 0.002, 14.98763495517987),
    ])
    func agreesWithTheWorkedExample(
        direction: Direction,
        counts: [Int],
        ratio: Double,
        slack: Double,
        expected: Double
    ) throws {
        var evidence = try SlackEvidence(ratio: ratio, slack: slack, direction: direction)
        try evidence.observe(
            LookCounts(
                candidate: ArmCounts(events: counts[0], trials: counts[1]),
                control: ArmCounts(events: counts[2], trials: counts[3])
            )
        )
        #expect(isClose(evidence.logEvidence, expected, within: 1e-11))
    }

    @Test(arguments: Direction.allCases, [0.0, 0.05, 0.3, 0.6])
    func hasExpectationOfAtMostOne(direction: Direction, controlRate: Double) throws {
        for (ratio, slack) in [(1.0, 0.1), (1.4, 0.02)] {
            let candidateRate = ratio * controlRate + slack
            var expectation = 0.0
            for (kc, chance) in binomial(5, candidateRate).enumerated() {
                for (kb, other) in binomial(7, controlRate).enumerated() {
                    var evidence = try SlackEvidence(ratio: ratio, slack: slack, direction: direction)
                    try evidence.observe(
                        LookCounts(
                            candidate: ArmCounts(events: kc, trials: 5),
                            control: ArmCounts(events: kb, trials: 7)
                        )
                    )
                    expectation += chance * other * exponentialOf(evidence.logEvidence)
                }
            }
            #expect(expectation <= 1 + 1e-12)
            #expect(expectation > 0.05)
        }
    }

    @Test func hasNothingToSayWithoutEitherArm() throws {
        var evidence = try SlackEvidence(ratio: 1, slack: 0.01, direction: .below)
        try evidence.observe(LookCounts(candidate: .none, control: ArmCounts(events: 500, trials: 1000)))
        #expect(evidence.logEvidence <= 1e-12)
        evidence = try SlackEvidence(ratio: 1, slack: 0.01, direction: .below)
        try evidence.observe(LookCounts(candidate: ArmCounts(events: 0, trials: 1000), control: .none))
        // The control might have no events at all; only the slack can be told from nothing.
        var alone = try RateEvidence(limit: 0.01, direction: .below)
        try alone.observe(ArmCounts(events: 0, trials: 1000))
        #expect(isClose(evidence.logEvidence, alone.logEvidence))
    }

    @Test(arguments: [0, -1, 1, 2, Double.nan, .infinity])
    func refusesASlackThatIsNone(slack: Double) {
        #expect(throws: StatisticsError.shareOutOfRange) {
            try SlackEvidence(ratio: 1, slack: slack, direction: .above)
        }
        #expect(throws: StatisticsError.notPositive) {
            try SlackEvidence(ratio: -1, slack: 0.1, direction: .above)
        }
    }
}

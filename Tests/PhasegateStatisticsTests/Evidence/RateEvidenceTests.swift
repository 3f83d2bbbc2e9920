import PhasegateStatistics
import Testing

/// Expected values by mpmath with 50 digits from F1, F2 and F4, rounded to 16.
@Suite("evidence about a rate")
struct RateEvidenceTests {
    @Test func agreesWithTheWorkedExample() throws {
        var above = try RateEvidence(limit: 0.02, direction: .above)
        var below = try RateEvidence(limit: 0.02, direction: .below)
        let look = try ArmCounts(events: 8, trials: 200)
        try above.observe(look)
        try below.observe(look)
        #expect(isClose(above.logEvidence, 0.6021094284690467))
        #expect(isClose(below.logEvidence, -1.164492200969419))
    }

    @Test func doesNotMindHowTrialsAreCutIntoLooks() throws {
        var whole = try RateEvidence(limit: 0.02, direction: .above)
        var parts = whole
        try whole.observe(ArmCounts(events: 8, trials: 200))
        for _ in 0..<4 { try parts.observe(ArmCounts(events: 2, trials: 50)) }
        #expect(isClose(whole.logEvidence, parts.logEvidence))
        #expect(parts.counts == whole.counts)
    }

    @Test func startsAnewAtFixedLooks() throws {
        var evidence = try RateEvidence(
            limit: 0.02,
            direction: .above,
            restarts: RestartSchedule(every: 2, count: 3)
        )
        let looks = [(1, 100), (0, 90), (2, 110), (1, 100), (5, 100), (6, 95), (4, 100), (7, 100)]
        let expected = [
            -0.2922390425916502, -0.3882400866984609, -0.5155555996706618, -0.5897646760604768, -0.2152679207197957,
            1.22089217380878, 1.708135515903895, 4.810550787086285,
        ]
        for (look, value) in zip(looks, expected) {
            try evidence.observe(ArmCounts(events: look.0, trials: look.1))
            #expect(isClose(evidence.logEvidence, value))
        }
    }

    @Test(arguments: Direction.allCases, [0.01, 0.1, 0.5, 0.9])
    func hasExpectationOneAtTheLimitAndLessWithinIt(direction: Direction, limit: Double) throws {
        for trials in [1, 2, 7, 12] {
            for (rate, isAtLimit) in [(limit, true), (direction == .above ? limit / 2 : (1 + limit) / 2, false)] {
                var expectation = 0.0
                for (events, chance) in binomial(trials, rate).enumerated() {
                    var evidence = try RateEvidence(limit: limit, direction: direction)
                    try evidence.observe(ArmCounts(events: events, trials: trials))
                    expectation += chance * exponentialOf(evidence.logEvidence)
                }
                if isAtLimit { #expect(isClose(expectation, 1)) } else { #expect(expectation < 1 - 1e-6) }
            }
        }
    }

    /// All 4096 courses of twelve looks at one trial each.
    @Test(arguments: [RestartSchedule.none, try? RestartSchedule(every: 2, count: 4)])
    func keepsItsLevelHoweverOftenOneLooks(restarts: RestartSchedule?) throws {
        let restarts = try #require(restarts)
        for direction in Direction.allCases {
            var expectations = [Double](repeating: 0, count: 12)
            var crossings: [Double: Double] = [0.5: 0, 0.2: 0, 0.05: 0]
            for course in sequences(of: 2, length: 12) {
                var evidence = try RateEvidence(limit: 0.3, direction: direction, restarts: restarts)
                let events = course.reduce(0, +)
                let chance = power(0.3, events) * power(0.7, 12 - events)
                for (look, event) in course.enumerated() {
                    try evidence.observe(ArmCounts(events: event, trials: 1))
                    expectations[look] += chance * exponentialOf(evidence.logEvidence)
                }
                for level in crossings.keys where evidence.peakLogEvidence >= threshold(at: level) {
                    crossings[level, default: 0] += chance
                }
            }
            for expectation in expectations { #expect(isClose(expectation, 1)) }
            for (level, crossed) in crossings { #expect(crossed <= level + 1e-12 && crossed >= 0) }
            #expect(try #require(crossings[0.5]) > 0.1, "a level that is never reached is no use")
        }
    }

    @Test func neverFallsBelowItsCash() throws {
        var evidence = try RateEvidence(limit: 0.5, direction: .above)
        try evidence.observe(ArmCounts(events: 0, trials: 1_000_000))
        #expect(isClose(evidence.logEvidence, -threshold(at: 1.0 / 17)))
        #expect(evidence.peakLogEvidence == 0)
    }

    @Test(arguments: [0, 1, -0.1, 1.5, Double.nan, .infinity, -.infinity])
    func refusesALimitThatIsNone(limit: Double) {
        #expect(throws: StatisticsError.shareOutOfRange) { try RateEvidence(limit: limit, direction: .above) }
    }

    @Test(arguments: [
        (-1, 5, StatisticsError.impossibleCounts), (6, 5, .impossibleCounts), (0, -1, .impossibleCounts),
        (0, Int.max, StatisticsError.countTooLarge), (Int.max, Int.max, .countTooLarge),
        (Int.min, Int.max, .impossibleCounts),
    ])
    func refusesCountsThatAreNone(events: Int, trials: Int, error: StatisticsError) {
        #expect(throws: error) { try ArmCounts(events: events, trials: trials) }
    }

    @Test func isUnchangedByALookThatIsTooLarge() throws {
        var evidence = try RateEvidence(limit: 0.1, direction: .above)
        try evidence.observe(ArmCounts(events: 1, trials: 2))
        let before = evidence
        #expect(throws: StatisticsError.countTooLarge) { try evidence.observe(ArmCounts(events: 0, trials: 1 << 52)) }
        #expect(evidence == before)
    }

    @Test func staysFiniteForTheLargestCounts() throws {
        for direction in Direction.allCases {
            for events in [0, 1 << 51, 1 << 52] {
                var evidence = try RateEvidence(limit: 1e-9, direction: direction)
                try evidence.observe(ArmCounts(events: events, trials: 1 << 52))
                #expect(evidence.logEvidence.isFinite)
            }
        }
    }
}

@Suite("bounds of a rate")
struct RateBoundsTests {
    @Test func agreeWithTheWorkedExample() throws {
        let bounds = try rateBounds(ArmCounts(events: 3, trials: 500), level: 0.05)
        #expect(isClose(bounds.low, 0.0004600912226108914, within: 1e-14))
        #expect(isClose(bounds.high, 0.02257030214550462, within: 1e-14))
    }

    @Test func areEverythingWithoutTrials() throws {
        let bounds = try rateBounds(.none, level: 0.05)
        #expect(bounds == (0, 1))
    }

    @Test func encloseTheRateAndNarrowWithTrials() throws {
        var width = 1.0
        for trials in [20, 200, 2000, 20_000] {
            let bounds = try rateBounds(ArmCounts(events: trials / 10, trials: trials), level: 0.05)
            #expect(bounds.low < 0.1 && bounds.high > 0.1)
            #expect(bounds.high - bounds.low < width / 2)
            width = bounds.high - bounds.low
        }
    }

    @Test func riseWithEventsAndWidenWithTheLevel() throws {
        var last = (low: -1.0, high: -1.0)
        for events in 0...50 {
            let counts = try ArmCounts(events: events, trials: 50)
            let bounds = try rateBounds(counts, level: 0.05)
            #expect(bounds.low >= last.low && bounds.high >= last.high && bounds.low < bounds.high)
            let strict = try rateBounds(counts, level: 0.001)
            #expect(strict.low <= bounds.low && strict.high >= bounds.high)
            last = bounds
        }
        #expect(last.high == 1)
    }

    /// Where the bounds say that the evidence turns, it does.
    @Test func areWhereTheEvidenceTurns() throws {
        let counts = try ArmCounts(events: 9, trials: 300)
        let bounds = try rateBounds(counts, level: 0.05)
        for (limit, direction) in [(bounds.low, Direction.above), (bounds.high, .below)] {
            let outwards = direction == .above ? -1e-9 : 1e-9
            for (shift, isShown) in [(outwards, true), (-outwards, false)] {
                var evidence = try RateEvidence(limit: limit + shift, direction: direction)
                try evidence.observe(counts)
                #expect((evidence.logEvidence >= threshold(at: 0.05)) == isShown)
            }
        }
    }

    @Test(arguments: [0, 1, -1, Double.nan, .infinity])
    func refuseALevelThatIsNone(level: Double) {
        #expect(throws: StatisticsError.shareOutOfRange) { try rateBounds(.none, level: level) }
    }
}

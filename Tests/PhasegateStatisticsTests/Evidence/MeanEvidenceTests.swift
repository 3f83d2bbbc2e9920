import PhasegateStatistics
import Testing

/// Expected values by mpmath with 50 digits from F8 and F9, rounded to 16.
@Suite("evidence about a bounded mean")
struct MeanEvidenceTests {
    private let values = [0, 0.5, 1]

    @Test(arguments: [(Direction.above, 0.85, 2.547063095891379), (.below, 0.97, 2.084518337106382)])
    func agreesWithTheWorkedExample(direction: Direction, limit: Double, expected: Double) throws {
        var evidence = try MeanEvidence(limit: limit, direction: direction, values: values)
        try evidence.observe(0, times: 2)
        try evidence.observe(0.5, times: 10)
        try evidence.observe(1, times: 88)
        #expect(isClose(evidence.logEvidence, expected))
        #expect(evidence.course.samples == 100)
    }

    @Test func boundsAgreeWithTheWorkedExample() throws {
        let bounds = try meanBounds(values: values, counts: [2, 10, 88], level: 0.05)
        #expect(isClose(bounds.low, 0.8436211533399321, within: 1e-14))
        #expect(isClose(bounds.high, 0.9739346374163868, within: 1e-14))
    }

    @Test(arguments: Direction.allCases)
    func hasExpectationOneAtTheLimitAndLessWithinIt(direction: Direction) throws {
        for (chances, isAtLimit) in [
            ([0.1, 0.3, 0.6], true), (direction == .above ? [0.2, 0.3, 0.5] : [0.05, 0.25, 0.7], false),
        ] {
            for count in [1, 3, 6] {
                var expectation = 0.0
                for outcome in multinomial(count, chances) {
                    var evidence = try MeanEvidence(limit: 0.75, direction: direction, values: values)
                    for (value, times) in zip(values, outcome.counts) { try evidence.observe(value, times: times) }
                    expectation += outcome.chance * exponentialOf(evidence.logEvidence)
                }
                if isAtLimit { #expect(isClose(expectation, 1)) } else { #expect(expectation < 1 - 1e-4) }
            }
        }
    }

    @Test func doesNotMindTheOrder() throws {
        var generator = SeededGenerator(seed: 3)
        var forwards = try MeanEvidence(limit: 0.85, direction: .below, values: MeanEvidence.shares(of: 10))
        var backwards = forwards
        let drawn = (0..<300).map { _ in Double(generator.below(11)) / 10 }
        for value in drawn { try forwards.observe(value) }
        for value in drawn.reversed() { try backwards.observe(value) }
        #expect(forwards.logEvidence == backwards.logEvidence)
        #expect(forwards.counts == backwards.counts)
    }

    @Test func boundsRiseWithTheValuesAndNarrow() throws {
        var last = (low: -1.0, high: -1.0)
        for good in stride(from: 0, through: 60, by: 5) {
            let bounds = try meanBounds(values: [0, 1], counts: [60 - good, good], level: 0.05)
            #expect(bounds.low >= last.low && bounds.high >= last.high && bounds.low < bounds.high)
            #expect(bounds.low <= Double(good) / 60 && bounds.high >= Double(good) / 60)
            last = bounds
        }
        let more = try meanBounds(values: [0, 1], counts: [300, 300], level: 0.05)
        let fewer = try meanBounds(values: [0, 1], counts: [30, 30], level: 0.05)
        #expect(more.high - more.low < (fewer.high - fewer.low) / 2)
        let nothing = try meanBounds(values: [0, 1], counts: [0, 0], level: 0.05)
        #expect(nothing == (0, 1))
        #expect(try meanBounds(values: [0, 1], counts: [9, 0], level: 0.05).low == 0)
        #expect(try meanBounds(values: [0, 1], counts: [0, 9], level: 0.05).high == 1)
    }

    @Test(arguments: [[], [0.5, 0.5], [1, 0], [-0.1, 1], [0, 1.1], [0, Double.nan], [.nan, 1]])
    func refusesValuesThatAreNone(values: [Double]) {
        #expect(throws: StatisticsError.malformedList) {
            try MeanEvidence(limit: 0.5, direction: .above, values: values)
        }
        #expect(throws: StatisticsError.malformedList) {
            try meanBounds(values: values, counts: values.map { _ in 1 }, level: 0.05)
        }
    }

    @Test(arguments: [0.3, -1, 2, Double.nan, .infinity])
    func refusesAValueThatWasNotAnnounced(value: Double) throws {
        var evidence = try MeanEvidence(limit: 0.5, direction: .above, values: values)
        let before = evidence
        #expect(throws: StatisticsError.unknownValue) { try evidence.observe(value) }
        #expect(throws: StatisticsError.impossibleCounts) { try evidence.observe(1, times: -1) }
        #expect(throws: StatisticsError.countTooLarge) { try evidence.observe(1, times: .max) }
        #expect(evidence == before)
        #expect(throws: StatisticsError.shareOutOfRange) {
            try MeanEvidence(limit: value == 0.3 ? 1 : value, direction: .above, values: values)
        }
    }
}

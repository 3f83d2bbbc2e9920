import PhasegateStatistics
import Testing

/// Expected values by mpmath with 50 digits from F5, rounded to 16.
@Suite("evidence about the ratio of two percentiles")
struct QuantileRatioEvidenceTests {
    private let edges: [Double] = [100, 110, 120, 130, 140, 160, 200]
    private func worked() throws -> QuantileRatioEvidence {
        try QuantileRatioEvidence(
            edges: edges,
            candidate: [300, 200, 150, 100, 80, 90, 60, 20],
            control: [3800, 2300, 1500, 900, 700, 500, 250, 50],
            percentile: 0.95
        )
    }

    @Test(arguments: [
        (Direction.above, 1.0, 3.181622110636621), (.below, 1.5, 7.232203541030285), (.above, 0.9, 3.181622110636621),
        (.below, 1.2, -5.32125369685895),
    ])
    func agreesWithTheWorkedExample(direction: Direction, ratio: Double, expected: Double) throws {
        #expect(isClose(try worked().logEvidence(direction, ratio: ratio), expected))
    }

    @Test func boundsAgreeWithTheWorkedExample() throws {
        let bounds = try worked().bounds(level: 0.05)
        #expect(isClose(bounds.low, 1, within: 1e-11))
        #expect(isClose(try #require(bounds.high), 200.0 / 140, within: 1e-11))
    }

    @Test func fallsAsTheRatioRisesAndTheOtherWayRound() throws {
        let evidence = try worked()
        var above = Double.infinity
        var below = -Double.infinity
        for step in 0..<400 {
            let ratio = 0.4 + 0.01 * Double(step)
            let next = (evidence.logEvidence(.above, ratio: ratio), evidence.logEvidence(.below, ratio: ratio))
            #expect(next.0 <= above && next.1 >= below)
            (above, below) = next
        }
    }

    @Test func boundsWidenWithTheLevel() throws {
        let evidence = try worked()
        let usual = try evidence.bounds(level: 0.05)
        let strict = try evidence.bounds(level: 1e-6)
        #expect(strict.low < usual.low)
        let high = try #require(usual.high)
        #expect(strict.high ?? .infinity > high)
    }

    /// All histograms of three candidate and four control latencies; the candidate is exactly `ratio` times as slow.
    @Test(arguments: [0.5, 1, 2, 4])
    func hasExpectationOfAtMostOne(ratio: Double) throws {
        let edges: [Double] = [1, 2, 4, 8, 16]
        // Chances of latencies in [2,4), [4,8) and so on; the 70th percentile of the control lies at 6.
        let control = [0, 0.25, 0.25, 0.3, 0.2, 0]
        var candidate = [Double](repeating: 0, count: 6)
        let shift = ratio == 0.5 ? -1 : ratio == 1 ? 0 : ratio == 2 ? 1 : 2
        for (bucket, chance) in control.enumerated() where chance > 0 {
            candidate[min(5, bucket + shift)] += chance
        }
        for direction in Direction.allCases {
            var expectation = 0.0
            for one in multinomial(3, candidate) where one.chance > 0 {
                for other in multinomial(4, control) where other.chance > 0 {
                    let evidence = try QuantileRatioEvidence(
                        edges: edges,
                        candidate: one.counts,
                        control: other.counts,
                        percentile: 0.7
                    )
                    let value = evidence.logEvidence(direction, ratio: ratio)
                    expectation += one.chance * other.chance * exponentialOf(value)
                }
            }
            #expect(expectation <= 1 + 1e-12)
            #expect(expectation > 0.1)
        }
    }

    @Test func knowsNothingAtFirst() throws {
        let bounds = try QuantileRatioEvidence(LatencyLook(), percentile: 0.95).bounds(level: 0.05)
        #expect(bounds == RatioBounds(low: 0, high: nil))
    }

    @Test func countsWhatHasNoValueAgainstEitherClaim() throws {
        var look = LatencyLook()
        for sample in 1...2000 {
            look.candidate.record(microseconds: Double(sample))
            look.control.record(microseconds: Double(sample))
        }
        let sound = try QuantileRatioEvidence(look, percentile: 0.95).bounds(level: 0.05)
        let soundHigh = try #require(sound.high)
        var holed = look
        for _ in 0..<400 { holed.candidate.recordMissing() }
        let candidate = try QuantileRatioEvidence(holed, percentile: 0.95).bounds(level: 0.05)
        #expect(candidate.low < sound.low && (candidate.high ?? .infinity) > soundHigh)
        for _ in 0..<400 { look.control.recordMissing() }
        let control = try QuantileRatioEvidence(look, percentile: 0.95).bounds(level: 0.05)
        #expect(control.low < sound.low && (control.high ?? .infinity) > soundHigh)
    }

    @Test(arguments: [0, -1, Double.nan, .infinity])
    func hasNoEvidenceAboutARatioThatIsNone(ratio: Double) throws {
        #expect(try worked().logEvidence(.above, ratio: ratio) == 0)
        #expect(try worked().logEvidence(.below, ratio: ratio) == 0)
    }

    @Test func refusesListsThatDoNotFit() {
        let lists: [([Double], [Int], [Int], StatisticsError)] = [
            ([], [0], [0], .malformedList), ([1, 1], [0, 0, 0], [0, 0, 0], .malformedList),
            ([2, 1], [0, 0, 0], [0, 0, 0], .malformedList), ([0, 1], [0, 0, 0], [0, 0, 0], .malformedList),
            ([1, .nan], [0, 0, 0], [0, 0, 0], .malformedList),
            ([1, .infinity], [0, 0, 0], [0, 0, 0], .malformedList),
            ([1, 2], [0, 0], [0, 0, 0], .malformedList), ([1, 2], [0, 0, 0], [0, 0], .malformedList),
            ([1, 2], [0, -1, 0], [0, 0, 0], .impossibleCounts), ([1, 2], [0, .max, 0], [0, 0, 0], .countTooLarge),
        ]
        for (edges, candidate, control, error) in lists {
            #expect(throws: error) {
                try QuantileRatioEvidence(edges: edges, candidate: candidate, control: control, percentile: 0.9)
            }
        }
        #expect(throws: StatisticsError.shareOutOfRange) {
            try QuantileRatioEvidence(edges: [1], candidate: [0, 0], control: [0, 0], percentile: 1)
        }
    }
}

import PhasegateStatistics
import Testing

@Suite("quantiles")
struct QuantileTests {
    private let hundred = (1...100).map(Double.init)

    @Test(arguments: [(0.0, 1.0), (0.01, 1), (0.07, 7), (0.071, 8), (0.5, 50), (0.95, 95), (0.951, 96), (1, 100)])
    func isTheNearestRank(share: Double, expected: Double) {
        #expect(quantile(sorted: hundred, share) == expected)
    }

    @Test(arguments: [-0.1, 1.1, Double.nan, Double.infinity])
    func isNothingOutsideOfZeroToOne(share: Double) {
        #expect(quantile(sorted: hundred, share) == nil)
    }

    @Test func isNothingForNoValuesAndTheValueForOne() {
        #expect(quantile(sorted: [], 0.5) == nil)
        #expect(quantile(sorted: [3], 0) == 3)
        #expect(quantile(sorted: [3], 1) == 3)
    }
}

@Suite("interval around a quantile")
struct QuantileIntervalTests {
    /// Ranks computed from the binomial distribution in exact fractions.
    @Test(arguments: [
        (10, 0.5, 0.95, 2, 9), (72, 0.95, 0.95, 64, 72), (100, 0.5, 0.95, 40, 61), (1000, 0.95, 0.95, 936, 964),
        (400, 0.99, 0.8, 393, 399), (5000, 0.99, 0.99, 4931, 4968),
    ])
    func takesTheRanksOfTheBinomial(count: Int, share: Double, confidence: Double, low: Int, high: Int) throws {
        let sample = (1...count).map(Double.init)
        let interval = try #require(quantileInterval(sorted: sample, quantile: share, confidence: confidence))
        #expect(Int(interval.low) == low)
        #expect(Int(interval.high) == high)
    }

    @Test func isNothingForTooFewValues() {
        let sample = (1...71).map(Double.init)
        #expect(quantileInterval(sorted: sample, quantile: 0.95, confidence: 0.95) == nil)
        #expect(quantileInterval(sorted: [], quantile: 0.5, confidence: 0.95) == nil)
        #expect(quantileInterval(sorted: [1], quantile: 0.5, confidence: 0.95) == nil)
    }

    @Test(arguments: [[Double.nan], [3, 2], [1, Double.nan, 2], [1, 2, Double.infinity], [-Double.infinity, 1]])
    func isNothingForASampleThatIsNoneInOrder(head: [Double]) {
        let sample = head + (10...200).map(Double.init)
        #expect(quantileInterval(sorted: sample, quantile: 0.5, confidence: 0.95) == nil)
    }

    @Test(arguments: [(0.0, 0.95), (1, 0.95), (.nan, 0.95), (0.5, 0), (0.5, 1), (0.5, .nan), (2, 3)])
    func isNothingForSharesOutOfRange(share: Double, confidence: Double) {
        #expect(quantileInterval(sorted: (1...200).map(Double.init), quantile: share, confidence: confidence) == nil)
    }

    @Test func enclosesASampleOfOneValueRepeated() throws {
        let sample = [Double](repeating: 4, count: 100)
        let interval = try #require(quantileInterval(sorted: sample, quantile: 0.9, confidence: 0.95))
        #expect(interval.low == 4 && interval.high == 4)
    }

    @Test func knowsLargeSamples() throws {
        let sample = (0..<1_000_000).map(Double.init)
        let interval = try #require(quantileInterval(sorted: sample, quantile: 0.95, confidence: 0.95))
        // 1.96 standard deviations of the binomial are 427 ranks.
        #expect(abs(interval.low - 949_573) < 5)
        #expect(abs(interval.high - 950_427) < 5)
    }

    /// The chance to miss is at most 5 %; of 2000 draws 100 are expected and 129 are three deviations more.
    @Test(arguments: [(0.5, 40), (0.95, 150), (0.95, 400)])
    func enclosesTheTruthAsOftenAsItSays(share: Double, count: Int) throws {
        var generator = SeededGenerator(seed: 20_261)
        var missed = 0
        for _ in 0..<2000 {
            // Cubes of uniform numbers: skewed to the right as latencies are, with a quantile known exactly.
            let sample = (0..<count).map { _ in
                let draw = generator.unit()
                return draw * draw * draw
            }.sorted()
            let interval = try #require(quantileInterval(sorted: sample, quantile: share, confidence: 0.95))
            let truth = share * share * share
            if truth < interval.low || truth > interval.high { missed += 1 }
        }
        #expect(missed < 130)
        #expect(missed > 20, "an interval that never misses is too wide to be useful")
    }
}

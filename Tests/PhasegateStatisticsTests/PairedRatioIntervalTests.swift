import PhasegateStatistics
import Testing

@Suite("interval around a paired ratio")
struct PairedRatioIntervalTests {
    private func interval(
        _ pairs: [(before: Double, after: Double)],
        confidence: Double = 0.95,
        resamples: Int = 1000
    ) -> (ratio: Double, low: Double, high: Double)? {
        var generator = SeededGenerator(seed: 5)
        return pairedRatioInterval(pairs, confidence: confidence, resamples: resamples, using: &generator)
    }

    private let sound = (1...20).map { (before: Double($0), after: Double($0) * 2) }

    @Test func findsAConstantRatioExactly() throws {
        let same = [(before: Double, after: Double)](repeating: (4, 6), count: 10)
        let found = try #require(interval(same))
        #expect(found.ratio == 1.5 && found.low == 1.5 && found.high == 1.5)
        // Whatever the blocks vary by, pairs that share it keep their ratio.
        let shared = try #require(interval(sound))
        #expect(shared.low == 2 && shared.high == 2)
    }

    @Test func isReproducible() throws {
        var draws = SeededGenerator(seed: 9)
        let pairs = (0..<30).map { _ in (before: 1 + draws.unit(), after: 1 + draws.unit()) }
        let first = try #require(interval(pairs))
        let second = try #require(interval(pairs))
        #expect(first == second)
        #expect(first.low <= first.ratio && first.ratio <= first.high)
    }

    @Test func isNotMovedByOneDisturbedBlock() throws {
        var pairs = (0..<20).map { _ in (before: 10.0, after: 11.0) }
        pairs[3].after = 4000
        #expect(try #require(interval(pairs)).high == 1.1)
    }

    @Test(arguments: [0, -1, Double.nan, Double.infinity, -Double.infinity])
    func isNothingWhenABlockHasNoSoundValue(value: Double) {
        #expect(interval(sound + [(before: value, after: 1)]) == nil)
        #expect(interval(sound + [(before: 1, after: value)]) == nil)
    }

    @Test func isNothingForTooFewBlocksOrResamples() {
        #expect(interval([]) == nil)
        #expect(interval(Array(sound.prefix(fewestPairedBlocks - 1))) == nil)
        #expect(interval(Array(sound.prefix(fewestPairedBlocks))) != nil)
        #expect(interval(sound, resamples: 0) == nil)
        #expect(interval(sound, resamples: 39) == nil)
        #expect(interval(sound, resamples: -1) == nil)
    }

    @Test(arguments: [0, 1, -0.5, 2, Double.nan])
    func isNothingForAConfidenceOutOfRange(confidence: Double) {
        #expect(interval(sound, confidence: confidence) == nil)
    }

    @Test func isNothingWhenTheQuotientOverflows() {
        let extreme = [(before: Double, after: Double)](repeating: (1e-200, 1e200), count: 10)
        #expect(interval(extreme) == nil)
    }

    /// Percentile bootstrap with 20 blocks: nominally 95 %, asked here to reach 91 % over 400 simulations.
    @Test(arguments: [1.0, 1.2])
    func enclosesTheTruthAboutAsOftenAsItSays(truth: Double) throws {
        var generator = SeededGenerator(seed: 77)
        var missed = 0
        for _ in 0..<400 {
            let pairs = (0..<20).map { _ in
                // A load that both sides share, and a disturbance of each.
                let load = 20 + 30 * generator.unit()
                return (
                    before: load * (0.9 + 0.2 * generator.unit()), after: truth * load * (0.9 + 0.2 * generator.unit())
                )
            }
            let found = try #require(pairedRatioInterval(pairs, confidence: 0.95, resamples: 400, using: &generator))
            if truth < found.low || truth > found.high { missed += 1 }
        }
        #expect(missed < 36)
    }
}

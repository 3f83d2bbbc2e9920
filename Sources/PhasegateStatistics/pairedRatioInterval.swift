/// Fewest pairs that `pairedRatioInterval` draws a conclusion from.
///
/// With fewer the resamples repeat so few values that the interval says more
/// about them than about the population.
public let fewestPairedBlocks = 8

/// How many times larger the values are after than before, with a bootstrap interval.
///
/// Each pair is one block of time, as the 95th percentile before and after in
/// neighbouring minutes; blocks are drawn again in pairs, so that load both
/// sides shared stays shared. The ratio is that of the medians over the
/// blocks: one block disturbed by a checkpoint or a neighbour then moves it
/// little, which a ratio of means would not survive. The interval is the
/// percentile bootstrap (Efron, Tibshirani: "An Introduction to the
/// Bootstrap", chapter 13); it assumes that the blocks are exchangeable.
///
/// - Parameters:
///   - pairs: block values, all finite and above zero.
///   - confidence: the chance to enclose the ratio, strictly between 0 and 1.
///   - resamples: how often to draw; 2000 is customary.
///   - generator: where the draws come from; a seeded one makes the answer reproducible.
/// - Returns: nothing for fewer than `fewestPairedBlocks` pairs, for a value that is not finite or not above zero,
///   and for too few resamples to have one in each tail.
public func pairedRatioInterval(
    _ pairs: [(before: Double, after: Double)],
    confidence: Double,
    resamples: Int,
    using generator: inout some RandomNumberGenerator
) -> (ratio: Double, low: Double, high: Double)? {
    guard pairs.count >= fewestPairedBlocks, confidence > 0, confidence < 1,
        Double(resamples) * (1 - confidence) / 2 >= 1,
        pairs.allSatisfy({ $0.before.isFinite && $0.before > 0 && $0.after.isFinite && $0.after > 0 })
    else { return nil }
    let ratio = median(pairs.map(\.after)) / median(pairs.map(\.before))
    var ratios: [Double] = []
    ratios.reserveCapacity(resamples)
    var before = [Double](repeating: 0, count: pairs.count)
    var after = before
    for _ in 0..<resamples {
        for index in pairs.indices {
            let pair = pairs[generator.below(pairs.count)]
            before[index] = pair.before
            after[index] = pair.after
        }
        ratios.append(median(after) / median(before))
    }
    ratios.sort()
    let tail = (1 - confidence) / 2
    // Quotients of extreme values can overflow or vanish although the values themselves are sound.
    guard ratio.isFinite, ratio > 0, let low = quantile(sorted: ratios, tail),
        let high = quantile(sorted: ratios, 1 - tail), low > 0, high.isFinite
    else { return nil }
    return (ratio, low, high)
}

/// The middle value, or the mean of the two middle ones.
private func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count.isMultiple(of: 2) ? sorted[middle - 1] / 2 + sorted[middle] / 2 : sorted[middle]
}

/// A quantile of a sample: the smallest value that at least a share `quantile` of the sample does not exceed.
///
/// This is the nearest-rank definition, so the answer is always a value that
/// was observed, and it is the one `quantileInterval` encloses.
///
/// - Parameters:
///   - sorted: the sample, ascending.
///   - quantile: the share, from 0 to 1; 0.95 for the 95th percentile.
/// - Returns: nothing for an empty sample and for a share outside 0...1.
public func quantile(sorted: [Double], _ quantile: Double) -> Double? {
    guard let first = sorted.first, quantile >= 0, quantile <= 1 else { return nil }
    let exact = quantile * Double(sorted.count)
    // 0.07 * 100 is a little more than 7 in binary; that must not become 8.
    let nearest = exact.rounded()
    let rank = abs(exact - nearest) <= 1e-9 * max(1, nearest) ? nearest : exact.rounded(.up)
    return rank < 1 ? first : sorted[min(sorted.count, Int(rank)) - 1]
}

/// An interval that encloses a quantile of the population at least with the stated confidence.
///
/// Distribution-free: the ends are order statistics whose ranks come from the
/// exact binomial distribution, with half of the error on either side (Hahn
/// and Meeker, "Statistical Intervals", section 5.2; Conover, "Practical
/// Nonparametric Statistics", section 3.2). It assumes that the values were
/// drawn independently from one population. Ties make it wider, never wrong.
///
/// - Parameters:
///   - sorted: the sample, ascending.
///   - quantile: the share, strictly between 0 and 1.
///   - confidence: the chance to enclose it, strictly between 0 and 1.
/// - Returns: nothing when the sample is too small for the confidence (for 95 % about the 95th percentile, fewer
///   than 72 values), not ascending, not finite, or when a share is out of range.
public func quantileInterval(
    sorted: [Double],
    quantile: Double,
    confidence: Double
) -> (low: Double, high: Double)? {
    guard let first = sorted.first, let last = sorted.last, first.isFinite, last.isFinite,
        quantile > 0, quantile < 1, confidence > 0, confidence < 1,
        // A NaN anywhere fails the comparison too.
        zip(sorted, sorted.dropFirst()).allSatisfy({ $0 <= $1 })
    else { return nil }
    let count = sorted.count
    let tail = (1 - confidence) / 2
    let binomial = Binomial(trials: count, chance: quantile)
    // The population's quantile lies below the value of rank r exactly when fewer than r values fall below it.
    let lowRank = binomial.smallest(notExceededWith: tail)
    let highRank = binomial.smallest(notExceededWith: 1 - tail) + 1
    guard lowRank >= 1, highRank <= count else { return nil }
    return (sorted[lowRank - 1], sorted[highRank - 1])
}

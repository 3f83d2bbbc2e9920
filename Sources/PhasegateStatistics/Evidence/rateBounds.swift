/// Bounds of a rate that hold at all looks together (F2 of docs/statistics.md).
///
/// The lower bound is the limit at which the evidence that the rate is above it
/// just reaches ln(1/level); the chance that it is ever wrong is at most
/// `level`, and the same holds for the upper one. Evidence falls as the limit
/// rises, so that bisection finds them exactly.
///
/// - Parameters:
///   - counts: events and trials since the beginning; the looks do not matter.
///   - level: for each bound, strictly between 0 and 1.
/// - Returns: 0 and 1 where there is no bound yet.
/// - Throws: `StatisticsError.shareOutOfRange` for a level that is none.
public func rateBounds(
    _ counts: ArmCounts,
    level: Double
) throws(StatisticsError) -> (low: Double, high: Double) {
    let wanted = threshold(at: try OpenShare(level).value)
    func isShown(_ direction: Direction, of limit: Double) -> Bool {
        RateBets(limit: limit, direction: direction).logEvidence(events: counts.events, trials: counts.trials) >= wanted
    }
    return (largest { isShown(.above, of: $0) }, 1 - largest { isShown(.below, of: 1 - $0) })
}

/// The largest number of 0 to 1 up to which something holds, by bisection; 0 when it never does.
func largest(_ holds: (Double) -> Bool) -> Double {
    var low = 0.0
    var high = 1.0
    // 60 halvings leave less than the last digit of anything above 1e-3, 200 that of anything at all.
    for _ in 0..<200 {
        let middle = low + (high - low) / 2
        guard middle > low, middle < high else { break }
        if holds(middle) { low = middle } else { high = middle }
    }
    return low
}

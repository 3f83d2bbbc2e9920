import PhasegateCore

/// Samples that lie beside each other, as their lowest and highest.
struct HistorySpan {
    let from: Moment
    let to: Moment
    let low: Double
    let high: Double
    let count: Int

    /// Samples in spans of equal numbers, none of which hides its extremes.
    ///
    /// - Parameters:
    ///   - samples: oldest first; what is not a finite number is left out.
    ///   - limit: the most spans wanted; with so many samples or fewer each is its own.
    /// - Returns: the spans, oldest first.
    static func spans(of samples: [RolloutReport.Sample], atMost limit: Int) -> [HistorySpan] {
        let samples = samples.filter(\.value.isFinite)
        guard samples.count > limit, limit > 0 else {
            return samples.map { HistorySpan(from: $0.at, to: $0.at, low: $0.value, high: $0.value, count: 1) }
        }
        return (0..<limit).map { index in
            let part = samples[(samples.count * index / limit)..<(samples.count * (index + 1) / limit)]
            return HistorySpan(
                from: part.first?.at ?? Moment(milliseconds: 0),
                to: part.last?.at ?? Moment(milliseconds: 0),
                low: part.reduce(.infinity) { min($0, $1.value) },
                high: part.reduce(-.infinity) { max($0, $1.value) },
                count: part.count
            )
        }
    }

    /// What the span goes beyond; the worse one where there are two.
    func breach(of limits: [RolloutReport.Limit]) -> RolloutReport.Limit.Kind? {
        let kinds = limits.filter { $0.isCeiling ? high > $0.value : low < $0.value }.map(\.kind)
        return kinds.contains(.fail) ? .fail : kinds.first
    }
}

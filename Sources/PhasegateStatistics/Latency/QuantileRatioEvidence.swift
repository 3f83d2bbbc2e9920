/// Evidence about the ratio of two percentiles, from histograms of both arms (F5 and F6 of docs/statistics.md).
///
/// For each bucket in which the control's percentile may lie, evidence of both
/// arms is multiplied; the weakest of these products counts, and cannot exceed
/// that of the true bucket. Both arms are rounded against the claim, so that
/// the width of the buckets costs margin, never validity. Assumes that the
/// latencies are independent and alike as long as the histograms run.
public struct QuantileRatioEvidence: Sendable {
    private let edges: [Double]
    /// Evidence of each arm by the edge that it is counted from, -1 (all) at 0 and beyond the last edge at the end.
    private let candidateAbove, candidateBelow, controlAbove, controlBelow: [Double]

    /// Evidence in two histograms with the same edges.
    ///
    /// - Parameters:
    ///   - edges: positive and ascending.
    ///   - candidate: counts below the first edge, between the edges, and at or above the last one.
    ///   - control: the same of the other arm.
    ///   - percentile: strictly between 0 and 1.
    /// - Throws: `StatisticsError` for lists that do not fit each other, negative or too large counts, and a
    ///   percentile that is none.
    public init(edges: [Double], candidate: [Int], control: [Int], percentile: Double) throws(StatisticsError) {
        guard let first = edges.first, let last = edges.last, first > 0, last < .infinity,
            zip(edges, edges.dropFirst()).allSatisfy({ $0 < $1 }),
            candidate.count == edges.count + 1, control.count == edges.count + 1
        else { throw .malformedList }
        for counts in [candidate, control] {
            var sum = ArmCounts.none
            for count in counts { sum = try sum.adding(ArmCounts(events: 0, trials: count)) }
        }
        self.init(edges, (candidate, 0), (control, 0), try OpenShare(percentile))
    }

    /// Evidence in the latencies of a step; those without a value are counted against each claim.
    ///
    /// - Throws: `StatisticsError.shareOutOfRange` for a percentile that is none.
    public init(_ latencies: LatencyLook, percentile: Double) throws(StatisticsError) {
        self.init(
            LatencyEdges.microseconds,
            (latencies.candidate.buckets, latencies.candidate.invalid),
            (latencies.control.buckets, latencies.control.invalid),
            try OpenShare(percentile)
        )
    }

    private init(
        _ edges: [Double],
        _ candidate: (buckets: [Int], invalid: Int),
        _ control: (buckets: [Int], invalid: Int),
        _ percentile: OpenShare
    ) {
        self.edges = edges
        let above = RateBets(limit: 1 - percentile.value, direction: .above)
        let below = RateBets(limit: 1 - percentile.value, direction: .below)
        // Who claims "above" takes the invalid ones of the candidate for fast, and those of the control for slow.
        candidateAbove = Self.byEdge(candidate, bets: above, invalidAreSlow: false)
        controlBelow = Self.byEdge(control, bets: below, invalidAreSlow: true)
        candidateBelow = Self.byEdge(candidate, bets: below, invalidAreSlow: true)
        controlAbove = Self.byEdge(control, bets: above, invalidAreSlow: false)
    }

    private static func byEdge(
        _ histogram: (buckets: [Int], invalid: Int),
        bets: RateBets,
        invalidAreSlow: Bool
    ) -> [Double] {
        let trials = histogram.buckets.reduce(histogram.invalid, +)
        var events = invalidAreSlow ? histogram.invalid : 0
        var evidence = [Double](repeating: 0, count: histogram.buckets.count + 1)
        evidence[histogram.buckets.count] = bets.logEvidence(events: events, trials: trials)
        for bucket in histogram.buckets.indices.reversed() {
            let count = histogram.buckets[bucket]
            events += count
            evidence[bucket] =
                count == 0 ? evidence[bucket + 1] : bets.logEvidence(events: events, trials: trials)
        }
        // Everything is at or above "no edge", the invalid ones included.
        evidence[0] = bets.logEvidence(events: trials, trials: trials)
        return evidence
    }

    /// ln E of the claim that the candidate's percentile is above, or below, so many times the control's.
    ///
    /// - Returns: 0, no evidence, for a ratio that is not positive and finite.
    public func logEvidence(_ direction: Direction, ratio: Double) -> Double {
        guard ratio > 0, ratio < .infinity else { return 0 }
        var least = Double.infinity
        // The control's percentile lies from edge number `lower` up to the next; -1 stands for nothing below.
        var candidateEdge = -1
        for lower in -1..<edges.count {
            switch direction {
            case .above:
                candidateEdge = max(candidateEdge, 0)
                let upper = lower + 1 < edges.count ? ratio * edges[lower + 1] * (1 - 1e-12) : .infinity
                while candidateEdge < edges.count, edges[candidateEdge] < upper { candidateEdge += 1 }
                least = min(least, candidateAbove[candidateEdge + 1] + controlBelow[lower + 1])
            case .below:
                let upper = lower >= 0 ? ratio * edges[lower] * (1 + 1e-12) : -.infinity
                while candidateEdge + 1 < edges.count, edges[candidateEdge + 1] <= upper { candidateEdge += 1 }
                least = min(least, candidateBelow[candidateEdge + 1] + controlAbove[lower + 2])
            }
        }
        return least
    }

    /// Bounds of the ratio that hold at all looks together (F6).
    ///
    /// - Parameter level: for each bound, strictly between 0 and 1.
    /// - Returns: 0, and no upper bound, as long as nothing is known.
    /// - Throws: `StatisticsError.shareOutOfRange` for a level that is none.
    public func bounds(level: Double) throws(StatisticsError) -> RatioBounds {
        let wanted = threshold(at: try OpenShare(level).value)
        // No ratio beyond that of the outermost edges can be told from it.
        let widest = logarithm(edges[edges.count - 1] / edges[0]) + 1
        func ratio(_ share: Double) -> Double { exponential((2 * share - 1) * widest) }
        let low = largest { logEvidence(.above, ratio: ratio($0)) >= wanted }
        let high = largest { logEvidence(.below, ratio: ratio(1 - $0)) >= wanted }
        return RatioBounds(low: low == 0 ? 0 : ratio(low), high: high == 0 ? nil : ratio(1 - high))
    }
}

/// From where to where a ratio lies.
public struct RatioBounds: Codable, Hashable, Sendable {
    /// 0 when there is no bound yet.
    public let low: Double
    /// Nothing when there is no bound yet.
    public let high: Double?

    /// Bounds as they are.
    public init(low: Double, high: Double?) {
        self.low = low
        self.high = high
    }
}

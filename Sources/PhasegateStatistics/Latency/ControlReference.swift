/// The control's recent percentile, from looks before the present one.
///
/// A histogram in which each look counts a little less than the one after it.
/// The reference is an edge of the buckets, so that counting beyond it is exact.
struct ControlReference: Hashable, Sendable {
    private let percentile: OpenShare
    private let decay: OpenShare
    /// Control samples that it takes before there is a reference.
    private let samplesToStart: Int
    private var weights: [Double]
    private var samples = 0
    /// The lowest edge with at most a share 1 - percentile at or above it; nothing before there are enough samples.
    private(set) var edge: Int?

    init(percentile: OpenShare, decay: OpenShare) {
        self.percentile = percentile
        self.decay = decay
        samplesToStart = Int((50 / (1 - percentile.value)).rounded(.up))
        weights = [Double](repeating: 0, count: LatencyEdges.count + 1)
    }

    /// Control samples that are missing to a reference; 0 also where there is none although there are enough of them.
    var missingSamples: Int { max(0, samplesToStart - samples) }

    /// Enters a look that has been judged, for the looks that follow.
    mutating func follow(_ look: LatencyHistogram) {
        // A look without the control says nothing about it, and does not make older ones older.
        guard look.count > 0 else { return }
        let factor = decay.value
        for index in weights.indices { weights[index] = weights[index] * factor + Double(look.buckets[index]) }
        samples = min(samples + look.count, largestCount)
        locate()
    }

    private mutating func locate() {
        guard samples >= samplesToStart else { return }
        var total = 0.0
        for weight in weights { total += weight }
        let tail = (1 - percentile.value) * total
        var above = weights[weights.count - 1]
        // More than the tail beyond the last edge: there is no edge to count from.
        guard above <= tail else {
            edge = nil
            return
        }
        var lowest = weights.count - 2
        while lowest > 0, above + weights[lowest] <= tail {
            above += weights[lowest]
            lowest -= 1
        }
        edge = lowest
    }
}

extension ControlReference: Codable {
    private enum CodingKeys: String, CodingKey { case percentile, decay, samples, buckets, weights }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        let used = weights.indices.filter { weights[$0] != 0 }
        try container.encode(percentile, forKey: .percentile)
        try container.encode(decay, forKey: .decay)
        try container.encode(samples, forKey: .samples)
        try container.encode(used, forKey: .buckets)
        try container.encode(used.map { weights[$0] }, forKey: .weights)
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            percentile: try container.decode(OpenShare.self, forKey: .percentile),
            decay: try container.decode(OpenShare.self, forKey: .decay)
        )
        samples = try container.decode(Int.self, forKey: .samples)
        let used = try container.decode([Int].self, forKey: .buckets)
        let values = try container.decode([Double].self, forKey: .weights)
        guard (0...largestCount).contains(samples), used.count == values.count,
            zip(used, used.dropFirst()).allSatisfy({ $0 < $1 }), used.allSatisfy(weights.indices.contains),
            values.allSatisfy({ $0 > 0 && $0 <= Double(largestCount) })
        else { throw StatisticsError.impossibleState }
        for (bucket, value) in zip(used, values) { weights[bucket] = value }
        locate()
    }
}

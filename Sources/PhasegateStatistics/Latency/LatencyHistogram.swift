/// Latencies counted in buckets 1 % wide, from 1 microsecond to 500 seconds.
///
/// Counts at or above an edge are exact. Values outside of the range are kept
/// in a bucket below and one above it. What is no latency at all (NaN, negative,
/// infinite) is counted apart as `invalid`: it is evidence for nobody. Whatever
/// draws a conclusion counts it against that conclusion.
///
/// The space is fixed and taken once, when the histogram is made. A burn-in is
/// left out by not recording it.
public struct LatencyHistogram: Hashable, Sendable {
    /// Latencies that were counted in a bucket.
    public private(set) var count = 0
    /// Observations that were no latency.
    public private(set) var invalid = 0
    private(set) var buckets: [Int]

    /// Nothing counted; takes 16 KB.
    public init() { buckets = [Int](repeating: 0, count: LatencyEdges.count + 1) }

    /// Counts one latency; some 20 nanoseconds, allocates nothing.
    ///
    /// A request that is still running is recorded with its age, once that is beyond the thresholds of the gate.
    public mutating func record(microseconds: Double) {
        // NaN fails the comparison.
        guard microseconds >= 0, microseconds < .infinity else {
            invalid += 1
            return
        }
        buckets[LatencyEdges.bucket(of: microseconds)] += 1
        count += 1
    }

    /// Counts one latency, so many times; a number that is none or negative changes nothing.
    public mutating func record(microseconds: Double, times: Int) {
        guard times > 0, times <= largestCount - count - invalid else { return }
        guard microseconds >= 0, microseconds < .infinity else {
            invalid += times
            return
        }
        buckets[LatencyEdges.bucket(of: microseconds)] += times
        count += times
    }

    /// Counts an observation that brought no latency, as a request whose end was never reported.
    public mutating func recordMissing() { invalid += 1 }

    /// Adds all that another one counted.
    public mutating func add(_ other: LatencyHistogram) {
        for index in buckets.indices { buckets[index] += other.buckets[index] }
        count += other.count
        invalid += other.invalid
    }

    /// A quantile, rounded up to the next edge; for showing, not for deciding.
    ///
    /// - Parameter share: strictly between 0 and 1; 0.95 for the 95th percentile.
    /// - Returns: microseconds; infinity beyond the last edge, nothing without latencies or for another share.
    public func quantile(_ share: Double) -> Double? {
        guard count > 0, share > 0, share < 1 else { return nil }
        let rank = Int((share * Double(count)).rounded(.up))
        var sum = 0
        for (bucket, number) in buckets.enumerated() {
            sum += number
            if sum >= rank { return bucket < LatencyEdges.count ? LatencyEdges.microseconds[bucket] : .infinity }
        }
        return nil
    }

    /// Back to nothing, with the space kept.
    public mutating func clear() {
        for index in buckets.indices { buckets[index] = 0 }
        count = 0
        invalid = 0
    }

    /// How many latencies were at or above an edge, exactly.
    ///
    /// - Parameter edge: from 0; the number of edges and beyond has none at or above it.
    /// - Returns: a sum over the buckets above.
    func countAtOrAbove(edge: Int) -> Int {
        var sum = 0
        var bucket = buckets.count - 1
        while bucket > edge {
            sum += buckets[bucket]
            bucket -= 1
        }
        return sum
    }
}

extension LatencyHistogram: Codable {
    private enum CodingKeys: String, CodingKey { case invalid, buckets, counts }

    /// Writes only the buckets that counted something.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        let used = buckets.indices.filter { buckets[$0] != 0 }
        try container.encode(invalid, forKey: .invalid)
        try container.encode(used, forKey: .buckets)
        try container.encode(used.map { buckets[$0] }, forKey: .counts)
    }

    /// Reads a histogram back.
    ///
    /// - Throws: `StatisticsError.malformedList`, `impossibleCounts` or `countTooLarge`.
    public init(from decoder: any Decoder) throws {
        self.init()
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let used = try container.decode([Int].self, forKey: .buckets)
        let counts = try container.decode([Int].self, forKey: .counts)
        guard used.count == counts.count, zip(used, used.dropFirst()).allSatisfy({ $0 < $1 }),
            used.allSatisfy(buckets.indices.contains)
        else { throw StatisticsError.malformedList }
        var total = ArmCounts.none
        for (bucket, count) in zip(used, counts) {
            total = try total.adding(ArmCounts(events: 0, trials: count))
            buckets[bucket] = count
        }
        count = total.trials
        invalid = try ArmCounts(events: 0, trials: container.decode(Int.self, forKey: .invalid)).trials
    }
}

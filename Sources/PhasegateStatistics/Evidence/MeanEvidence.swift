/// Evidence that a mean of values from 0 to 1 is above or below a limit, as recall against 0.85.
///
/// F8 of docs/statistics.md. Order does not matter, so that counts of each distinct value are all there
/// is to keep: recall@10 has eleven. Holds when the conditional mean keeps to
/// the limit at every observation.
public struct MeanEvidence: EProcess {
    private let limitShare: OpenShare
    /// Which claim this is evidence for.
    public let direction: Direction
    /// The values that can be observed, ascending.
    public let values: [Double]
    /// How often each value was observed.
    public private(set) var counts: [Int]
    /// What happened to the evidence so far.
    public private(set) var course = EvidenceCourse()

    /// The limit, strictly between 0 and 1.
    public var limit: Double { limitShare.value }

    /// No evidence yet.
    ///
    /// - Parameters:
    ///   - limit: strictly between 0 and 1.
    ///   - direction: the claim.
    ///   - values: all that can be observed, ascending within 0 ... 1; at most 10 000. Where values are continuous, choose a
    ///     grid and round against the claim.
    /// - Throws: `StatisticsError.shareOutOfRange` or `malformedList`.
    public init(limit: Double, direction: Direction, values: [Double]) throws(StatisticsError) {
        limitShare = try OpenShare(limit)
        self.direction = direction
        try Self.check(values)
        self.values = values
        counts = [Int](repeating: 0, count: values.count)
    }

    /// The values that a share of hits can take, from none to all.
    public static func shares(of count: Int) -> [Double] {
        count > 0 ? (0...count).map { Double($0) / Double(count) } : []
    }

    /// Enters a value, so many times.
    ///
    /// Some microseconds, allocates nothing.
    ///
    /// - Throws: `StatisticsError.unknownValue` for a value that was not announced, `impossibleCounts` or `countTooLarge`;
    ///   with nothing changed.
    public mutating func observe(_ value: Double, times: Int = 1) throws(StatisticsError) {
        guard times >= 0 else { throw .impossibleCounts }
        guard times <= largestCount - course.samples else { throw .countTooLarge }
        var place = 0
        while place < values.count, abs(values[place] - value) > 1e-9 { place += 1 }
        guard place < values.count, !value.isNaN else { throw .unknownValue }
        counts[place] += times
        course.note(
            MeanBets.logEvidence(values, counts, limit: limit, direction: direction),
            samples: course.samples + times
        )
    }

    fileprivate static func check(_ values: [Double]) throws(StatisticsError) {
        guard let first = values.first, let last = values.last, first >= 0, last <= 1, values.count <= 10_000,
            zip(values, values.dropFirst()).allSatisfy({ $0 < $1 })
        else { throw .malformedList }
    }
}

extension MeanEvidence {
    private enum CodingKeys: String, CodingKey {
        case limitShare = "limit"
        case direction, values, counts, course
    }

    /// Reads evidence back.
    ///
    /// - Throws: `StatisticsError` for what could not have been made.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        limitShare = try container.decode(OpenShare.self, forKey: .limitShare)
        direction = try container.decode(Direction.self, forKey: .direction)
        values = try container.decode([Double].self, forKey: .values)
        counts = try container.decode([Int].self, forKey: .counts)
        course = try container.decode(EvidenceCourse.self, forKey: .course)
        try Self.check(values)
        var total = ArmCounts.none
        for count in counts { total = try total.adding(ArmCounts(events: 0, trials: count)) }
        guard counts.count == values.count, total.trials == course.samples else {
            throw StatisticsError.impossibleState
        }
    }
}

/// Bounds of a mean that hold at all looks together (F9 of docs/statistics.md).
///
/// - Parameters:
///   - values: ascending within 0 ... 1.
///   - counts: how often each was observed.
///   - level: for each bound, strictly between 0 and 1.
/// - Returns: 0 and 1 where there is no bound yet.
/// - Throws: `StatisticsError` for lists that do not fit and a level that is none.
public func meanBounds(
    values: [Double],
    counts: [Int],
    level: Double
) throws(StatisticsError) -> (low: Double, high: Double) {
    let wanted = threshold(at: try OpenShare(level).value)
    try MeanEvidence.check(values)
    guard counts.count == values.count else { throw .malformedList }
    for count in counts { _ = try ArmCounts(events: 0, trials: count) }
    let low = largest { limit in
        MeanBets.logEvidence(values, counts, limit: limit, direction: .above) >= wanted
    }
    let high =
        1
        - largest { distance in
            MeanBets.logEvidence(values, counts, limit: 1 - distance, direction: .below) >= wanted
        }
    return (low, high)
}

/// What the bets on a bounded mean win.
private enum MeanBets {
    static func logEvidence(_ values: [Double], _ counts: [Int], limit: Double, direction: Direction) -> Double {
        var gains = SIMD16<Double>.zero
        for (index, count) in counts.enumerated() where count > 0 {
            // How far the value lies from its limit, as a share of what it could.
            let surplus: Double =
                switch direction {
                case .above: values[index] / limit - 1
                case .below: (1 - values[index]) / (1 - limit) - 1
                }
            gains += Double(count) * .logarithmsOfOnePlus(BettingGrid.stakes * surplus)
        }
        return BettingGrid.mix(gains)
    }
}

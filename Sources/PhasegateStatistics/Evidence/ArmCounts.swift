/// What one arm showed: how often something happened among how many.
public struct ArmCounts: Hashable, Sendable {
    /// How many of the trials were events: errors, or requests slower than a threshold.
    public let events: Int
    /// How many requests, users or queries there were.
    public let trials: Int

    /// Nothing seen.
    public static let none = ArmCounts(exactly: 0, of: 0)

    /// So many events among so many trials.
    ///
    /// - Throws: `StatisticsError.impossibleCounts` or `countTooLarge`.
    public init(events: Int, trials: Int) throws(StatisticsError) {
        guard events >= 0, trials >= events else { throw .impossibleCounts }
        guard trials <= largestCount else { throw .countTooLarge }
        self.init(exactly: events, of: trials)
    }

    init(exactly events: Int, of trials: Int) {
        self.events = events
        self.trials = trials
    }

    /// Both together.
    ///
    /// - Throws: `StatisticsError.countTooLarge`.
    public func adding(_ other: ArmCounts) throws(StatisticsError) -> ArmCounts {
        let sum = trials + other.trials
        guard sum <= largestCount else { throw .countTooLarge }
        return ArmCounts(exactly: events + other.events, of: sum)
    }
}

extension ArmCounts: Codable {
    private enum CodingKeys: String, CodingKey { case events, trials }

    /// Reads counts back.
    ///
    /// - Throws: `StatisticsError.impossibleCounts` or `countTooLarge`.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        try self.init(
            events: container.decode(Int.self, forKey: .events),
            trials: container.decode(Int.self, forKey: .trials)
        )
    }
}

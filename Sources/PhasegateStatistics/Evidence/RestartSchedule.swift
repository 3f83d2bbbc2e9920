/// Points fixed in advance at which part of the capital starts anew, so that a late regression is found soon.
///
/// A plain e-process that has watched a healthy candidate for long first has to
/// earn back what it lost. Half of the capital therefore waits, and an equal
/// part of it starts before each restart point (F4 of docs/statistics.md).
/// Finding a late change then costs ln(2 * count) of evidence, an early one ln 2.
public struct RestartSchedule: Hashable, Sendable {
    /// How many looks lie between two restarts.
    public let every: Int
    /// How many restarts there are; 0 for none.
    public let count: Int

    /// All capital from the beginning.
    public static let none = RestartSchedule()

    private init() {
        every = 1
        count = 0
    }

    /// Restarts after each `every` looks, at most `count` of them.
    ///
    /// - Parameters:
    ///   - every: looks between restarts, at least 1; 10 is customary.
    ///   - count: how many, at least 1: the looks planned for the step divided by `every`.
    /// - Throws: `StatisticsError.malformedSchedule`.
    public init(every: Int, count: Int) throws(StatisticsError) {
        guard (1...largestCount).contains(every), (1...1_000_000).contains(count) else { throw .malformedSchedule }
        self.every = every
        self.count = count
    }

    /// The share of the capital that is there from the beginning.
    var initialShare: Double { count == 0 ? 1 : 0.5 }

    /// The share that each restart adds.
    var shareOfRestart: Double { count == 0 ? 0 : 0.5 / Double(count) }
}

extension RestartSchedule: Codable {
    private enum CodingKeys: String, CodingKey { case every, count }

    /// Reads a schedule back.
    ///
    /// - Throws: `StatisticsError.malformedSchedule`.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let every = try container.decode(Int.self, forKey: .every)
        let count = try container.decode(Int.self, forKey: .count)
        self = try count == 0 && every == 1 ? .none : RestartSchedule(every: every, count: count)
    }
}

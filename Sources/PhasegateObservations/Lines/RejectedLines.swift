/// Lines of a source that could not be understood.
public struct RejectedLines: Hashable, Sendable {
    /// How many.
    public private(set) var count: Int
    /// What was wrong with the first of them, as a sentence part that repeats nothing of the line.
    public let firstReason: String
    /// Which line the first of them was, from 1, in what was read together.
    public let firstLine: Int

    /// Puts a count together.
    public init(count: Int = 1, firstReason: String, firstLine: Int = 1) {
        self.count = count
        self.firstReason = firstReason
        self.firstLine = firstLine
    }

    /// Counts more of them.
    public mutating func add(_ more: RejectedLines) { count += more.count }

    /// What is said of them to people.
    ///
    /// - Parameter understood: how many could be understood.
    /// - Returns: as `12 of 100 could not be understood, the first because it is not UTF-8`.
    func sentence(of understood: Int) -> String {
        "\(count) of \(count + understood) could not be understood, the first because \(firstReason)"
    }
}

extension RejectedLines? {
    /// Counts more of them; the reason of the first is kept.
    mutating func add(_ more: RejectedLines) {
        if self == nil { self = more } else { self?.add(more) }
    }
}

/// How far a log has been read, where a row may come to be seen after one with a larger key.
///
/// A key is given when a row is written, and the row is seen when its
/// transaction is committed. So what was read within the settling time is read
/// again, and what is known is left out.
struct SQLCursor: Sendable {
    /// How long after a row its elders may still come to be seen.
    private let settle: Duration
    /// The largest key that was read.
    private(set) var newest: Int64
    /// What the newest was, at moments within the settling time and the last one before.
    private var marks: [(at: Duration, newest: Int64)]
    /// Keys that were read, of those that are read again.
    private var known: Set<Int64> = []

    /// Begins behind a key.
    init(behind newest: Int64, settle: Duration, at now: Duration) {
        self.newest = newest
        self.settle = settle
        marks = [(now, newest)]
    }

    /// Where the next reading begins; every row up to it is known or lost.
    mutating func low(at now: Duration) -> Int64 {
        while marks.count > 1, now - marks[1].at >= settle { marks.removeFirst() }
        let low = marks[0].newest
        if !known.isEmpty { known = known.filter { $0 > low } }
        return low
    }

    /// Takes a row.
    ///
    /// - Returns: whether it was not read before.
    mutating func take(_ key: Int64) -> Bool {
        guard known.insert(key).inserted else { return false }
        newest = max(newest, key)
        return true
    }

    /// Notes that everything there was has been read.
    mutating func endReading(at now: Duration) {
        if settle == .zero { marks = [] }
        marks.append((now, newest))
    }
}

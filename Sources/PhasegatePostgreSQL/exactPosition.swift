/// A position in PostgreSQL's log, as `0/3008D88`.
struct LogPosition: Comparable, CustomStringConvertible, Sendable {
    let bytes: UInt64

    /// Reads one; nothing where it is none.
    init?(_ text: some StringProtocol) {
        let halves = text.split(separator: "/", omittingEmptySubsequences: false)
        guard halves.count == 2, let high = UInt32(halves[0], radix: 16), let low = UInt32(halves[1], radix: 16) else {
            return nil
        }
        bytes = UInt64(high) << 32 | UInt64(low)
    }

    /// As PostgreSQL writes it.
    var description: String {
        (String(bytes >> 32, radix: 16) + "/" + String(bytes & 0xffff_ffff, radix: 16)).uppercased()
    }

    static func < (one: LogPosition, other: LogPosition) -> Bool { one.bytes < other.bytes }
}

/// The commit of a transaction as the log has it.
struct LoggedCommit: Sendable {
    let position: LogPosition
    /// Without the epoch.
    let transaction: UInt32

    /// Reads a line of `pg_waldump`; nothing where it is about something else.
    ///
    /// - Parameter line: as `rmgr: Transaction len (rec/tot): 34/34, tx: 726, lsn: 0/03008D60, prev …, desc: COMMIT …`.
    init?(_ line: Substring) {
        let words = line.split { " ,:".contains($0) }
        guard let place = words.firstIndex(of: "lsn"), let description = words.firstIndex(of: "desc"),
            place + 1 < words.count, description + 1 < words.count, let position = LogPosition(words[place + 1])
        else { return nil }
        let number: Substring?
        switch words[description + 1] {
        case "COMMIT": number = words.firstIndex(of: "tx").flatMap { $0 + 1 < words.count ? words[$0 + 1] : nil }
        // The one that ends it is not the one that was prepared.
        case "COMMIT_PREPARED": number = description + 2 < words.count ? words[description + 2] : nil
        default: return nil
        }
        guard let number, let transaction = UInt32(number) else { return nil }
        self.position = position
        self.transaction = transaction
    }
}

/// Which transactions a snapshot sees, as far as they are committed.
struct SeenTransactions: Sendable {
    private let next: UInt64
    private let running: Set<UInt64>

    /// Reads `pg_current_snapshot()`; nothing where it is none.
    init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3, UInt64(parts[0]) != nil, let next = UInt64(parts[1]) else { return nil }
        self.next = next
        running = Set(parts[2].split(separator: ",").compactMap { UInt64($0) })
    }

    /// Whether a committed transaction, given without its epoch, is seen.
    func contains(_ transaction: UInt32) -> Bool {
        // The nearest number to `next` that ends with these bits.
        let distance = Int64(Int32(bitPattern: transaction &- UInt32(truncatingIfNeeded: next)))
        guard distance < 0 else { return false }
        return !running.contains(UInt64(Int64(next) + distance))
    }
}

/// The position in the log at which exactly those transactions are committed that a snapshot sees.
///
/// A transaction is seen by others only some time after its commit is in the
/// log: while that is written to the disk, or is waited for by a standby. So
/// the position lies before the first commit that the snapshot does not see.
/// Where a later one is seen nevertheless there is no such position.
///
/// - Parameters:
///   - seen: what the snapshot sees.
///   - commits: from before the snapshot to `end`, in the order of the log.
///   - end: the end of the log, read after the snapshot was taken.
/// - Returns: the position; nothing where the log and the snapshot do not have the same order.
func exactPosition(of seen: SeenTransactions, in commits: [LoggedCommit], before end: LogPosition) -> LogPosition? {
    var position = end
    for commit in commits where commit.position < end {
        if seen.contains(commit.transaction) {
            if position < end { return nil }
        } else if position == end {
            position = commit.position
        }
    }
    return position
}

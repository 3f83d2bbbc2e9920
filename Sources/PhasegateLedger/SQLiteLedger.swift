import FoundationEssentials
import GRDB
import Glibc
public import PhasegateCore
import PhasegateHashing

/// The ledger in a SQLite file: append-only, hash-chained, durable on return.
///
/// WAL with `synchronous = FULL`: every append is one transaction and one
/// fsync. Several processes may append; the chain is kept by reading its head
/// inside the transaction that appends.
public actor SQLiteLedger: SharedLedger {
    private let queue: DatabaseQueue
    private let path: String
    private let onPoint: @Sendable (LedgerPoint) -> Void
    private var lease: LedgerLease?
    private var cache: [RolloutName: RolloutState] = [:]

    /// Opens a ledger, making it when it is not there.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - creating: whether a missing file is made; otherwise it is an error.
    ///   - onPoint: hears of every append, before and after; for fault injection.
    /// - Throws: `LedgerError`.
    public init(path: String, creating: Bool = true, onPoint: @escaping @Sendable (LedgerPoint) -> Void = { _ in })
        throws
    {
        self.path = path
        self.onPoint = onPoint
        if !creating, !FileManager.default.fileExists(atPath: path) {
            throw LedgerError(.unreachable, "there is no ledger '\(path)'; phasegate check or run begins one")
        }
        var configuration = Configuration()
        configuration.busyMode = .timeout(10)
        configuration.prepareDatabase { database in
            // Not on every opening: it takes a lock, and a reader must not wait for a writer.
            if creating, try LedgerSchema.mayBePrepared(database),
                try String.fetchOne(database, sql: "PRAGMA journal_mode") != "wal"
            {
                try database.execute(sql: "PRAGMA journal_mode = WAL")
            }
            try database.execute(sql: "PRAGMA synchronous = FULL")
        }
        do {
            if creating {
                let directory = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(
                    separator: "/"
                )
                if !directory.isEmpty {
                    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
                }
            }
            queue = try DatabaseQueue(path: path, configuration: configuration)
            if creating {
                try queue.write { database in
                    guard try LedgerSchema.mayBePrepared(database) else {
                        throw LedgerError(
                            .unreachable,
                            "'\(path)' is another program's database, not a phasegate ledger"
                        )
                    }
                    if try !database.tableExists("heads") { try LedgerSchema.prepare(database) }
                }
            } else {
                let id = try queue.read { try Int.fetchOne($0, sql: "PRAGMA application_id") }
                guard id == LedgerSchema.applicationID else {
                    throw LedgerError(.unreachable, "'\(path)' is not a phasegate ledger")
                }
            }
        } catch let error as LedgerError {
            throw error
        } catch {
            throw LedgerError(.unreachable, "cannot open the ledger '\(path)': \(error)")
        }
    }

    /// Writes events in one transaction; see `Ledger`.
    @discardableResult
    public func append(
        _ events: [LedgerEvent],
        to rollout: RolloutName,
        by actor: String,
        at moment: Moment
    ) async throws -> RolloutState {
        guard !events.isEmpty else { return try await state(of: rollout) }
        let token = lease.flatMap { $0.rollout == rollout ? $0.token : nil }
        let known = cache[rollout]
        let onPoint = onPoint
        let state = try await reaching { [queue] in
            try await queue.write { database in
                try Self.checkFence(token, of: rollout, in: database)
                var state = try Self.state(of: rollout, knowing: known, in: database)
                try Self.checkHead(of: rollout, against: Self.lastEntry(of: rollout, in: database), in: database)
                let goal = state.sequence + events.count
                onPoint(.before(goal))
                for record in try state.seal(events, of: rollout, by: actor, at: moment) {
                    try record.insert(into: database)
                }
                try database.execute(
                    sql: "INSERT OR REPLACE INTO heads (rollout, sequence, hash) VALUES (?, ?, ?)",
                    arguments: [rollout.rawValue, state.sequence, state.head]
                )
                if StateSnapshot.isDue(at: state, after: events.count) {
                    try Self.keepSnapshot(of: state, rollout: rollout, in: database)
                }
                return state
            }
        }
        onPoint(.after(state.sequence))
        cache[rollout] = state
        return state
    }

    /// The fold of all entries: the last snapshot and what came after it.
    public func state(of rollout: RolloutName) async throws -> RolloutState {
        let known = cache[rollout]
        let state = try await reaching { [queue] in
            try await queue.read { try Self.state(of: rollout, knowing: known, in: $0) }
        }
        cache[rollout] = state
        return state
    }

    /// Entries after a sequence number, in order.
    public func entries(of rollout: RolloutName, after sequence: Int) async throws -> [LedgerEntry] {
        let records = try await reaching { [queue] in
            try await queue.read { try Self.records(of: rollout, after: sequence, in: $0) }
        }
        return try await EntryRecord.decoded(records)
    }

    /// One entry; nothing where there is none of that number.
    public func entry(_ sequence: Int, of rollout: RolloutName) async throws -> LedgerEntry? {
        try await reaching { [queue] in
            try await queue.read { database in
                try Row.fetchOne(
                    database.cachedStatement(sql: "SELECT * FROM entries WHERE rollout = ? AND sequence = ?"),
                    arguments: [rollout.rawValue, sequence]
                ).map { try EntryRecord($0).entry() }
            }
        }
    }

    /// The rollouts the ledger knows, by name.
    public func rollouts() async throws -> [RolloutName] {
        try await reaching { [queue] in
            try await queue.read { database in
                try String.fetchAll(database, sql: "SELECT DISTINCT rollout FROM entries ORDER BY rollout").map(
                    RolloutName.init(rawValue:)
                )
            }
        }
    }

    /// Takes the right to act on a rollout, until this process lets go or dies.
    ///
    /// - Parameters:
    ///   - rollout: the rollout.
    ///   - holder: who takes it, for messages to others.
    ///   - moment: now.
    /// - Throws: `LedgerError.leaseHeld` with the holder's name.
    public func takeLease(on rollout: RolloutName, holder: String, at moment: Moment) async throws {
        if lease?.rollout == rollout { return }
        guard let file = try LedgerLease.lock("\(path).lease-\(rollout)") else {
            let other = try? await queue.read { database in
                try String.fetchOne(
                    database,
                    sql: "SELECT holder || ' since ' || since FROM leases WHERE rollout = ?",
                    arguments: [rollout.rawValue]
                )
            }
            throw LedgerError(.leaseHeld, "another controller acts on '\(rollout)': \(other ?? "unknown")")
        }
        let token: Int64
        do {
            token = try await reaching { [queue] in
                try await queue.write { database in
                    try database.execute(
                        sql: """
                            INSERT INTO leases (rollout, token, holder, since) VALUES (?, 1, ?, ?)
                            ON CONFLICT (rollout) DO UPDATE
                                SET token = token + 1, holder = excluded.holder, since = excluded.since
                            """,
                        arguments: [rollout.rawValue, holder, moment.description]
                    )
                    return try Int64.fetchOne(
                        database,
                        sql: "SELECT token FROM leases WHERE rollout = ?",
                        arguments: [rollout.rawValue]
                    ) ?? 0
                }
            }
        } catch {
            // The right was not taken: others must not be kept out by the lock.
            Glibc.close(file)
            throw error
        }
        lease = LedgerLease(rollout: rollout, token: token, file: file)
    }

    /// Lets the right go and keeps a snapshot, so that the next reader has nothing to fold.
    public func releaseLease() async {
        guard let lease else { return }
        self.lease = nil
        if let state = cache[lease.rollout] {
            try? await queue.write { try Self.keepSnapshot(of: state, rollout: lease.rollout, in: $0) }
        }
    }

    /// Follows the chain from the first entry to the last.
    ///
    /// - Parameter rollout: whose chain.
    /// - Returns: how many entries it has and the hash of the last.
    /// - Throws: `LedgerError.brokenChain` with the first entry that does not fit.
    public func verify(_ rollout: RolloutName) async throws -> (entries: Int, head: String) {
        try await reaching { [queue] in
            try await queue.read { database in
                var walk = ChainWalk(rollout)
                let cursor = try Row.fetchCursor(
                    database,
                    sql: "SELECT * FROM entries WHERE rollout = ? ORDER BY sequence",
                    arguments: [rollout.rawValue]
                )
                while let row = try cursor.next() { try walk.follow(EntryRecord(row)) }
                try Self.checkHead(of: rollout, against: walk.end, in: database)
                try Self.checkSnapshot(of: rollout, against: walk.end, in: database)
                return (walk.end.sequence, walk.end.hash)
            }
        }
    }

    /// Makes sure of the right to act; see `Ledger`.
    public func confirmLease(on rollout: RolloutName) async throws {
        guard let lease, lease.rollout == rollout else { return }
        try await reaching { [queue, token = lease.token] in
            try await queue.read { try Self.checkFence(token, of: rollout, in: $0) }
        }
    }

    /// Changes when somebody else has written; cheap to ask.
    public func changeMark() async throws -> Int64 {
        try await reaching { [queue] in
            try await queue.read { try Int64.fetchOne($0, sql: "PRAGMA data_version") ?? 0 }
        }
    }

    // MARK: Inside a transaction

    private static func state(
        of rollout: RolloutName,
        knowing known: RolloutState?,
        in database: Database
    ) throws -> RolloutState {
        var state = try known ?? snapshot(of: rollout, in: database) ?? RolloutState()
        for record in try records(of: rollout, after: state.sequence, in: database) { state.apply(try record.entry()) }
        return state
    }

    private static func snapshot(of rollout: RolloutName, in database: Database) throws -> RolloutState? {
        let text = try String.fetchOne(
            database,
            sql: "SELECT state FROM snapshots WHERE rollout = ?",
            arguments: [rollout.rawValue]
        )
        return text.flatMap(StateSnapshot.state)
    }

    private static func keepSnapshot(of state: RolloutState, rollout: RolloutName, in database: Database) throws {
        try database.execute(
            sql: "INSERT OR REPLACE INTO snapshots (rollout, sequence, hash, state) VALUES (?, ?, ?, ?)",
            arguments: [rollout.rawValue, state.sequence, state.head, try StateSnapshot.text(of: state)]
        )
    }

    /// The last entry as the file has it, whatever this process remembers.
    private static func lastEntry(of rollout: RolloutName, in database: Database) throws -> ChainEnd {
        guard
            let row = try Row.fetchOne(
                database,
                sql: "SELECT sequence, hash FROM entries WHERE rollout = ? ORDER BY sequence DESC LIMIT 1",
                arguments: [rollout.rawValue]
            )
        else { return ChainEnd() }
        return ChainEnd(sequence: try row.decode(forColumn: "sequence"), hash: try row.decode(forColumn: "hash"))
    }

    /// The last entry there is has to be the last that was written.
    private static func checkHead(
        of rollout: RolloutName,
        against last: ChainEnd,
        in database: Database
    ) throws {
        // Ledgers that were begun before heads were kept have none until the next append.
        guard try database.tableExists("heads"),
            let head = try mark(in: "heads", of: rollout, in: database)
        else { return }
        try head.demandHead(is: last, of: rollout)
    }

    /// Sequence and hash that a table keeps of a rollout.
    private static func mark(in table: String, of rollout: RolloutName, in database: Database) throws -> ChainEnd? {
        try Row.fetchOne(
            database,
            sql: "SELECT sequence, hash FROM \(table) WHERE rollout = ?",
            arguments: [rollout.rawValue]
        ).map { ChainEnd(sequence: try $0.decode(forColumn: "sequence"), hash: try $0.decode(forColumn: "hash")) }
    }

    private static func checkSnapshot(
        of rollout: RolloutName,
        against last: ChainEnd,
        in database: Database
    ) throws {
        guard let mark = try mark(in: "snapshots", of: rollout, in: database) else { return }
        try mark.demandNotBehind(last, of: rollout)
        let hash = try String.fetchOne(
            database,
            sql: "SELECT hash FROM entries WHERE rollout = ? AND sequence = ?",
            arguments: [rollout.rawValue, mark.sequence]
        )
        try mark.demandSnapshot(is: hash, of: rollout)
    }

    private static func records(
        of rollout: RolloutName,
        after sequence: Int,
        in database: Database
    ) throws -> [EntryRecord] {
        try Row.fetchAll(
            database.cachedStatement(sql: "SELECT * FROM entries WHERE rollout = ? AND sequence > ? ORDER BY sequence"),
            arguments: [rollout.rawValue, sequence]
        ).map { try EntryRecord($0) }
    }

    private static func checkFence(_ token: Int64?, of rollout: RolloutName, in database: Database) throws {
        guard let token else { return }
        let current = try Int64.fetchOne(
            database,
            sql: "SELECT token FROM leases WHERE rollout = ?",
            arguments: [rollout.rawValue]
        )
        guard current == token else {
            throw LedgerError(
                .fencedOff,
                "the lease on '\(rollout)' went to another controller (token \(current ?? 0), ours is \(token))"
            )
        }
    }

    private func reaching<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as LedgerError {
            throw error
        } catch {
            throw LedgerError(.unreachable, "the ledger '\(path)' cannot be used: \(error)")
        }
    }
}

import Glibc
public import PhasegateCore
public import PhasegateLedger
import PhasegateProbes

/// The ledger in a PostgreSQL database: append-only, hash-chained, durable on return, shared by several machines.
///
/// Every append is one transaction: it renews its lease under the lock of the
/// lease's row, locks the rollout's head, compares it, and writes. Two appends
/// to one rollout come one after the other, and none of a holder whose lease
/// was taken over comes at all. Nothing waits for ever: locks, statements and
/// silent transactions have limits on the server, and the connection has one
/// here.
public actor PostgreSQLLedger: SharedLedger {
    private let location: PostgreSQLLedgerLocation
    private let limits: LedgerLimits
    private let onPoint: @Sendable (LedgerPoint) -> Void
    private let executor = BlockingExecutor(label: "phasegate.ledger")
    private var connection: LedgerConnection?
    private var ghost: LedgerConnection.Backend?
    private var lease: (keeper: LeaseKeeper, token: Int64)?
    private var contender: LeaseKeeper?
    private var cache: [RolloutName: RolloutState] = [:]
    /// Entries of our own, which are no news to us.
    private var written: Int64 = 0

    /// Runs on the ledger's queue.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Opens a ledger, making it when it is not there.
    ///
    /// - Parameters:
    ///   - location: where it is.
    ///   - creating: whether a missing ledger is made; otherwise it is an error.
    ///   - onPoint: hears of every append, before and after; for fault injection.
    /// - Throws: `LedgerError`.
    public init(
        _ location: PostgreSQLLedgerLocation,
        creating: Bool = true,
        onPoint: @escaping @Sendable (LedgerPoint) -> Void = { _ in }
    ) async throws {
        self.location = location
        self.onPoint = onPoint
        limits = LedgerLimits(lease: location.lease)
        try begin(creating)
    }

    private func begin(_ creating: Bool) throws {
        do {
            let fresh = try LedgerConnection(location.address, limits)
            try PostgreSQLLedgerSchema.prepare(fresh, at: location, creating: creating)
            connection = fresh
        } catch let error as SessionError {
            throw error.ofLedger(at: location, limits)
        }
    }

    // MARK: Writing

    /// Writes events in one transaction; see `Ledger`.
    ///
    /// - Throws: `LedgerError`: `inDoubt` when the connection was lost while the server was committing and no other could
    ///   be had to look. When another could be had, the ledger itself has said whether the entries are there, and they
    ///   were written again if not.
    @discardableResult
    public func append(
        _ events: [LedgerEvent],
        to rollout: RolloutName,
        by actor: String,
        at moment: Moment
    ) async throws -> RolloutState {
        guard !events.isEmpty else { return try await state(of: rollout) }
        guard !(rollout.rawValue + actor).utf8.contains(0) else {
            throw LedgerError(.unreachable, "a ledger on PostgreSQL takes no names with a NUL in them")
        }
        let token = lease.flatMap { $0.keeper.rollout == rollout ? $0.token : nil }
        var isSecond = false
        while true {
            var goal: RolloutState?
            do {
                let state = try reaching { connection in
                    goal = nil
                    return try connection.transaction {
                        var state = try begin(rollout, token, on: connection)
                        onPoint(.before(state.sequence + events.count))
                        let records = try state.seal(events, of: rollout, by: actor, at: moment)
                        try write(records, on: connection)
                        if StateSnapshot.isDue(at: state, after: events.count) {
                            try keepSnapshot(of: state, rollout, on: connection)
                        }
                        goal = state
                        onPoint(.committing(state.sequence))
                        return state
                    }
                }
                return appended(state, events.count, to: rollout)
            } catch let doubt as LedgerConnection.CommitInDoubt {
                guard let goal else { throw doubt.cause.ofLedger(at: location, limits) }
                if try isThere(goal, of: rollout, after: doubt) { return appended(goal, events.count, to: rollout) }
                // Nothing was written and nothing will be. Once more, with the fence and the head as they are now.
                guard !isSecond else { throw doubt.cause.ofLedger(at: location, limits) }
                isSecond = true
            }
        }
    }

    private func appended(_ state: RolloutState, _ count: Int, to rollout: RolloutName) -> RolloutState {
        written += Int64(count)
        onPoint(.after(state.sequence))
        cache[rollout] = state
        return state
    }

    /// Locks what has to be locked and returns the state to write after.
    private func begin(_ rollout: RolloutName, _ token: Int64?, on connection: LedgerConnection) throws -> RolloutState
    {
        if let token { try renew(token, of: rollout, on: connection) }
        let name = SQLValue.text(rollout.rawValue)
        let lock = "SELECT sequence, hash FROM phasegate.heads WHERE rollout = $1 FOR UPDATE"
        var row = try connection.rows(lock, [name]).first
        if row == nil {
            _ = try connection.rows(
                "INSERT INTO phasegate.heads (rollout, sequence, hash) VALUES ($1, 0, '') ON CONFLICT DO NOTHING",
                [name]
            )
            row = try connection.rows(lock, [name]).first
        }
        let head = ChainEnd(row)
        let last = ChainEnd(
            try connection.rows(
                "SELECT sequence, hash FROM phasegate.entries WHERE rollout = $1 ORDER BY sequence DESC LIMIT 1",
                [name]
            ).first
        )
        try head.demandHead(is: last, of: rollout)
        let state = try fold(rollout, on: connection)
        try ChainEnd(of: state).demandHead(is: head, of: rollout)
        return state
    }

    /// Moves the lease's end on and keeps its row locked: until this transaction ends nobody can take the right.
    private func renew(_ token: Int64, of rollout: RolloutName, on connection: LedgerConnection) throws {
        let renewed = try connection.rows(
            """
            UPDATE phasegate.leases SET renewed = clock_timestamp(),
                expires = clock_timestamp() + make_interval(secs => $3) WHERE rollout = $1 AND token = $2
            RETURNING token
            """,
            [.text(rollout.rawValue), .integer(token), .real(Double(limits.lease.milliseconds) / 1000)]
        )
        guard renewed.isEmpty else { return }
        let other = try connection.rows(
            "SELECT token, holder FROM phasegate.leases WHERE rollout = $1",
            [.text(rollout.rawValue)]
        ).first
        throw LedgerError(
            .fencedOff,
            "the lease on '\(rollout)' went to another controller: \(other?[1].text ?? "unknown") (token \(other?[0].integer ?? 0), ours is \(token))"
        )
    }

    private func write(_ records: [EntryRecord], on connection: LedgerConnection) throws {
        // One statement takes at most 65535 values.
        for start in stride(from: 0, to: records.count, by: 1000) {
            let part = records[start..<min(start + 1000, records.count)]
            let places = part.indices.map { index in
                "(" + (1...6).map { "$\((index - start) * 6 + $0)" }.joined(separator: ", ") + ")"
            }
            _ = try connection.rows(
                "INSERT INTO phasegate.entries (rollout, sequence, at, actor, event, hash) VALUES "
                    + places.joined(separator: ", "),
                part.flatMap { record in
                    [
                        .text(record.rollout), .integer(Int64(record.sequence)), .text(record.at), .text(record.actor),
                        .text(record.event), .text(record.hash),
                    ] as [SQLValue]
                }
            )
        }
        guard let last = records.last else { return }
        _ = try connection.rows(
            "UPDATE phasegate.heads SET sequence = $2, hash = $3 WHERE rollout = $1",
            [.text(last.rollout), .integer(Int64(last.sequence)), .text(last.hash)]
        )
    }

    private func keepSnapshot(of state: RolloutState, _ rollout: RolloutName, on connection: LedgerConnection) throws {
        _ = try connection.rows(
            """
            INSERT INTO phasegate.snapshots (rollout, sequence, hash, state) VALUES ($1, $2, $3, $4)
            ON CONFLICT (rollout) DO UPDATE
                SET sequence = excluded.sequence, hash = excluded.hash, state = excluded.state
            """,
            [
                .text(rollout.rawValue), .integer(Int64(state.sequence)), .text(state.head),
                .text(try StateSnapshot.text(of: state)),
            ]
        )
    }

    /// Looks whether an append that was being committed is kept.
    ///
    /// Behind the head's lock, and with the session ended that may still commit: what is not there then never will be.
    private func isThere(_ goal: RolloutState, of rollout: RolloutName, after doubt: LedgerConnection.CommitInDoubt)
        throws -> Bool
    {
        let values: [SQLValue] = [.text(rollout.rawValue), .integer(Int64(goal.sequence))]
        do {
            return try reaching { connection in
                try connection.look {
                    _ = try connection.rows(
                        "SELECT 1 FROM phasegate.heads WHERE rollout = $1 FOR UPDATE",
                        [.text(rollout.rawValue)]
                    )
                    return try connection.rows(
                        "SELECT hash FROM phasegate.entries WHERE rollout = $1 AND sequence = $2",
                        values
                    ).first?.first?.text == goal.head
                }
            }
        } catch {
            cache[rollout] = nil
            throw LedgerError(
                .inDoubt,
                "the connection to the ledger '\(location)' was lost while entry \(goal.sequence) of '\(rollout)' was being"
                    + " committed, and it could not be looked up since; start again once the server answers: \(doubt.cause)"
            )
        }
    }

    // MARK: Reading

    /// The fold of all entries: the last snapshot and what came after it.
    public func state(of rollout: RolloutName) async throws -> RolloutState {
        let state = try reaching { try fold(rollout, on: $0) }
        cache[rollout] = state
        return state
    }

    /// Entries after a sequence number, in order.
    public func entries(of rollout: RolloutName, after sequence: Int) async throws -> [LedgerEntry] {
        let records = try reaching { connection in
            var records: [EntryRecord] = []
            try connection.look(Self.reading) {
                try connection.run("SET LOCAL statement_timeout = \(limits.reading.milliseconds)")
                try connection.each(
                    Self.select + "rollout = $1 AND sequence > $2 ORDER BY sequence",
                    [.text(rollout.rawValue), .integer(Int64(sequence))],
                    within: limits.reading
                ) { records.append(try EntryRecord($0)) }
            }
            return records
        }
        return try await EntryRecord.decoded(records)
    }

    /// One entry.
    public func entry(_ sequence: Int, of rollout: RolloutName) async throws -> LedgerEntry? {
        try reaching { connection in
            try connection.rows(
                Self.select + "rollout = $1 AND sequence = $2",
                [.text(rollout.rawValue), .integer(Int64(sequence))]
            ).first.map { try EntryRecord($0).entry() }
        }
    }

    /// The rollouts the ledger knows, by name.
    public func rollouts() async throws -> [RolloutName] {
        try reaching { connection in
            try connection.rows("SELECT DISTINCT rollout FROM phasegate.entries ORDER BY rollout").compactMap {
                $0.first?.text.map(RolloutName.init(rawValue:))
            }
        }
    }

    /// Follows the chain from the first entry to the last, as it is at one instant.
    ///
    /// - Parameter rollout: whose chain.
    /// - Returns: how many entries it has and the hash of the last.
    /// - Throws: `LedgerError.brokenChain` with the first entry that does not fit.
    public func verify(_ rollout: RolloutName) async throws -> (entries: Int, head: String) {
        let name = SQLValue.text(rollout.rawValue)
        return try reaching { connection in
            try connection.look(Self.reading) {
                try connection.run("SET LOCAL statement_timeout = \(limits.reading.milliseconds)")
                var walk = ChainWalk(rollout)
                try connection.each(
                    Self.select + "rollout = $1 ORDER BY sequence",
                    [name],
                    within: limits.reading
                ) { try walk.follow(EntryRecord($0)) }
                let end = walk.end
                let head = try connection.rows("SELECT sequence, hash FROM phasegate.heads WHERE rollout = $1", [name])
                try ChainEnd(head.first).demandHead(is: end, of: rollout)
                let snapshot = try connection.rows(
                    """
                    SELECT s.sequence, s.hash, e.hash FROM phasegate.snapshots s
                    LEFT JOIN phasegate.entries e ON e.rollout = s.rollout AND e.sequence = s.sequence
                    WHERE s.rollout = $1
                    """,
                    [name]
                ).first
                if let snapshot {
                    let mark = ChainEnd(snapshot)
                    try mark.demandNotBehind(end, of: rollout)
                    try mark.demandSnapshot(is: snapshot[2].text, of: rollout)
                }
                return (end.sequence, end.hash)
            }
        }
    }

    /// Changes when somebody else has written; one short question to the server.
    public func changeMark() async throws -> Int64 {
        let all = try reaching { connection in
            try connection.rows("SELECT coalesce(sum(sequence), 0)::bigint FROM phasegate.heads").first?.first?.integer
        }
        return (all ?? 0) - written
    }

    // MARK: The right to act

    /// Takes the right to act on a rollout, until it is let go, this process dies, or nobody has heard of it for the
    /// lease time.
    ///
    /// - Parameters:
    ///   - rollout: the rollout.
    ///   - holder: who takes it, for messages to others.
    ///   - moment: now.
    /// - Throws: `LedgerError.leaseHeld` with the holder's name.
    public func takeLease(on rollout: RolloutName, holder: String, at moment: Moment) async throws {
        if lease?.keeper.rollout == rollout { return }
        guard !(rollout.rawValue + holder).utf8.contains(0) else {
            throw LedgerError(.unreachable, "a ledger on PostgreSQL takes no names with a NUL in them")
        }
        let keeper =
            contender?.rollout == rollout ? contender : LeaseKeeper(rollout, at: location, limits)
        guard let keeper else { return }
        // Kept for the next time: whoever waits for the right asks often.
        contender = keeper
        let token = try await keeper.take(holder, at: moment)
        contender = nil
        await lease?.keeper.release()
        lease = (keeper, token)
    }

    /// Lets the right go and keeps a snapshot, so that the next reader has nothing to fold.
    public func releaseLease() async {
        guard let (keeper, _) = lease else { return }
        lease = nil
        if let state = cache[keeper.rollout] {
            _ = try? reaching { connection in
                try connection.look { try keepSnapshot(of: state, keeper.rollout, on: connection) }
            }
        }
        await keeper.release()
    }

    /// Makes sure of the right to act, and of the whole lease time from now on; see `Ledger`.
    public func confirmLease(on rollout: RolloutName) async throws {
        guard let lease, lease.keeper.rollout == rollout else { return }
        try reaching { try renew(lease.token, of: rollout, on: $0) }
    }

    // MARK: On the connection

    private static let reading = "REPEATABLE READ READ ONLY"
    private static let select = "SELECT rollout, sequence, at, actor, event, hash FROM phasegate.entries WHERE "

    /// Folds what came after the state that is known, which has to be a part of the chain still.
    private func fold(_ rollout: RolloutName, on connection: LedgerConnection) throws -> RolloutState {
        var state = try cache[rollout] ?? snapshot(of: rollout, on: connection) ?? RolloutState()
        let rows = try connection.rows(
            Self.select + "rollout = $1 AND sequence >= $2 ORDER BY sequence",
            [.text(rollout.rawValue), .integer(Int64(state.sequence))]
        )
        var records = try rows.map { try EntryRecord($0) }[...]
        if state.sequence > 0 {
            guard let known = records.popFirst(), known.sequence == state.sequence, known.hash == state.head else {
                throw LedgerError(
                    .brokenChain,
                    "entry \(state.sequence) of '\(rollout)' is not the one that was there: was a backup restored, or a standby"
                        + " made primary that lacked the last entries?"
                )
            }
        }
        for record in records { state.apply(try record.entry()) }
        return state
    }

    private func snapshot(of rollout: RolloutName, on connection: LedgerConnection) throws -> RolloutState? {
        try connection.rows("SELECT state FROM phasegate.snapshots WHERE rollout = $1", [.text(rollout.rawValue)])
            .first?.first?.text.flatMap(StateSnapshot.state)
    }

    /// Does something on a connection; when it is lost, another one is sought for a while and it is done again.
    ///
    /// What is done must not have taken effect when its connection is lost: reading, or a transaction.
    private func reaching<Value>(_ body: (LedgerConnection) throws -> Value) throws -> Value {
        var end = ContinuousClock.now + limits.statement
        var isFirst = true
        while true {
            do {
                return try body(connected(until: end))
            } catch let error as SessionError {
                let isLost = !(connection?.isOpen ?? false) || error.code == .unreachable || error.code == .closed
                guard isLost else { throw error.ofLedger(at: location, limits) }
                drop()
                // Once in any case: whoever was frozen has no time left, and may ask again all the same.
                guard isFirst || (error.code != .timedOut && ContinuousClock.now < end) else {
                    throw error.ofLedger(at: location, limits)
                }
                isFirst = false
                end = max(end, .now + limits.idle)
                usleep(20_000)
            }
        }
    }

    private func connected(until end: ContinuousClock.Instant) throws -> LedgerConnection {
        if let connection, connection.isOpen { return connection }
        drop()
        while true {
            do throws(SessionError) {
                let fresh = try LedgerConnection(location.address, limits)
                // Its transaction, if the server still keeps one open, would lock us out, or commit behind our back.
                try fresh.end(ghost)
                ghost = nil
                connection = fresh
                return fresh
            } catch {
                guard error.code == .unreachable, ContinuousClock.now < end else {
                    throw error.ofLedger(at: location, limits)
                }
                usleep(100_000)
            }
        }
    }

    private func drop() {
        if let connection { ghost = connection.backend }
        connection?.close()
        connection = nil
    }
}

extension ChainEnd {
    /// Number and hash out of a row; the end of a chain without entries where there is none.
    fileprivate init(_ row: [SQLValue]?) {
        self.init()
        guard let row, row.count >= 2, let sequence = row[0].integer, let hash = row[1].text else { return }
        self.init(sequence: Int(sequence), hash: hash)
    }
}

extension EntryRecord {
    /// Reads a row.
    ///
    /// - Throws: `LedgerError.unreadableEntry`.
    fileprivate init(_ row: [SQLValue]) throws(LedgerError) {
        guard row.count == 6, let rollout = row[0].text, let sequence = row[1].integer, let at = row[2].text,
            let actor = row[3].text, let event = row[4].text, let hash = row[5].text
        else { throw LedgerError(.unreadableEntry, "an entry has values that phasegate does not write") }
        self.init(rollout: rollout, sequence: Int(sequence), at: at, actor: actor, event: event, hash: hash)
    }
}

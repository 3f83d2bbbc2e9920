import PhasegateCore
import PhasegateHashing
import PhasegateProbes

/// Takes, renews and lets go the right to act on a rollout, on a connection of its own.
///
/// The right is the row with the highest token: every append compares it under
/// the row's lock. That its holder lives is told by two signs. An advisory lock
/// on rollout and token belongs to the session and goes with it, so that a
/// holder whose process dies is followed at once. The row's end, by the server's
/// clock, is moved on by a heartbeat, so that a holder whose machine or network
/// vanished is followed when it has passed.
actor LeaseKeeper {
    /// The rollout.
    nonisolated let rollout: RolloutName
    private let location: PostgreSQLLedgerLocation
    private let limits: LedgerLimits
    private let executor = BlockingExecutor(label: "phasegate.lease")
    private var connection: LedgerConnection?
    private var ghost: LedgerConnection.Backend?
    private var token: Int64?
    private var hasLock = false
    private var beating: Task<Void, Never>?

    /// Runs on the lease's queue: nothing else may keep a heartbeat waiting.
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(_ rollout: RolloutName, at location: PostgreSQLLedgerLocation, _ limits: LedgerLimits) {
        self.rollout = rollout
        self.location = location
        self.limits = limits
    }

    deinit { beating?.cancel() }

    /// Takes the right and begins to renew it.
    ///
    /// - Parameters:
    ///   - holder: who takes it.
    ///   - moment: now, for people.
    /// - Returns: the token.
    /// - Throws: `LedgerError`; the connection stays, so that it is cheap to ask again.
    func take(_ holder: String, at moment: Moment) throws -> Int64 {
        if let token { return token }
        var attempt = 0
        while true {
            attempt += 1
            do {
                return try takeOnce(holder, at: moment)
            } catch let error as LedgerError {
                throw error
            } catch let error as SessionError {
                drop()
                // A connection that was kept from the last time may have been lost since.
                if attempt == 1, error.code == .unreachable || error.code == .closed { continue }
                throw error.ofLedger(at: location, limits)
            } catch let doubt as LedgerConnection.CommitInDoubt {
                // If it was committed the right is held by nobody: the lock that says otherwise goes with the connection.
                drop()
                throw doubt.cause.ofLedger(at: location, limits)
            }
        }
    }

    /// Lets the right go: others need not wait for anything.
    func release() {
        beating?.cancel()
        beating = nil
        if let token, let connection {
            _ = try? connection.rows(
                "UPDATE phasegate.leases SET expires = '-infinity' WHERE rollout = $1 AND token = $2",
                [.text(rollout.rawValue), .integer(token)]
            )
        }
        token = nil
        hasLock = false
        connection?.close()
        connection = nil
    }

    // MARK: Taking

    private func takeOnce(_ holder: String, at moment: Moment) throws -> Int64 {
        let connection = try connected()
        let name = SQLValue.text(rollout.rawValue)
        // Whoever waits asks often: as long as the right is held that locks nothing and writes nothing.
        _ = try demandFree(connection, "")
        let token = try connection.transaction {
            _ = try connection.rows(
                """
                INSERT INTO phasegate.leases (rollout, token, holder, since, renewed, expires)
                VALUES ($1, 0, '', '', '-infinity', '-infinity') ON CONFLICT DO NOTHING
                """,
                [name]
            )
            let next = try lockNext(after: try demandFree(connection, "FOR UPDATE"), connection)
            _ = try connection.rows(
                """
                UPDATE phasegate.leases SET token = $2, holder = $3, since = $4, renewed = clock_timestamp(),
                    expires = clock_timestamp() + make_interval(secs => $5) WHERE rollout = $1
                """,
                [name, .integer(next), .text(holder), .text(moment.description), seconds]
            )
            return next
        }
        self.token = token
        hasLock = true
        beat()
        return token
    }

    /// Demands that nobody has the right who lives and is heard of.
    ///
    /// - Returns: the last token; 0 where there was none.
    private func demandFree(_ connection: LedgerConnection, _ mode: String) throws -> Int64 {
        let row = try connection.rows(
            """
            SELECT token, holder, since, (expires > clock_timestamp())::int, (renewed < pg_postmaster_start_time())::int
            FROM phasegate.leases WHERE rollout = $1 \(mode)
            """,
            [.text(rollout.rawValue)]
        ).first
        guard let row, row.count == 5, let last = row[0].integer else { return 0 }
        guard row[3].integer == 1 else { return last }
        // A restart of the server has freed all locks, those of the living too: then the lease time is waited for.
        let isHeld = row[4].integer == 1 ? true : try isLocked(last, connection)
        guard isHeld else { return last }
        throw LedgerError(
            .leaseHeld,
            "another controller acts on '\(rollout)': \(row[1].text ?? "") since \(row[2].text ?? "")"
        )
    }

    /// Whether the session that took a token is there.
    private func isLocked(_ token: Int64, _ connection: LedgerConnection) throws(SessionError) -> Bool {
        try connection.rows("SELECT pg_try_advisory_xact_lock($1::int, $2::int)::int", key(token)).first?.first?.integer
            == 0
    }

    /// Locks the next token; one that somebody else's program has by chance is passed over.
    private func lockNext(after last: Int64, _ connection: LedgerConnection) throws(SessionError) -> Int64 {
        for token in (last + 1)...(last + 16) where try lock(token, connection) { return token }
        throw SessionError(.locked, "another program uses the same advisory locks")
    }

    private func lock(_ token: Int64, _ connection: LedgerConnection) throws(SessionError) -> Bool {
        try connection.rows("SELECT pg_try_advisory_lock($1::int, $2::int)::int", key(token)).first?.first?.integer == 1
    }

    /// Rollout and token as the two numbers of an advisory lock.
    private func key(_ token: Int64) -> [SQLValue] {
        let digest = sha256(of: "phasegate lease \(rollout)")
        let number = UInt32(digest.prefix(8), radix: 16) ?? 0
        return [.integer(Int64(Int32(bitPattern: number))), .integer(Int64(Int32(truncatingIfNeeded: token)))]
    }

    private var seconds: SQLValue { .real(Double(limits.lease.milliseconds) / 1000) }

    // MARK: Renewing

    private func beat() {
        beating?.cancel()
        let beat = limits.beat
        beating = Task { [weak self] in
            var pause = beat
            while (try? await Task.sleep(for: pause)) != nil {
                guard let isSound = await self?.renew() else { return }
                // A connection that was lost is sought anew at once, not a third of the lease later.
                pause = isSound ? beat : min(beat, .milliseconds(250))
            }
        }
    }

    /// Moves the lease's end on.
    ///
    /// - Returns: whether that worked; nothing when there is no right any more to renew.
    private func renew() -> Bool? {
        guard let token else { return nil }
        do throws(SessionError) {
            let connection = try connected()
            let rows = try connection.rows(
                """
                UPDATE phasegate.leases SET renewed = clock_timestamp(),
                    expires = clock_timestamp() + make_interval(secs => $3) WHERE rollout = $1 AND token = $2
                RETURNING token
                """,
                [.text(rollout.rawValue), .integer(token), seconds]
            )
            guard !rows.isEmpty else {
                // Somebody else has it. The next append says so; the lock of an old token tells nobody anything.
                self.token = nil
                drop()
                return nil
            }
            if !hasLock { hasLock = try lock(token, connection) }
            return true
        } catch {
            // A row that somebody keeps locked is no reason to give up the sign that we live.
            let isLost = error.code == .unreachable || error.code == .closed || connection?.isOpen != true
            if isLost { drop() }
            return false
        }
    }

    private func connected() throws(SessionError) -> LedgerConnection {
        if let connection, connection.isOpen { return connection }
        drop()
        let fresh = try LedgerConnection(location.address, limits)
        // It may still have the advisory lock, and would tell others that we live after we are dead.
        try fresh.end(ghost)
        ghost = nil
        connection = fresh
        return fresh
    }

    private func drop() {
        hasLock = false
        if let connection { ghost = connection.backend }
        connection?.close()
        connection = nil
    }
}

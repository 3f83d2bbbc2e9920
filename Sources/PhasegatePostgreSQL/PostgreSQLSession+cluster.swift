import PhasegateProbes

/// What has to be known of a server before its files are copied.
struct ClusterFacts: Sendable {
    let role: String
    let major: Int
    let preparedTransactions: Int64
    /// Bytes of all databases that the role may enter.
    let bytes: Int64
}

extension PostgreSQLSession {
    /// Looks whether a base backup can be taken at all.
    ///
    /// - Throws: `SessionError` that says what is missing and who can help.
    func factsForBaseBackup(within limit: Duration) throws(SessionError) -> ClusterFacts {
        let row = try rows(
            SQLQuery(
                literal: """
                    SELECT session_user::text, \
                    (SELECT rolreplication OR rolsuper FROM pg_roles WHERE rolname = session_user), \
                    current_setting('wal_level'), current_setting('max_wal_senders')::bigint, pg_is_in_recovery(), \
                    (SELECT string_agg(spcname::text, ', ' ORDER BY spcname) FROM pg_tablespace \
                    WHERE pg_tablespace_location(oid) <> ''), current_setting('max_prepared_transactions')::bigint, \
                    (SELECT coalesce(sum(pg_database_size(oid)), 0)::bigint FROM pg_database \
                    WHERE datallowconn AND has_database_privilege(oid, 'CONNECT'))
                    """
            ),
            within: limit
        ).first
        guard let values = row?.values, values.count == 8, let role = values[0].text else {
            throw SessionError(.failed, "'\(address)' does not say how it is set up")
        }
        guard values[1] == .integer(1) else {
            throw SessionError(
                .notPermitted,
                "a base backup needs the right to replicate, which '\(role)' does not have; a superuser has to run "
                    + "ALTER ROLE \(dialect.quoted(role)) REPLICATION"
            )
        }
        let level = values[2].text ?? ""
        guard level != "minimal", let senders = values[3].integer, senders > 1 else {
            throw SessionError(
                .unsupported,
                "a base backup needs wal_level = replica and at least two max_wal_senders; the server has wal_level = "
                    + "\(level) and \(values[3].integer ?? 0), and takes other ones when it is started anew"
            )
        }
        guard values[4] == .integer(0) else {
            throw SessionError(
                .unsupported,
                "'\(address)' is a standby: name the primary as the target of base backups"
            )
        }
        if let spaces = values[5].text {
            throw SessionError(
                .unsupported,
                "the tablespaces \(spaces) lie outside of the data directory, and restored they would lie over the "
                    + "originals; take a dump, as by format: custom"
            )
        }
        return ClusterFacts(
            role: role,
            major: Int(serverVersion) / 10_000,
            preparedTransactions: values[6].integer ?? 0,
            bytes: values[7].integer ?? 0
        )
    }

    /// Begins a transaction that sees one snapshot.
    ///
    /// - Returns: the snapshot's transactions, and a position in the log right after it was taken.
    func beginPlacedSnapshot(within limit: Duration) throws(SessionError) -> (snapshot: String, position: LogPosition) {
        let end = ContinuousClock.now + limit
        try beginLongTransaction(until: end)
        // The statement's snapshot is taken before it asks for the position.
        let row = try rows(
            SQLQuery(literal: "SELECT pg_current_snapshot()::text, pg_current_wal_insert_lsn()::text"),
            within: end - ContinuousClock.now
        ).first
        guard let snapshot = row?.values[0].text, let position = row?.values[1].text.flatMap(LogPosition.init) else {
            throw SessionError(.failed, "'\(address)' does not say where its log ends")
        }
        return (snapshot, position)
    }

    /// Writes a mark into the log, so that there is something after every position that was read before.
    ///
    /// - Returns: the mark's position, on the disk by now.
    func markLog(within limit: Duration) throws(SessionError) -> LogPosition {
        let row = try rows(
            SQLQuery(literal: "SELECT pg_logical_emit_message(true, 'phasegate', 'backup')::text"),
            within: limit
        ).first
        guard let position = row?.values.first?.text.flatMap(LogPosition.init) else {
            throw SessionError(.failed, "'\(address)' took no mark for its log")
        }
        return position
    }
}

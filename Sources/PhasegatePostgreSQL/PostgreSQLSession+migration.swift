import PhasegateCore
public import PhasegateProbes

extension PostgreSQLSession: MigrationTransacting {
    /// The server enforces keys row by row, also here.
    public nonisolated var mayOrphan: Bool { false }

    /// Takes an advisory lock of the session, which is gone with it, and begins a transaction.
    ///
    /// The lock is tried for, never waited for inside the server: a waiting
    /// session would hold a snapshot that `CREATE INDEX CONCURRENTLY` waits
    /// for, and the two would be a deadlock.
    public func beginMigration() throws(SessionError) {
        try lockMigrations()
        do throws(SessionError) {
            try run(script: "BEGIN", within: .seconds(5))
        } catch {
            try? run(script: "SELECT pg_advisory_unlock(\(Self.migrationLock))", within: .seconds(5))
            throw error
        }
        isInLongTransaction = true
    }

    /// Commits or rolls back, and frees the lock.
    public func endMigration(committing: Bool) throws(SessionError) {
        isInLongTransaction = false
        let result: Result<Void, SessionError>
        do throws(SessionError) {
            // Without a setting before it: in a failed transaction nothing but its end is possible.
            try opened().run(committing ? "COMMIT" : "ROLLBACK", until: .now + .seconds(60))
            result = .success(())
        } catch {
            result = .failure(error)
        }
        try? run(script: "SELECT pg_advisory_unlock(\(Self.migrationLock))", within: .seconds(5))
        try result.get()
    }

    /// One number for all databases: PostgreSQL keeps the locks of each database apart.
    private static let migrationLock = "hashtextextended('phasegate migrations', 0)"
}

extension PostgreSQLSession: StatementwiseMigrating {
    /// Takes an advisory lock of the session; it is tried for, never waited for inside the server.
    public func lockMigrations() throws(SessionError) {
        let end = ContinuousClock.now + address.lockTimeout
        while try rows(SQLQuery(literal: "SELECT pg_try_advisory_lock(\(Self.migrationLock))"), within: .seconds(5))
            .first?.values.first != .integer(1)
        {
            guard ContinuousClock.now < end else {
                throw SessionError(.locked, "another migration of '\(address)' is under way (advisory lock held)")
            }
            pause(milliseconds: .random(in: 50...250))
        }
    }

    /// All but what refuses to run in one.
    public nonisolated func isTransactional(_ statement: SQLScript.Statement) -> Bool {
        SQLScript.concurrent(statement) == nil
    }

    /// Drops the invalid index that a concurrent build or drop leaves when it does not come to its end.
    public func clearLeftovers(of statement: SQLScript.Statement, within limit: Duration) throws(SessionError) {
        guard let name = SQLScript.concurrent(statement) else { return }
        let found = try rows(
            SQLQuery(
                "SELECT i.indexrelid::regclass::text FROM pg_index i WHERE NOT i.indisvalid "
                    + "AND i.indexrelid = to_regclass(:name) "
                    + "AND i.indexrelid NOT IN (SELECT index_relid FROM pg_stat_progress_create_index)",
                ["name": .text(name)]
            ),
            within: limit
        )
        guard let index = found.first?.values.first?.text else { return }
        try run(script: "DROP INDEX CONCURRENTLY \(index)", within: limit)
    }
}

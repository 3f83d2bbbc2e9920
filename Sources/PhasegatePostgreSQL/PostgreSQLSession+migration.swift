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

    /// Takes back all settings, temporary objects and locks, but keeps what was planned and read of the catalogue.
    public func becomeAsNew() -> Bool {
        do throws(SessionError) {
            let connection = try opened()
            guard !connection.isInTransaction else { return false }
            // What DISCARD ALL does, without its DEALLOCATE ALL and DISCARD PLANS
            // (https://www.postgresql.org/docs/15/sql-discard.html).
            try connection.run(
                "CLOSE ALL; SET SESSION AUTHORIZATION DEFAULT; RESET ALL; UNLISTEN *; SELECT pg_advisory_unlock_all(); "
                    + "DISCARD TEMP; DISCARD SEQUENCES",
                until: .now + .seconds(5)
            )
            forgetServerLimit()
            return true
        } catch {
            return false
        }
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

    /// Without a limit for locks: a build waits for every transaction that began before it, however long that lasts.
    public func runAlone(_ statement: SQLScript.Statement, within limit: Duration) throws(SessionError) {
        let end = ContinuousClock.now + limit
        try run(script: "SET lock_timeout = 0", within: limit)
        let result: Result<Void, SessionError>
        do throws(SessionError) {
            try run(script: statement.text, within: end - ContinuousClock.now)
            result = .success(())
        } catch {
            result = .failure(error)
        }
        try? run(script: "SET lock_timeout = \(address.lockTimeout.milliseconds)", within: .seconds(5))
        try result.get()
    }

    /// The index itself tells: valid, absent, or invalid, which is dropped for the build to be begun anew.
    public func tookEffect(_ statement: SQLScript.Statement, within limit: Duration) throws(SessionError) -> Bool? {
        guard let index = SQLScript.concurrent(statement) else { return nil }
        let end = ContinuousClock.now + limit
        // In a CREATE the name has no schema: the index lies where its table does.
        let isIt =
            index.table == nil
            ? "i.indexrelid = to_regclass(:name)"
            : "i.indrelid = to_regclass(:table) AND c.relname = (parse_ident(:name))[1]"
        let found = try rows(
            SQLQuery(
                "SELECT i.indisvalid, format('%I.%I', n.nspname, c.relname), EXISTS (SELECT FROM "
                    + "pg_stat_progress_create_index p WHERE p.datname = current_database() "
                    + "AND p.index_relid = i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid "
                    + "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE \(isIt)",
                ["name": .text(index.name)].merging(index.table.map { ["table": .text($0)] } ?? [:]) { first, _ in first
                }
            ),
            within: limit
        ).first
        guard let table = index.table else { return found == nil }
        guard let found else { return false }
        if found.values[0] == .integer(1) { return true }
        guard found.values[2] == .integer(0) else {
            throw SessionError(.locked, "index \(index.name) on \(table) is being built by somebody else")
        }
        let drop = SQLScript("DROP INDEX CONCURRENTLY \(found.values[1].text ?? "")", .postgresql).statements[0]
        try runAlone(drop, within: end - ContinuousClock.now)
        return false
    }
}

import FoundationEssentials
import PhasegateCore
public import PhasegateProbes

extension PostgreSQLSession: IdentityReading {
    /// The cluster's identifier, the database's name, its tables and size.
    public func identity() throws(SessionError) -> DatabaseIdentity {
        let limit = Duration.seconds(10)
        let row = try rows(
            SQLQuery(
                literal: "SELECT system_identifier::text, current_database()::text, "
                    + "pg_database_size(current_database()) FROM pg_control_system()"
            ),
            within: limit
        ).first
        return DatabaseIdentity(
            system: row?.values[0].text,
            database: row?.values[1].text,
            tables: try tableNames(within: limit),
            bytes: row?.values[2].integer ?? 0
        )
    }

    /// User tables by name; partitions, what extensions bring along and phasegate's own are left out.
    func tableNames(within limit: Duration) throws(SessionError) -> [String] {
        try rows(
            SQLQuery(
                literal: "SELECT n.nspname = current_schema() AS usual, n.nspname::text, c.relname::text "
                    + "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE \(Self.userTables)"
            ),
            within: limit
        ).map { row in
            dialect.name(of: row.values[2].text ?? "", in: row.values[0] == .integer(1) ? nil : row.values[1].text)
        }.sorted()
    }

    /// What makes a row `c` of pg_class in the schema `n` a table of the user's.
    static let userTables = """
        c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relpersistence <> 't' \
        AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_' AND c.relname !~ '^phasegate_' \
        AND \(isOurs("pg_class", "c"))
        """

    /// That a row of a catalogue belongs to no extension; asked by the index of `pg_depend`, which is long.
    static func isOurs(_ catalogue: String, _ alias: String) -> String {
        "NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = '\(catalogue)'::regclass AND e.objid = \(alias).oid "
            + "AND e.deptype = 'e')"
    }
}

extension PostgreSQLSession: IntegrityChecking {
    /// Runs a check; see `docs/probes/integrity.md` for what each of them finds.
    public func problems(found check: IntegrityCheck, within limit: Duration) throws(SessionError) -> [String] {
        switch check {
        case .quick: try unsound(within: limit)
        case .full: try unsound(within: limit) + damage(within: limit)
        case .foreignKeys: try orphans(within: limit)
        case .enforcement: try unenforced(within: limit)
        }
    }

    private func lines(_ sql: String, within limit: Duration) throws(SessionError) -> [String] {
        try rows(SQLQuery(literal: sql), within: limit).compactMap { $0.values.first?.text }
    }

    /// Indexes that queries do not use, and pages whose checksum was wrong when they were read.
    private func unsound(within limit: Duration) throws(SessionError) -> [String] {
        try ownRows(
            "SELECT format('index %s is invalid', indexrelid::regclass) FROM pg_index "
                + "WHERE NOT (indisvalid AND indisready AND indislive) "
                // One that is being built is not valid yet, and nothing is wrong with that.
                + "AND indexrelid NOT IN (SELECT index_relid FROM pg_stat_progress_create_index) "
                + "UNION ALL SELECT format('%s pages failed their checksum', checksum_failures) FROM pg_stat_database "
                + "WHERE datname = current_database() AND checksum_failures > 0 ORDER BY 1",
            within: limit
        ).compactMap { $0.values.first?.text }
    }

    /// Reads every row of every table; with the extension amcheck also every index, against its table.
    private func damage(within limit: Duration) throws(SessionError) -> [String] {
        let end = ContinuousClock.now + limit
        var found: [String] = []
        for table in try tableNames(within: limit) {
            do throws(SessionError) {
                _ = try content(of: table, where: nil, within: end - ContinuousClock.now)
            } catch  where error.code == .corrupt {
                found.append(error.message)
            }
        }
        let schema = try lines(
            "SELECT n.nspname::text FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace "
                + "WHERE e.extname = 'amcheck'",
            within: end - ContinuousClock.now
        ).first
        guard let schema, found.isEmpty else { return found }
        for index in try rows(
            SQLQuery(
                literal: "SELECT c.oid::bigint FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid "
                    + "JOIN pg_am a ON a.oid = c.relam JOIN pg_namespace n ON n.oid = c.relnamespace "
                    + "WHERE a.amname = 'btree' AND c.relkind = 'i' AND i.indisvalid AND c.relpersistence <> 't' "
                    + "AND n.nspname !~ '^pg_' ORDER BY 1"
            ),
            within: end - ContinuousClock.now
        ).compactMap({ $0.values.first?.integer }) {
            do throws(SessionError) {
                _ = try rows(
                    SQLQuery(literal: "SELECT \(dialect.quoted(schema)).bt_index_check(\(index)::regclass, true)"),
                    within: end - ContinuousClock.now
                )
            } catch  where error.code == .corrupt {
                found.append(error.message)
            }
        }
        return found
    }

    /// Rows whose parent is not there: only possible where enforcement was off.
    private func orphans(within limit: Duration) throws(SessionError) -> [String] {
        let end = ContinuousClock.now + limit
        var found: [String] = []
        for (sql, what) in orphanSearches(in: try schema(within: limit), dialect) {
            let count = try rows(SQLQuery(literal: sql), within: end - ContinuousClock.now).first?.values.first?.integer
            if let count, count > 0 { found.append("\(count) \(what)") }
        }
        return found
    }

    private func unenforced(within limit: Duration) throws(SessionError) -> [String] {
        try lines(
            "SELECT 'foreign keys are not enforced: session_replication_role is ' "
                + "|| current_setting('session_replication_role') "
                + "WHERE current_setting('session_replication_role') = 'replica'",
            within: limit
        )
            + lines(
                "SELECT DISTINCT format('constraint %s of %s is not enforced: its trigger is disabled', c.conname, "
                    + "t.tgrelid::regclass) FROM pg_trigger t JOIN pg_constraint c ON c.oid = t.tgconstraint "
                    + "WHERE t.tgisinternal AND t.tgenabled IN ('D', 'R') ORDER BY 1",
                within: limit
            )
            + lines(
                "SELECT format('constraint %s of %s was never checked against the rows: NOT VALID', conname, "
                    + "conrelid::regclass) FROM pg_constraint WHERE NOT convalidated ORDER BY 1",
                within: limit
            )
    }
}

extension PostgreSQLSession: PlanExplaining {
    /// Asks for the plan that any values would get (https://www.postgresql.org/docs/15/sql-prepare.html, Notes).
    public func plan(of query: SQLQuery, within limit: Duration) throws(SessionError) -> [QueryPlanStep] {
        let end = ContinuousClock.now + limit
        let (sql, values) = try numbered(query)
        var text = ""
        try bracketed(until: end) { (connection) throws(SessionError) in
            let isOurs = !connection.isInTransaction
            if isOurs { try connection.run("BEGIN READ ONLY", until: end) }
            try connection.run("SAVEPOINT phasegate_plan; SET LOCAL plan_cache_mode = force_generic_plan", until: end)
            let nulls = values.isEmpty ? "" : "(" + values.map { _ in "NULL" }.joined(separator: ", ") + ")"
            let result: Result<Void, SessionError>
            do throws(SessionError) {
                try connection.prepare("phasegate_explained", sql, values, until: end)
                try connection.query(
                    "EXPLAIN (FORMAT JSON) EXECUTE phasegate_explained\(nulls)",
                    [],
                    until: end
                ) { (plan) throws(SessionError) in
                    for row in 0..<plan.rowCount { text += plan.values(ofRow: row).first?.text ?? "" }
                }
                result = .success(())
            } catch {
                result = .failure(error)
            }
            guard connection.isOpen else { return try result.get() }
            try connection.run("ROLLBACK TO SAVEPOINT phasegate_plan", until: .now + .seconds(5))
            if case .success = result {
                // Prepared statements are not undone with a transaction.
                try connection.run("DEALLOCATE phasegate_explained", until: .now + .seconds(5))
            }
            if isOurs { try connection.run("ROLLBACK", until: .now + .seconds(5)) }
            try result.get()
        }
        do {
            let plans = try JSONDecoder().decode([PlanDocument].self, from: Data(text.utf8))
            return plans.flatMap { $0.plan.steps(depth: 0) }
        } catch {
            throw SessionError(.failed, "cannot read the plan of '\(query.sql)': \(error)")
        }
    }

    private struct PlanDocument: Decodable {
        let plan: PlanNode

        enum CodingKeys: String, CodingKey {
            case plan = "Plan"
        }
    }

    private struct PlanNode: Decodable {
        let kind: String
        let relation: String?
        let index: String?
        let inner: [PlanNode]?

        enum CodingKeys: String, CodingKey {
            case kind = "Node Type"
            case relation = "Relation Name"
            case index = "Index Name"
            case inner = "Plans"
        }

        func steps(depth: Int) -> [QueryPlanStep] {
            let words = [kind, index.map { "using \($0)" }, relation.map { "on \($0)" }].compactMap(\.self)
            let own = QueryPlanStep(
                detail: String(repeating: "  ", count: depth) + words.joined(separator: " "),
                index: index,
                scannedTable: kind == "Seq Scan" ? relation : nil
            )
            return [own] + (inner ?? []).flatMap { $0.steps(depth: depth + 1) }
        }
    }
}

extension PostgreSQLSession: TimedExecuting {
    /// How long a reading session stays in one transaction, so that nobody's change of a table waits for us.
    private static let longestTransaction = Duration.milliseconds(100)

    /// Times each execution of a prepared statement at the socket, from sending it to its last row.
    public func timings(of executions: [SQLQuery], within limit: Duration) throws(SessionError) -> [TimedExecution] {
        let end = ContinuousClock.now + limit
        var timings: [TimedExecution] = []
        timings.reserveCapacity(executions.count)
        var rest = executions[...]
        while !rest.isEmpty {
            var failed = false
            do throws(SessionError) {
                try bracketed(until: end) { (connection) throws(SessionError) in
                    let turn = ContinuousClock.now + Self.longestTransaction
                    while let query = rest.popFirst() {
                        let (timing, error) = try time(query, on: connection, until: end)
                        timings.append(timing)
                        if let error {
                            failed = true
                            throw error
                        }
                        if ContinuousClock.now >= turn { return }
                    }
                }
            } catch {
                // A statement's own failure is a result; the transaction it was in is over.
                if !failed { throw error }
            }
        }
        return timings
    }

    private func time(_ query: SQLQuery, on connection: PostgreSQLConnection, until end: ContinuousClock.Instant)
        throws(SessionError) -> (TimedExecution, SessionError?)
    {
        var begin = ContinuousClock.now
        do throws(SessionError) {
            let (sql, values) = try numbered(query)
            let name = try statement(sql, values, until: end)
            begin = ContinuousClock.now
            try connection.execute(prepared: name, values, until: end)
            return (TimedExecution(nanoseconds: nanoseconds(since: begin), error: nil), nil)
        } catch {
            guard connection.isOpen, error.code != .timedOut else { throw error }
            return (TimedExecution(nanoseconds: nanoseconds(since: begin), error: error.message), error)
        }
    }

    private func nanoseconds(since begin: ContinuousClock.Instant) -> UInt64 {
        let took = (ContinuousClock.now - begin).components
        return UInt64(took.seconds) * 1_000_000_000 + UInt64(took.attoseconds / 1_000_000_000)
    }
}

extension PostgreSQLSession: DataPlacing {
    /// Where the tablespace of the database lies, or the cluster; needs `pg_read_all_settings`.
    public func dataDirectory() throws(SessionError) -> String? {
        let sql = """
            SELECT coalesce(nullif(pg_tablespace_location(dattablespace), ''), \
            (SELECT setting FROM pg_settings WHERE name = 'data_directory')) \
            FROM pg_database WHERE datname = current_database()
            """
        return try rows(SQLQuery(literal: sql), within: .seconds(10)).first?.values.first?.text
    }
}

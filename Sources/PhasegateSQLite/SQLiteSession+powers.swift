import GRDBSQLite
import PhasegateHashing
public import PhasegateProbes

extension SQLiteSession: IdentityReading {
    /// Application id, tables and size.
    public func identity() throws(SessionError) -> DatabaseIdentity {
        let limit = Duration.seconds(10)
        let id = try rows(SQLQuery("PRAGMA application_id"), within: limit).first?.values.first?.integer ?? 0
        let tables = try tableNames(within: limit)
        let size = try rows(
            SQLQuery("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"),
            within: limit
        )
        return DatabaseIdentity(applicationID: id, tables: tables, bytes: size.first?.values.first?.integer ?? 0)
    }

    /// User tables by name; SQLite's and phasegate's own are left out.
    func tableNames(within limit: Duration) throws(SessionError) -> [String] {
        try rows(
            SQLQuery(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' "
                    + "AND name NOT LIKE 'phasegate\\_%' ESCAPE '\\' ORDER BY name"
            ),
            within: limit
        ).compactMap { $0.values.first?.text }
    }
}

extension SQLiteSession: IntegrityChecking {
    /// Runs a check; the lines are SQLite's own words.
    public func problems(found check: IntegrityCheck, within limit: Duration) async throws(SessionError) -> [String] {
        switch check {
        case .quick: try complaints("PRAGMA quick_check(100)", within: limit)
        case .full: try await damage(within: limit)
        case .foreignKeys: try orphans(within: limit)
        case .enforcement:
            try rows(SQLQuery("PRAGMA foreign_keys"), within: limit).first?.values.first == .integer(1)
                ? [] : ["foreign keys are not enforced"]
        }
    }

    /// A table without rowids gives one line with a count, so that one orphan more is another line.
    private func orphans(within limit: Duration) throws(SessionError) -> [String] {
        try rows(
            SQLQuery(
                "SELECT \"table\", rowid, parent, count(*) FROM pragma_foreign_key_check() "
                    + "GROUP BY \"table\", rowid, parent, fkid LIMIT 10000"
            ),
            within: limit
        ).map { row in
            let rows = row.values[1] == .null ? "\(row.values[3].literal) rows" : "row \(row.values[1].literal)"
            return "\(rows) of '\(row.values[0].text ?? "?")' without a parent in '\(row.values[2].text ?? "?")'"
        }
    }

    /// SQLite does not read CHECK constraints on a connection that was opened read-only.
    ///
    /// So a second one, which may write but is told not to, runs the full
    /// check. This one stays open meanwhile, which keeps the other from
    /// checkpointing when it closes.
    private func damage(within limit: Duration) async throws(SessionError) -> [String] {
        guard access == .reading else { return try complaints("PRAGMA integrity_check(100)", within: limit) }
        let twin = SQLiteSession(path: path, access: .writing)
        do throws(SessionError) {
            try await twin.open(busyTimeout: .seconds(5))
        } catch  where error.code == .readOnly || error.code == .unreachable {
            return try damageSeenReadOnly(within: limit, because: error)
        }
        return try await closing(twin) { (_) throws(SessionError) in
            try await twin.run(script: "PRAGMA query_only = ON", within: limit)
            return try await twin.complaints("PRAGMA integrity_check(100)", within: limit)
        }
    }

    private func damageSeenReadOnly(within limit: Duration, because error: SessionError) throws(SessionError)
        -> [String]
    {
        let found = try complaints("PRAGMA integrity_check(100)", within: limit)
        let constrained = try rows(
            SQLQuery("SELECT 1 FROM sqlite_master WHERE sql LIKE '%CHECK%' LIMIT 1"),
            within: limit
        )
        guard found.isEmpty, !constrained.isEmpty else { return found }
        throw SessionError(
            .unsupported,
            "CHECK constraints can only be verified where '\(path)' may be opened for writing: \(error.message)"
        )
    }

    func complaints(_ pragma: String, within limit: Duration) throws(SessionError) -> [String] {
        try rows(SQLQuery(pragma), within: limit).compactMap { $0.values.first?.text }.filter { $0 != "ok" }
    }
}

extension SQLiteSession: SchemaReading {
    /// Reads tables, columns, indexes and foreign keys from the pragmas, the rest from the definitions.
    public func schema(within limit: Duration) throws(SessionError) -> DatabaseSchema {
        var tables: [DatabaseSchema.Table] = []
        for name in try tableNames(within: limit) { tables.append(try table(name, within: limit)) }
        var others: [String: String] = [:]
        for row in try rows(
            // Of an index the pragmas keep back what makes it partial, its directions and its expressions.
            SQLQuery(
                "SELECT type, name, sql FROM sqlite_master WHERE type IN ('view', 'trigger', 'index') "
                    + "AND sql IS NOT NULL AND tbl_name NOT LIKE 'phasegate\\_%' ESCAPE '\\'"
            ),
            within: limit
        ) {
            others["\(row.values[0].text ?? "") '\(row.values[1].text ?? "")'"] = normalizedSQL(
                row.values[2].text ?? ""
            )
        }
        return DatabaseSchema(tables: tables, others: others)
    }

    private func table(_ name: String, within limit: Duration) throws(SessionError) -> DatabaseSchema.Table {
        let named = ["name": SQLValue.text(name)]
        let columns = try rows(
            SQLQuery("SELECT name, upper(type), \"notnull\", dflt_value, pk FROM pragma_table_info(:name)", named),
            within: limit
        ).map { row in
            DatabaseSchema.Column(
                name: row.values[0].text ?? "",
                type: row.values[1].text ?? "",
                isRequired: row.values[2].integer == 1,
                defaultValue: row.values[3].text,
                keyPosition: Int(row.values[4].integer ?? 0)
            )
        }
        let definition = try rows(
            SQLQuery("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :name", named),
            within: limit
        ).first?.values.first?.text
        return DatabaseSchema.Table(
            name: name,
            columns: columns,
            indexes: try indexes(of: named, within: limit),
            foreignKeys: try foreignKeys(of: named, within: limit),
            definition: normalizedSQL(definition ?? "")
        )
    }

    private func indexes(of named: [String: SQLValue], within limit: Duration) throws(SessionError) -> [DatabaseSchema
        .Index]
    {
        var columns: [String: [String]] = [:]
        var unique: [String: Bool] = [:]
        for row in try rows(
            SQLQuery(
                "SELECT l.name, l.\"unique\", i.name FROM pragma_index_list(:name) l, pragma_index_info(l.name) i "
                    + "ORDER BY l.name, i.seqno",
                named
            ),
            within: limit
        ) {
            let name = row.values[0].text ?? ""
            columns[name, default: []].append(row.values[2].text ?? "<expression>")
            unique[name] = row.values[1].integer == 1
        }
        return columns.sorted { $0.key < $1.key }.map {
            DatabaseSchema.Index(name: $0.key, columns: $0.value, isUnique: unique[$0.key] ?? false)
        }
    }

    private func foreignKeys(of named: [String: SQLValue], within limit: Duration) throws(SessionError)
        -> [DatabaseSchema.ForeignKey]
    {
        let rows = try rows(
            SQLQuery(
                "SELECT id, \"table\", \"from\", \"to\", on_delete, on_update FROM pragma_foreign_key_list(:name) "
                    + "ORDER BY id, seq",
                named
            ),
            within: limit
        )
        return Dictionary(grouping: rows) { $0.values[0].integer ?? 0 }.sorted { $0.key < $1.key }.map { _, columns in
            DatabaseSchema.ForeignKey(
                columns: columns.map { $0.values[2].text ?? "" },
                parent: columns[0].values[1].text ?? "",
                parentColumns: columns.compactMap { $0.values[3].text },
                onDelete: columns[0].values[4].text ?? "",
                onUpdate: columns[0].values[5].text ?? ""
            )
        }
    }
}

extension SQLiteSession: PlanExplaining {
    /// Reads EXPLAIN QUERY PLAN (https://www.sqlite.org/eqp.html).
    public func plan(of query: SQLQuery, within limit: Duration) throws(SessionError) -> [QueryPlanStep] {
        try rows(SQLQuery("EXPLAIN QUERY PLAN " + query.sql, query.parameters), within: limit).compactMap { row in
            row["detail"]?.text.map(planStep)
        }
    }

    private func planStep(_ detail: String) -> QueryPlanStep {
        let words = detail.split(separator: " ").map(String.init)
        let index = words.firstIndex(of: "INDEX").flatMap { words.indices.contains($0 + 1) ? words[$0 + 1] : nil }
        let isTable = words.count > 1 && !words[1].hasPrefix("(") && words[1] != "CONSTANT"
        return QueryPlanStep(
            detail: detail,
            index: index,
            scannedTable: words.first == "SCAN" && index == nil && isTable ? words[1] : nil
        )
    }
}

extension SQLiteSession: TimedExecuting {
    /// Times each execution on the thread that runs it, from binding to the last row.
    public func timings(of executions: [SQLQuery], within limit: Duration) throws(SessionError) -> [TimedExecution] {
        stopwatch.start(limit)
        defer { stopwatch.stop() }
        var timings: [TimedExecution] = []
        timings.reserveCapacity(executions.count)
        for query in executions {
            let begin = ContinuousClock.now
            var failure: String?
            do throws(SessionError) {
                let statement = try prepared(query.sql)
                defer { reset(statement) }
                try bind(query, to: statement)
                while try step(statement, query.sql) {}
            } catch {
                if error.code == .timedOut { throw error }
                failure = error.message
            }
            let took = (ContinuousClock.now - begin).components
            timings.append(
                TimedExecution(
                    nanoseconds: UInt64(took.seconds) * 1_000_000_000 + UInt64(took.attoseconds / 1_000_000_000),
                    error: failure
                )
            )
        }
        return timings
    }
}

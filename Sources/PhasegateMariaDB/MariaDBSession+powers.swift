import PhasegateCore
public import PhasegateProbes

extension MariaDBSession: IdentityReading {
    /// The server's UID, the database's name, its tables and size.
    public func identity() throws(SessionError) -> DatabaseIdentity {
        let limit = Duration.seconds(10)
        let row = try rows(
            SQLQuery(
                literal: "SELECT @@GLOBAL.server_uid, database(), (SELECT coalesce(sum(data_length + index_length), 0) "
                    + "FROM information_schema.tables WHERE table_schema = database())"
            ),
            within: limit
        ).first
        return DatabaseIdentity(
            system: row?.values[0].text,
            database: row?.values[1].text,
            tables: try tableNames(within: limit),
            bytes: row?.values[2].whole ?? 0
        )
    }

    /// User tables by name; phasegate's own are left out.
    func tableNames(within limit: Duration) throws(SessionError) -> [String] {
        try rows(
            SQLQuery(
                literal: "SELECT table_name FROM information_schema.tables WHERE table_schema = database() "
                    + "AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED') AND table_name NOT LIKE 'phasegate\\_%' "
                    + "ORDER BY table_name"
            ),
            within: limit
        ).map { dialect.name(of: $0.values[0].text ?? "", in: nil) }.sorted()
    }
}

extension MariaDBSession: DataPlacing {
    /// As `/var/lib/mysql/`.
    public func dataDirectory() throws(SessionError) -> String? {
        try rows(SQLQuery(literal: "SELECT @@GLOBAL.datadir"), within: .seconds(10)).first?.values.first?.text
    }
}

extension SQLValue {
    /// The whole number, also where the server made a decimal of it, as it does of sums.
    var whole: Int64? {
        switch self {
        case .integer(let number): number
        case .decimal(let digits): Int64(digits)
        case .null, .real, .text, .blob: nil
        }
    }
}

extension MariaDBSession: IntegrityChecking {
    /// Runs a check; see `docs/probes/integrity.md` for what each of them finds.
    public func problems(found check: IntegrityCheck, within limit: Duration) throws(SessionError) -> [String] {
        switch check {
        case .quick: try complaints("QUICK", within: limit)
        case .full: try complaints("EXTENDED", within: limit)
        case .foreignKeys: try orphans(within: limit)
        case .enforcement:
            try rows(SQLQuery(literal: "SELECT @@GLOBAL.foreign_key_checks"), within: limit).first?.values.first?.whole
                == 1 ? [] : ["foreign keys are not enforced: foreign_key_checks is off for new sessions"]
        }
    }

    private func complaints(_ how: String, within limit: Duration) throws(SessionError) -> [String] {
        let end = ContinuousClock.now + limit
        var found: [String] = []
        for table in try tableNames(within: limit) {
            let answers = try rows(
                SQLQuery(literal: "CHECK TABLE \(dialect.quoted(table: table)) \(how)"),
                within: end - ContinuousClock.now
            )
            for answer in answers {
                let (kind, words) = (answer["Msg_type"]?.text ?? "", answer["Msg_text"]?.text ?? "")
                if kind == "note", words.contains("support") {
                    throw SessionError(.unsupported, "table '\(table)' cannot be checked: \(words)")
                }
                if kind == "note" || (kind == "status" && words == "OK") { continue }
                found.append("table '\(table)': \(kind): \(words)")
            }
        }
        return found
    }

    private func orphans(within limit: Duration) throws(SessionError) -> [String] {
        let end = ContinuousClock.now + limit
        var found: [String] = []
        for (sql, what) in orphanSearches(in: try schema(within: limit), dialect) {
            let count = try rows(SQLQuery(literal: sql), within: end - ContinuousClock.now).first?.values.first?.whole
            if let count, count > 0 { found.append("\(count) \(what)") }
        }
        return found
    }
}

extension MariaDBSession: PlanExplaining {
    /// Reads EXPLAIN; MariaDB plans for the values it is given.
    ///
    /// - Throws: `SessionError` of the code `unsupported` where it says that no row can match: then it has not planned.
    public func plan(of query: SQLQuery, within limit: Duration) throws(SessionError) -> [QueryPlanStep] {
        let explained =
            query.isLiteral
            ? SQLQuery(literal: "EXPLAIN " + query.sql) : SQLQuery("EXPLAIN " + query.sql, query.parameters)
        let plan = try rows(explained, within: limit)
        let excuses = ["Impossible", "no matching row", "No matching"]
        if let row = plan.first(where: { row in excuses.contains { row["Extra"]?.text?.contains($0) == true } }) {
            throw SessionError(
                .unsupported,
                "MariaDB does not plan for these values: \(row["Extra"]?.text ?? "") (at: \(shownSQL(query.sql, .mariadb)))"
            )
        }
        return plan.map { row in
            let table = row["table"]?.text
            let index = row["key"]?.text
            let words = [
                row["select_type"]?.text, row["type"]?.text.map { "type \($0)" }, index.map { "using \($0)" },
                table.map { "on \($0)" }, row["Extra"]?.text.flatMap { $0.isEmpty ? nil : "(\($0))" },
            ]
            let isTable = table.map { !$0.hasPrefix("<") } ?? false
            return QueryPlanStep(
                detail: words.compactMap(\.self).joined(separator: " "),
                index: index,
                scannedTable: row["type"]?.text == "ALL" && isTable ? table : nil
            )
        }
    }
}

extension MariaDBSession: TimedExecuting {
    /// How long a reading session stays in one transaction, so that nobody's change of a table waits for us.
    private static let longestTransaction = Duration.milliseconds(100)

    /// Times each execution of a prepared statement, from sending it to its last row.
    public func timings(of executions: [SQLQuery], within limit: Duration) throws(SessionError) -> [TimedExecution] {
        let end = ContinuousClock.now + limit
        var timings: [TimedExecution] = []
        timings.reserveCapacity(executions.count)
        var rest = executions[...]
        while !rest.isEmpty {
            try bracketed(until: end) { (connection) throws(SessionError) in
                let turn = ContinuousClock.now + Self.longestTransaction
                while let query = rest.popFirst() {
                    timings.append(try time(query, on: connection, until: end))
                    if ContinuousClock.now >= turn { return }
                }
            }
        }
        return timings
    }

    private func time(_ query: SQLQuery, on connection: MariaDBConnection, until end: ContinuousClock.Instant)
        throws(SessionError) -> TimedExecution
    {
        var begin = ContinuousClock.now
        func nanoseconds() -> UInt64 {
            let took = (ContinuousClock.now - begin).components
            return UInt64(took.seconds) * 1_000_000_000 + UInt64(took.attoseconds / 1_000_000_000)
        }
        do throws(SessionError) {
            let (sql, values) = try placed(query)
            try connection.prepare(sql, until: end)
            begin = ContinuousClock.now
            try connection.query(sql, values, until: end, onRow: nil)
            return TimedExecution(nanoseconds: nanoseconds(), error: nil)
        } catch {
            guard connection.isOpen, error.code != .timedOut else { throw error }
            return TimedExecution(nanoseconds: nanoseconds(), error: error.message)
        }
    }
}

extension MariaDBSession: ContentHashing {
    /// Hashes every row where it lies, in the server.
    ///
    /// A row's hash is the product of two checksums of 32 bits with different
    /// polynomials, each over the exact bytes of all values (see `expression`)
    /// and over which of them are NULL. Being a product it is not linear, as
    /// each of them is, so that values that changed places between two rows
    /// are noticed; the sum does not depend on the order of the rows.
    public func content(
        of table: String,
        where condition: SQLQuery?,
        within limit: Duration
    ) throws(SessionError) -> TableContent {
        let end = ContinuousClock.now + limit
        let columns = try hashedColumns(of: table, within: limit)
        let filter = condition.map { " WHERE " + $0.sql } ?? ""
        let sql = """
            SELECT count(*), coalesce(sum(\(checksum("CRC32", columns)) * \(checksum("CRC32C", columns))), 0) \
            FROM \(dialect.quoted(table: table))\(filter)
            """
        let row = try rows(SQLQuery(sql, condition?.parameters ?? [:]), within: end - ContinuousClock.now).first
        guard let row, let count = row.values[0].whole else {
            throw SessionError(.failed, "hashing '\(table)' returned nothing")
        }
        return TableContent(table: table, rows: count, hash: "\(count):\(row.values[1].literal)")
    }

    /// One checksum after the other, each beginning with the one before.
    ///
    /// What is between them tells where a value ends: without it `ab`, `c` and `a`, `bc` would be the same.
    private func checksum(_ function: String, _ values: [String]) -> String {
        // Nested too deep they are more than the server's stack holds.
        let most = 100
        guard values.count <= most else {
            let groups = stride(from: 0, to: values.count, by: most).map { begin in
                checksum(function, Array(values[begin..<min(begin + most, values.count)]))
            }
            return checksum(function, groups)
        }
        return values.reduce("0") { "\(function)(\($0) ^ 2654435769, \($1))" }
    }

    private func hashedColumns(of table: String, within limit: Duration) throws(SessionError) -> [String] {
        let parts = dialect.parts(of: table)
        let columns = try rows(
            SQLQuery(
                "SELECT column_name, data_type, is_nullable FROM information_schema.columns WHERE table_name = :table "
                    + "AND table_schema = \(parts.count > 1 ? ":schema" : "database()") ORDER BY ordinal_position",
                ["table": .text(parts.last ?? table)].merging(parts.count > 1 ? ["schema": .text(parts[0])] : [:]) {
                    first,
                    _ in first
                }
            ),
            within: limit
        )
        guard !columns.isEmpty else {
            throw SessionError(.badStatement, "there is no table '\(table)' in '\(address)'")
        }
        let names = columns.map { dialect.quoted($0.values[0].text ?? "") }
        var values: [String] = []
        var nulls: [String] = []
        for (name, column) in zip(names, columns) {
            let type = column.values[1].text?.lowercased() ?? ""
            let value = Self.expression(name, type)
            let isNullable = column.values[2].text != "NO"
            // An empty text is no value of some types, and would become NULL itself.
            let bytes = Self.isPlain(type) ? value : "CAST(\(value) AS BINARY)"
            values.append(isNullable ? "coalesce(\(bytes), '')" : value)
            if isNullable { nulls.append("ISNULL(\(name))") }
        }
        return nulls.isEmpty ? values : values + ["CONCAT(\(nulls.joined(separator: ", ")))"]
    }

    /// A column in a form whose bytes tell every difference that a copy must not make.
    private static func expression(_ column: String, _ type: String) -> String {
        switch type {
        // A float prints six digits, of which two values may have the same.
        case "float": "CAST(\(column) AS DOUBLE)"
        case "bit": "(\(column) + 0)"
        default: column
        }
    }

    /// Whether a value of the type is a number, a time or a text.
    private static func isPlain(_ type: String) -> Bool {
        ["int", "char", "text", "blob", "binary", "date", "time"].contains { type.hasSuffix($0) }
            || ["decimal", "double", "float", "bit", "timestamp", "year", "enum", "set", "json"].contains(type)
    }
}

import Glibc
import PhasegateCore
public import PhasegateProbes

extension PostgreSQLSession: ContentHashing {
    /// Hashes every row where it lies, in the server.
    ///
    /// Each value is hashed by its exact bytes (see `expression`), a row by
    /// PostgreSQL's own 64-bit record hash, and the sum over all rows does not
    /// depend on their order. Comparable between databases of one major
    /// version, which is what a backup and its restore are.
    public func content(
        of table: String,
        where condition: SQLQuery?,
        within limit: Duration
    ) throws(SessionError) -> TableContent {
        let end = ContinuousClock.now + limit
        let columns = try hashedColumns(of: table, within: limit)
        let filter = condition.map { " WHERE " + $0.sql } ?? ""
        // In a form that the server can spread over parallel workers.
        let sql = """
            SELECT count(*), coalesce(sum(hash_record_extended(ROW(\(columns)), 0)), 0)::text \
            FROM \(dialect.quoted(table: table))\(filter)
            """
        let row = try rows(SQLQuery(sql, condition?.parameters ?? [:]), within: end - ContinuousClock.now).first
        guard let row, let count = row.values[0].integer else {
            throw SessionError(.failed, "hashing '\(table)' returned nothing")
        }
        return TableContent(
            table: table,
            rows: count,
            hash: "\(count):\(row.values[1].text ?? "")"
        )
    }

    private func hashedColumns(of table: String, within limit: Duration) throws(SessionError) -> String {
        // The same way the statement itself finds the table.
        let columns = try rows(
            SQLQuery(
                """
                SELECT a.attname::text, t.typname::text, t.typtype::text FROM pg_attribute a \
                JOIN pg_type t ON t.oid = a.atttypid WHERE a.attrelid = to_regclass(:table) \
                AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
                """,
                ["table": .text(dialect.quoted(table: table))]
            ),
            within: limit
        )
        guard !columns.isEmpty else {
            throw SessionError(.badStatement, "there is no table '\(table)' with columns in '\(address)'")
        }
        return columns.map { row in
            Self.expression(
                dialect.quoted(row.values[0].text ?? ""),
                row.values[1].text ?? "",
                row.values[2].text ?? ""
            )
        }.joined(separator: ", ")
    }

    /// A column in a form whose hash tells every difference that a copy must not make.
    ///
    /// The type's own hash calls some values the same that are not: -0 and 0,
    /// 1.0 and 1.00, texts of a collation that ignores case.
    private static func expression(_ column: String, _ type: String, _ kind: String) -> String {
        guard kind == "b" else { return "\(column)::text COLLATE \"C\"" }
        switch type {
        case "bool", "int2", "int4", "int8", "oid", "uuid", "date", "time", "timestamp", "timestamptz", "bytea":
            return column
        case "float4": return "float4send(\(column))"
        case "float8": return "float8send(\(column))"
        case "numeric": return "numeric_send(\(column))"
        case "text", "varchar": return "\(column) COLLATE \"C\""
        default: return "\(column)::text COLLATE \"C\""
        }
    }

    /// Rests between two tries; the thread is the session's own.
    func pause(milliseconds: Int) { usleep(useconds_t(milliseconds * 1000)) }
}

extension PostgreSQLSession {
    /// Begins a transaction that sees one snapshot, and gives the snapshot's name to others.
    func beginSnapshot(within limit: Duration) throws(SessionError) -> String {
        let end = ContinuousClock.now + limit
        try beginLongTransaction(until: end)
        let name = try rows(SQLQuery(literal: "SELECT pg_export_snapshot()"), within: end - ContinuousClock.now).first
        guard let name = name?.values.first?.text else {
            throw SessionError(.failed, "'\(address)' exported no snapshot")
        }
        return name
    }

    /// Begins a transaction that takes its snapshot with its first query.
    func beginLongTransaction(until end: ContinuousClock.Instant) throws(SessionError) {
        // The session rests for as long as the dump takes.
        try opened().run(
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL idle_in_transaction_session_timeout = 0",
            until: end
        )
        isInLongTransaction = true
    }

    /// Lets the snapshot go.
    func endSnapshot() {
        isInLongTransaction = false
        try? opened().run("ROLLBACK", until: .now + .seconds(5))
    }
}

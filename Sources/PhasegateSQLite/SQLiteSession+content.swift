import GRDBSQLite
import Glibc
import PhasegateHashing
public import PhasegateProbes

extension SQLiteSession: ContentHashing {
    /// Reads every row once and hashes its values where they lie, in bounded memory.
    public func content(
        of table: String,
        where condition: SQLQuery?,
        within limit: Duration
    ) throws(SessionError) -> TableContent {
        stopwatch.start(limit)
        defer { stopwatch.stop() }
        return try contentNow(of: table, where: condition)
    }

    /// Adds up hashes of rows.
    public nonisolated func sum(_ one: TableContent, _ other: TableContent) -> TableContent {
        guard var sum = RowSetHash(text: one.hash), let more = RowSetHash(text: other.hash) else { return one }
        sum.add(more)
        return TableContent(table: one.table, rows: sum.rows, hash: sum.text)
    }

    private func contentNow(of table: String, where condition: SQLQuery?) throws(SessionError) -> TableContent {
        let filter = condition.map { " WHERE " + $0.sql } ?? ""
        let query = SQLQuery("SELECT * FROM \(dialect.quoted(table))\(filter)", condition?.parameters ?? [:])
        let statement = try prepared(query.sql)
        defer { reset(statement) }
        try bind(query, to: statement)
        var hash = RowSetHash()
        var encoder = RowEncoder()
        let columns = sqlite3_column_count(statement)
        while try step(statement, query.sql) {
            encoder.reset()
            for column in 0..<columns {
                switch sqlite3_column_type(statement, column) {
                case SQLITE_INTEGER: encoder.add(sqlite3_column_int64(statement, column))
                case SQLITE_FLOAT: encoder.add(sqlite3_column_double(statement, column))
                case SQLITE_TEXT: encoder.add(text: bytes(of: statement, at: column))
                case SQLITE_BLOB: encoder.add(blob: bytes(of: statement, at: column))
                default: encoder.addNull()
                }
            }
            encoder.withBytes { hash.add($0) }
        }
        return TableContent(table: table, rows: hash.rows, hash: hash.text)
    }
}

extension SQLiteSession {
    /// Copies by SQLite's backup interface from inside a read transaction, and
    /// reads schema and contents in the same transaction: what is said of the
    /// copy is said of the very snapshot it was taken from.
    func copySnapshot(
        to path: String,
        hashing: Bool,
        within limit: Duration
    ) throws(SessionError) -> SnapshotContent {
        stopwatch.start(limit)
        defer { stopwatch.stop() }
        let partial = path + ".partial"
        unlink(partial)
        try runNow("BEGIN")
        do throws(SessionError) {
            let content = try copyNow(to: partial, hashing: hashing, until: ContinuousClock.now + limit)
            try runNow("COMMIT")
            try publishArtifact(partial, as: path)
            return content
        } catch {
            try? runNow("ROLLBACK")
            unlink(partial)
            throw error
        }
    }

    private func copyNow(
        to partial: String,
        hashing: Bool,
        until end: ContinuousClock.Instant
    ) throws(SessionError) -> SnapshotContent {
        // The first read fixes the snapshot.
        let schema = try schema(within: end - ContinuousClock.now)
        try copyPages(to: partial, until: end)
        var tables: [TableContent] = []
        for table in schema.tables {
            stopwatch.start(end - ContinuousClock.now)
            if hashing {
                tables.append(try contentNow(of: table.name, where: nil))
            } else {
                let count = try rows(
                    SQLQuery("SELECT count(*) FROM \(dialect.quoted(table.name))"),
                    within: end - ContinuousClock.now
                )
                tables.append(TableContent(table: table.name, rows: count.first?.values.first?.integer ?? -1, hash: ""))
            }
        }
        return SnapshotContent(schema: schema, tables: tables)
    }

    private func copyPages(to partial: String, until end: ContinuousClock.Instant) throws(SessionError) {
        var copy: OpaquePointer?
        defer { sqlite3_close_v2(copy) }
        let opened = sqlite3_open_v2(
            partial,
            &copy,
            SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_EXRESCODE,
            nil
        )
        guard opened == SQLITE_OK else { throw copyError(opened, copy, partial) }
        // Crash safety comes from the rename; a journal would only double the writing.
        sqlite3_exec(copy, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF", nil, nil, nil)
        guard let backup = sqlite3_backup_init(copy, "main", database, "main") else {
            throw copyError(sqlite3_errcode(copy), copy, partial)
        }
        var code = SQLITE_OK
        repeat {
            code = sqlite3_backup_step(backup, 4096)
        } while code == SQLITE_OK && ContinuousClock.now < end
        sqlite3_backup_finish(backup)
        if code == SQLITE_OK { throw SessionError(.timedOut, "copying '\(path)' did not finish in time") }
        guard code == SQLITE_DONE else { throw copyError(code, copy, partial) }
        // Without this the copy would be in WAL mode and grow companions that a
        // plain file copy of it would leave behind.
        let closed = sqlite3_exec(copy, "PRAGMA journal_mode = DELETE", nil, nil, nil)
        guard closed == SQLITE_OK else { throw copyError(closed, copy, partial) }
    }

    private func copyError(_ code: Int32, _ copy: OpaquePointer?, _ partial: String) -> SessionError {
        let words =
            copy.flatMap { sqlite3_errmsg($0) }.map { String(cString: $0) } ?? String(cString: sqlite3_errstr(code))
        let sorted: SessionError.Code =
            switch code & 0xff {
            case SQLITE_FULL: .full
            case SQLITE_CANTOPEN, SQLITE_IOERR: errno == ENOSPC ? .full : .unreachable
            case SQLITE_READONLY: .readOnly
            case SQLITE_BUSY, SQLITE_LOCKED: .locked
            default: .failed
            }
        return SessionError(sorted, "\(words) (copying '\(path)' to '\(partial)')")
    }
}

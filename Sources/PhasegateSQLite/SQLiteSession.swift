import GRDBSQLite
import Glibc
import PhasegateCore
import PhasegateHashing
public import PhasegateProbes

/// One connection to a SQLite file, on a thread of its own.
///
/// Reading sessions are opened read-only and cannot attach other files.
/// Writing sessions enforce foreign keys. Statements are prepared once and
/// kept, as the shell or an application would.
public actor SQLiteSession: DatabaseSession {
    /// SQLite's.
    public nonisolated let dialect = SQLDialect.sqlite
    /// The file.
    public nonisolated let path: String
    nonisolated let access: SessionAccess
    private let executor: BlockingExecutor
    var database: OpaquePointer?
    private var statements: [String: OpaquePointer] = [:]
    let stopwatch = Stopwatch()
    var migrationLock: Int32?

    /// Runs on the session's queue.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(path: String, access: SessionAccess) {
        self.path = path
        self.access = access
        executor = BlockingExecutor(label: "phasegate.sqlite")
    }

    isolated deinit { closeNow() }

    func open(busyTimeout: Duration) throws(SessionError) {
        // SQLite takes an empty file for an empty database; here it is one that lost everything.
        var status = stat()
        if stat(path, &status) == 0, status.st_size == 0 {
            throw SessionError(.notADatabase, "'\(path)' is empty and no database")
        }
        let flags = access == .reading ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE
        let code = sqlite3_open_v2(path, &database, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nil)
        guard code == SQLITE_OK else {
            let error = sessionError(code, "open '\(path)'")
            closeNow()
            throw error
        }
        sqlite3_busy_timeout(database, Int32(clamping: busyTimeout.milliseconds))
        sqlite3_limit(database, SQLITE_LIMIT_ATTACHED, access == .reading ? 0 : 1)
        let unmanaged = Unmanaged.passUnretained(stopwatch)
        sqlite3_progress_handler(
            database,
            2000,
            { context in
                guard let context else { return 0 }
                return Unmanaged<Stopwatch>.fromOpaque(context).takeUnretainedValue().isOver ? 1 : 0
            },
            unmanaged.toOpaque()
        )
        do throws(SessionError) {
            // Reads the first page, so that a file that is no database is found here.
            try runNow("PRAGMA schema_version; PRAGMA foreign_keys = ON; SELECT count(*) FROM sqlite_master")
        } catch {
            closeNow()
            throw error
        }
    }

    /// Runs one statement; a second one in the same text is refused.
    public func rows(_ query: SQLQuery, within limit: Duration) throws(SessionError) -> [SQLRow] {
        stopwatch.start(limit)
        defer { stopwatch.stop() }
        let statement = try prepared(query.sql)
        defer { reset(statement) }
        try bind(query, to: statement)
        let columns = (0..<sqlite3_column_count(statement)).map { index in
            sqlite3_column_name(statement, index).map { String(cString: $0) } ?? ""
        }
        var rows: [SQLRow] = []
        while try step(statement, query.sql) {
            rows.append(
                SQLRow(columns: columns, values: (0..<Int32(columns.count)).map { value(of: statement, at: $0) })
            )
        }
        return rows
    }

    /// Runs a script, statement by statement.
    public func run(script: String, within limit: Duration) throws(SessionError) {
        stopwatch.start(limit)
        defer { stopwatch.stop() }
        try runNow(script)
    }

    /// Closes the connection.
    public func close() { closeNow() }

    // MARK: Inside the session's queue

    /// A statement of this text, compiled at most once.
    func prepared(_ sql: String) throws(SessionError) -> OpaquePointer {
        if let statement = statements[sql] { return statement }
        guard let database else { throw SessionError(.closed, "the session on '\(path)' is closed") }
        var statement: OpaquePointer?
        var rest = ""
        let code = sql.withCString { text in
            var tail: UnsafePointer<CChar>?
            let code = sqlite3_prepare_v3(database, text, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, &tail)
            if let tail { rest = String(cString: tail) }
            return code
        }
        guard code == SQLITE_OK else { throw sessionError(code, sql) }
        guard let statement else { throw SessionError(.badStatement, "there is no statement in '\(sql)'") }
        guard rest.allSatisfy({ $0.isWhitespace || $0 == ";" }) else {
            sqlite3_finalize(statement)
            throw SessionError(.badStatement, "there is more than one statement in '\(sql)'")
        }
        if access == .reading, sqlite3_stmt_readonly(statement) == 0 {
            sqlite3_finalize(statement)
            throw SessionError(.readOnly, "a reading session does not run '\(sql)'")
        }
        if statements.count >= 2000 { finalizeStatements() }
        statements[sql] = statement
        return statement
    }

    func reset(_ statement: OpaquePointer) {
        sqlite3_reset(statement)
        sqlite3_clear_bindings(statement)
    }

    func bind(_ query: SQLQuery, to statement: OpaquePointer) throws(SessionError) {
        for index in 0..<sqlite3_bind_parameter_count(statement) {
            guard let name = sqlite3_bind_parameter_name(statement, index + 1).map({ String(cString: $0) }),
                let value = query.parameters[String(name.dropFirst())]
            else {
                throw SessionError(.badStatement, "a parameter of '\(query.sql)' has no value")
            }
            try bind(value, to: statement, at: index + 1, query.sql)
        }
    }

    private func bind(_ value: SQLValue, to statement: OpaquePointer, at index: Int32, _ sql: String)
        throws(SessionError)
    {
        // SQLITE_TRANSIENT, which Swift does not import: SQLite copies the bytes.
        let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        let code =
            switch value {
            case .null: sqlite3_bind_null(statement, index)
            case .integer(let number): sqlite3_bind_int64(statement, index, number)
            case .real(let number): sqlite3_bind_double(statement, index, number)
            // SQLite has no decimals; as text none of its digits is lost.
            case .decimal(let text), .text(let text):
                sqlite3_bind_text(statement, index, text, Int32(text.utf8.count), transient)
            case .blob(let bytes): sqlite3_bind_blob(statement, index, bytes, Int32(bytes.count), transient)
            }
        guard code == SQLITE_OK else { throw sessionError(code, sql) }
    }

    /// Goes to the next row; false at the end.
    func step(_ statement: OpaquePointer, _ sql: String) throws(SessionError) -> Bool {
        let code = sqlite3_step(statement)
        switch code {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        default: throw sessionError(code, sql)
        }
    }

    func value(of statement: OpaquePointer, at column: Int32) -> SQLValue {
        switch sqlite3_column_type(statement, column) {
        case SQLITE_INTEGER: .integer(sqlite3_column_int64(statement, column))
        case SQLITE_FLOAT: .real(sqlite3_column_double(statement, column))
        case SQLITE_TEXT: .text(text(of: statement, at: column))
        case SQLITE_BLOB: .blob(Array(bytes(of: statement, at: column)))
        default: .null
        }
    }

    private func text(of statement: OpaquePointer, at column: Int32) -> String {
        guard let text = sqlite3_column_text(statement, column) else { return "" }
        let count = Int(sqlite3_column_bytes(statement, column))
        return String(decoding: UnsafeBufferPointer(start: text, count: count), as: UTF8.self)
    }

    func bytes(of statement: OpaquePointer, at column: Int32) -> UnsafeRawBufferPointer {
        let bytes = sqlite3_column_blob(statement, column)
        return UnsafeRawBufferPointer(start: bytes, count: Int(sqlite3_column_bytes(statement, column)))
    }

    func runNow(_ script: String) throws(SessionError) {
        guard let database else { throw SessionError(.closed, "the session on '\(path)' is closed") }
        let code = sqlite3_exec(database, script, nil, nil, nil)
        guard code == SQLITE_OK else { throw sessionError(code, firstLine(of: script)) }
    }

    func sessionError(_ code: Int32, _ tried: String) -> SessionError {
        let words =
            database.flatMap { sqlite3_errmsg($0) }.map { String(cString: $0) } ?? String(cString: sqlite3_errstr(code))
        return SessionError(sortedCode(code), "\(words) (in '\(path)', at: \(String(tried.prefix(200))))")
    }

    private func sortedCode(_ code: Int32) -> SessionError.Code {
        switch code & 0xff {
        case SQLITE_CANTOPEN: .unreachable
        case SQLITE_NOTADB: .notADatabase
        case SQLITE_CORRUPT: .corrupt
        case SQLITE_BUSY, SQLITE_LOCKED: .locked
        case SQLITE_READONLY, SQLITE_PERM, SQLITE_AUTH: .readOnly
        case SQLITE_FULL: .full
        case SQLITE_CONSTRAINT: .constraint
        case SQLITE_INTERRUPT: .timedOut
        case SQLITE_ERROR, SQLITE_MISMATCH, SQLITE_RANGE: .badStatement
        default: .failed
        }
    }

    private func firstLine(of script: String) -> String {
        script.split(whereSeparator: \.isNewline).first { !$0.hasPrefix("--") }.map(String.init) ?? script
    }

    private func finalizeStatements() {
        for statement in statements.values { sqlite3_finalize(statement) }
        statements = [:]
    }

    private func closeNow() {
        finalizeStatements()
        sqlite3_close_v2(database)
        database = nil
    }
}

/// Tells the progress handler when a statement's time is over.
///
/// Only the session's queue touches it: SQLite calls the handler on the thread
/// that runs the statement.
final class Stopwatch: @unchecked Sendable {
    private var end: ContinuousClock.Instant?

    var isOver: Bool { end.map { ContinuousClock.now >= $0 } ?? false }

    func start(_ limit: Duration) { end = ContinuousClock.now + limit }

    func stop() { end = nil }
}

import CMariaDB
import Glibc
import PhasegateCore
import PhasegateProbes

/// One connection to a server; blocks the thread it is called on, and never beyond a deadline.
final class MariaDBConnection {
    private var handle: OpaquePointer?
    private var statements: [String: OpaquePointer] = [:]
    private let place: String
    private var threadID: Int64?

    /// Connects.
    ///
    /// - Throws: `SessionError`; nothing stays open then.
    init(_ address: ServerAddress, password: String?) throws(SessionError) {
        place = "\(address)"
        if let reason = maria_load() { throw SessionError(.unsupported, String(cString: reason)) }
        let handle = maria_make()
        self.handle = handle
        let socket = address.host.flatMap { $0.hasPrefix("/") ? $0 : nil }
        // Without a host libmariadb takes the socket, with `localhost` as well: an address means TCP.
        let host = socket == nil ? address.host : nil
        let texts: [String?] = [
            host, socket, address.user, password, address.database, address.certificates.authority,
            address.certificates.client, address.certificates.key,
        ]
        let copies = texts.map { $0.map { strdup($0) } ?? nil }
        defer { for copy in copies { free(copy) } }
        var target = maria_address()
        target.host = UnsafePointer(copies[0])
        target.socket = UnsafePointer(copies[1])
        target.port = UInt32(address.port ?? 0)
        target.user = UnsafePointer(copies[2])
        target.password = UnsafePointer(copies[3])
        target.database = UnsafePointer(copies[4])
        target.is_encrypted = address.protection != .off
        // libmariadb verifies the name along with the authority or nothing.
        target.is_verified = address.protection == .verifyName || address.protection == .verifyAuthority
        target.authority = UnsafePointer(copies[5])
        target.certificate = UnsafePointer(copies[6])
        target.key = UnsafePointer(copies[7])
        target.milliseconds = address.connectTimeout.milliseconds
        guard maria_connect(handle, &target) == Int32(MARIA_DONE.rawValue) else {
            let words = oneLine(String(cString: maria_error_words(handle)))
            // Access denied. Trying a refused password again can lock its owner out.
            let isRefused = [1044, 1045, 1130, 1698].contains(maria_error_number(handle))
            close()
            throw SessionError(
                isRefused ? .notPermitted : .unreachable,
                "cannot connect to '\(place)': \(words.isEmpty ? "no answer in time" : words)"
            )
        }
        let version = maria_server_version(handle)
        guard version >= MariaDBEngine.oldestVersion else {
            close()
            throw SessionError(.unsupported, "'\(place)' is not MariaDB 10.11 or later")
        }
        let threadID = Int64(maria_thread_id(handle))
        OwnConnections.opened(threadID, at: place)
        self.threadID = threadID
    }

    deinit { close() }

    /// Whether it can still be used.
    var isOpen: Bool { handle != nil }

    /// Ends the connection; the server rolls back what was not committed.
    func close() {
        closeStatements()
        if let handle { maria_close(handle) }
        if let threadID { OwnConnections.closed(threadID, at: place) }
        threadID = nil
        handle = nil
    }

    /// Runs one statement as text and throws its rows away.
    func run(_ sql: String, until end: ContinuousClock.Instant) throws(SessionError) {
        let handle = try opened()
        let limit = try left(until: end)
        try check(maria_run(handle, sql, sql.utf8.count, limit), sql)
    }

    /// Runs one prepared statement and hands over its rows.
    ///
    /// - Parameters:
    ///   - sql: with parameters as `?`.
    ///   - values: of the parameters, in order.
    ///   - end: when it has to be done.
    ///   - onRow: gets the names of the columns and the values of each row; nothing for throwing rows away.
    /// - Throws: `SessionError`, sorted by the server's number; the connection is closed only if it was lost.
    func query(
        _ sql: String,
        _ values: [SQLValue],
        until end: ContinuousClock.Instant,
        onRow: ((_ columns: [String], _ values: [SQLValue]) -> Void)?
    ) throws(SessionError) {
        let statement = try prepared(sql, until: end)
        guard maria_parameter_count(statement) == values.count else {
            throw SessionError(
                .badStatement,
                "the server counts \(maria_parameter_count(statement)) parameters, \(values.count) have values "
                    + "(at: \(shownSQL(sql, .mariadb)))"
            )
        }
        for (index, value) in values.enumerated() { bind(value, to: statement, at: UInt32(index)) }
        try check(maria_execute(statement, try left(until: end)), sql)
        let columns = (0..<maria_column_count(statement)).map { String(cString: maria_column_name(statement, $0)) }
        while true {
            let result = maria_fetch(statement)
            guard result == Int32(MARIA_ROW.rawValue) else {
                try check(result, sql)
                break
            }
            guard let onRow else { continue }
            var row: [SQLValue] = []
            for column in 0..<UInt32(columns.count) { row.append(try value(of: statement, column)) }
            onRow(columns, row)
        }
        try check(maria_reset(statement), sql)
    }

    /// Makes a statement ready without running it.
    func prepare(_ sql: String, until end: ContinuousClock.Instant) throws(SessionError) {
        _ = try prepared(sql, until: end)
    }

    // MARK: Inside

    private func opened() throws(SessionError) -> OpaquePointer {
        guard let handle else { throw SessionError(.closed, "the session on '\(place)' is closed") }
        return handle
    }

    private func left(until end: ContinuousClock.Instant) throws(SessionError) -> Int64 {
        let left = (end - ContinuousClock.now).milliseconds
        guard left > 0 else { throw SessionError(.timedOut, "there was no time left for a statement") }
        return left
    }

    private func prepared(_ sql: String, until end: ContinuousClock.Instant) throws(SessionError) -> OpaquePointer {
        let handle = try opened()
        if let statement = statements[sql] { return statement }
        if statements.count >= 500 { closeStatements() }
        var result: Int32 = 0
        guard let statement = maria_prepare(handle, sql, sql.utf8.count, try left(until: end), &result) else {
            try check(result, sql)
            throw SessionError(.failed, "could not prepare '\(sql)'")
        }
        statements[sql] = statement
        return statement
    }

    private func closeStatements() {
        for statement in statements.values { maria_close_statement(statement) }
        statements = [:]
    }

    private func bind(_ value: SQLValue, to statement: OpaquePointer, at index: UInt32) {
        switch value {
        case .null: maria_bind_null(statement, index)
        case .integer(let number): maria_bind_integer(statement, index, number)
        case .real(let number): maria_bind_real(statement, index, number)
        case .decimal(let text):
            maria_bind_bytes(statement, index, text, text.utf8.count, Int32(MARIA_DECIMAL.rawValue))
        case .text(let text):
            maria_bind_bytes(statement, index, text, text.utf8.count, Int32(MARIA_TEXT.rawValue))
        case .blob(let bytes):
            maria_bind_bytes(statement, index, bytes, bytes.count, Int32(MARIA_BYTES.rawValue))
        }
    }

    private func value(of statement: OpaquePointer, _ column: UInt32) throws(SessionError) -> SQLValue {
        if maria_is_null(statement, column) { return .null }
        switch maria_kind(UInt32(maria_column_kind(statement, column))) {
        case MARIA_INTEGER: return .integer(maria_integer(statement, column))
        case MARIA_UNSIGNED:
            let number = UInt64(bitPattern: maria_integer(statement, column))
            return Int64(exactly: number).map { .integer($0) } ?? .decimal("\(number)")
        case MARIA_REAL: return .real(maria_real(statement, column))
        default: break
        }
        var count = 0
        guard let start = maria_bytes(statement, column, &count) else {
            throw SessionError(.failed, "a value of column \(column + 1) could not be read from '\(place)'")
        }
        let bytes = UnsafeRawBufferPointer(start: start, count: count)
        switch maria_kind(UInt32(maria_column_kind(statement, column))) {
        case MARIA_DECIMAL: return .decimal(String(decoding: bytes, as: UTF8.self))
        case MARIA_BYTES: return .blob(Array(bytes))
        case MARIA_BITS: return .integer(Int64(bitPattern: bytes.reduce(0) { $0 << 8 | UInt64($1) }))
        default: return .text(String(decoding: bytes, as: UTF8.self))
        }
    }

    private func check(_ result: Int32, _ tried: String) throws(SessionError) {
        let place = "in '\(place)', at: \(shownSQL(tried, .mariadb))"
        switch maria_result(UInt32(result)) {
        case MARIA_DONE: return
        case MARIA_TOO_LATE:
            // Rows that were not fetched would be taken for those of the next statement.
            closeStatements()
            throw SessionError(.timedOut, "a statement was not done in time and was cancelled (\(place))")
        case MARIA_LOST:
            let number = handle.map { maria_error_number($0) } ?? 0
            let words = handle.map { oneLine(String(cString: maria_error_words($0))) } ?? ""
            close()
            throw SessionError(.unreachable, "the connection was lost: \(words) [\(number)] (\(place))")
        default:
            guard let handle else { throw SessionError(.closed, "the session on '\(self.place)' is closed") }
            let number = maria_error_number(handle)
            let words = oneLine(String(cString: maria_error_words(handle)))
            throw SessionError(Self.sortedCode(number), "\(words) [\(number)] (\(place))")
        }
    }

    /// The numbers of https://mariadb.com/kb/en/mariadb-error-codes/.
    private static func sortedCode(_ number: UInt32) -> SessionError.Code {
        switch number {
        case 1317, 1969, 3024: .timedOut
        case 1205, 1213, 1099, 1100: .locked
        case 1792, 1290, 1036, 1836: .readOnly
        case 1021, 1114, 3: .full
        case 1040, 1045, 1049, 1053, 1203, 1226, 1927, 2000...2099: .unreachable
        case 1044, 1142, 1143, 1227, 1370, 1410: .notPermitted
        case 1048, 1062, 1169, 1216, 1217, 1364, 1451, 1452, 1557, 4025, 1586, 1761, 1762: .constraint
        case 1034, 1035, 1194, 1195, 1712, 126, 127, 145: .corrupt
        case 1235, 1286, 1295, 1845, 1846: .unsupported
        case 1050, 1051, 1054, 1060, 1061, 1064, 1065, 1091, 1109, 1136, 1146, 1149, 1210, 1231, 1264, 1265, 1292, 1305,
            1360, 1366, 1406, 1690:
            .badStatement
        default: .failed
        }
    }
}

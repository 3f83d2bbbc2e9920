import CLibPQ
import PhasegateCore
public import PhasegateProbes

/// One connection to a PostgreSQL database, on a thread of its own.
///
/// A reading session runs every statement in a read-only transaction of its
/// own, ended right after it: nothing it is given can write, and it holds no
/// lock and no snapshot while it rests. Every statement has a time limit on
/// both sides: ours cancels it, the server's ends it should we be gone.
public actor PostgreSQLSession: DatabaseSession {
    /// PostgreSQL's.
    public nonisolated let dialect = SQLDialect.postgresql
    nonisolated let address: ServerAddress
    nonisolated let access: SessionAccess
    private let executor: BlockingExecutor
    private var connection: PostgreSQLConnection?
    private var prepared: [String: String] = [:]
    /// In milliseconds, as last set; nothing when that is not known.
    private var serverLimit: Int?
    /// Whether it was set inside a transaction, with whose end it goes.
    private var isLimitPassing = false
    /// A transaction that several calls share, as a snapshot or a migration.
    var isInLongTransaction = false

    /// Runs on the session's queue.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(address: ServerAddress, access: SessionAccess) {
        self.address = address
        self.access = access
        executor = BlockingExecutor(label: "phasegate.postgresql")
    }

    func open(_ parameters: ConnectionParameters) throws(SessionError) {
        connection = try PostgreSQLConnection(
            parameters,
            settings: [
                // How values are written is ours to say; whatever the role or database has set does not matter.
                "DateStyle=ISO,YMD", "IntervalStyle=iso_8601", "TimeZone=UTC", "extra_float_digits=1",
                "bytea_output=hex", "standard_conforming_strings=on", "client_min_messages=warning",
                "lock_timeout=\(address.lockTimeout.milliseconds)", "idle_in_transaction_session_timeout=600000",
                "client_connection_check_interval=5000",
                // A part of the rows must not be taken for all: the server refuses instead.
                "row_security=off",
                // Who has made the database read-only had a reason: a writing session leaves that as it is.
            ] + (access == .reading ? ["default_transaction_read_only=on"] : [])
        )
    }

    /// Whether it can still be used.
    public var isUsable: Bool { connection?.isOpen ?? false }

    /// As 150018 for 15.18.
    var serverVersion: Int32 { connection?.serverVersion ?? 0 }

    /// Runs one statement; a second one in the same text is refused by the server.
    public func rows(_ query: SQLQuery, within limit: Duration) throws(SessionError) -> [SQLRow] {
        let (sql, values) = try numbered(query)
        let end = ContinuousClock.now + limit
        var rows = CollectedRows()
        try bracketed(until: end) { (connection) throws(SessionError) in
            try connection.query(sql, values, until: end) { (result) throws(SessionError) in rows.add(result) }
        }
        return rows.all
    }

    /// Runs one of phasegate's own statements, which is planned once for the whole session.
    func ownRows(_ sql: String, within limit: Duration) throws(SessionError) -> [SQLRow] {
        let end = ContinuousClock.now + limit
        var rows = CollectedRows()
        try bracketed(until: end) { (connection) throws(SessionError) in
            let name = try statement(sql, [], until: end)
            try connection.execute(prepared: name, [], until: end) { (result) throws(SessionError) in rows.add(result) }
        }
        return rows.all
    }

    private struct CollectedRows {
        private(set) var all: [SQLRow] = []
        private var columns: [String] = []

        mutating func add(_ result: borrowing PostgreSQLResult) {
            if columns.isEmpty { columns = result.columns }
            for row in 0..<result.rowCount { all.append(SQLRow(columns: columns, values: result.values(ofRow: row))) }
        }
    }

    /// Runs a script as one message: outside of a transaction it is one.
    public func run(script: String, within limit: Duration) throws(SessionError) {
        let end = ContinuousClock.now + limit
        guard access == .writing || isInLongTransaction else {
            // One message could end the read-only transaction and begin another; statement by statement it cannot.
            for statement in SQLScript(script, .postgresql).statements {
                _ = try rows(SQLQuery(literal: statement.text), within: end - ContinuousClock.now)
            }
            return
        }
        try bracketed(until: end) { (connection) throws(SessionError) in
            try connection.run(script, until: end)
            // What a migration sets for itself must not decide where the journal is looked for.
            if isInLongTransaction { try connection.run("RESET search_path; RESET ROLE", until: end) }
        }
        // It may have set one of its own, or begun or ended a transaction.
        forgetServerLimit()
    }

    /// Closes the connection.
    public func close() {
        connection?.close()
        connection = nil
    }

    // MARK: Inside the session's queue

    func opened() throws(SessionError) -> PostgreSQLConnection {
        guard let connection, connection.isOpen else {
            throw SessionError(.closed, "the session on '\(address)' is closed")
        }
        return connection
    }

    /// Runs something with the server's own limit set, and in a read-only transaction of its own if need be.
    func bracketed(
        until end: ContinuousClock.Instant,
        _ body: (PostgreSQLConnection) throws(SessionError) -> Void
    ) throws(SessionError) {
        let connection = try opened()
        let limit = try serverSideLimit(until: end)
        guard access == .reading, !isInLongTransaction else {
            if isLimitPassing, !connection.isInTransaction { forgetServerLimit() }
            // In a transaction that has failed nothing but its end is possible.
            if limit != serverLimit, !connection.isInFailedTransaction {
                try connection.run("SET statement_timeout = \(limit)", until: end)
                serverLimit = limit
                isLimitPassing = connection.isInTransaction
            }
            return try body(connection)
        }
        do throws(SessionError) {
            try connection.run("BEGIN READ ONLY; SET LOCAL statement_timeout = \(limit)", until: end)
            try body(connection)
        } catch {
            do throws(SessionError) {
                if connection.isOpen { try connection.run("ROLLBACK", until: .now + .seconds(5)) }
            } catch {
                // Nobody could tell what the next statement would run in.
                connection.close()
            }
            throw error
        }
        try connection.run("COMMIT", until: .now + .seconds(5))
    }

    /// Something else may have set the server's limit.
    func forgetServerLimit() {
        serverLimit = nil
        isLimitPassing = false
    }

    /// In milliseconds, in whole seconds so that it seldom changes, and later than ours, so that ours is the one told of.
    private func serverSideLimit(until end: ContinuousClock.Instant) throws(SessionError) -> Int {
        let left = (end - ContinuousClock.now).milliseconds
        guard left > 0 else { throw SessionError(.timedOut, "there was no time left for a statement") }
        return Int(min((left + 1999) / 1000 * 1000, 2_000_000_000))
    }

    /// The statement with `$1` for its parameters, and their values.
    func numbered(_ query: SQLQuery) throws(SessionError) -> (String, [SQLValue]) {
        if query.isLiteral { return (query.sql, []) }
        let text = SQLText(query.sql, .postgresql)
        var names: [String] = []
        for name in text.parameterNames where !names.contains(name) { names.append(name) }
        var values: [SQLValue] = []
        for name in names {
            guard let value = query.parameters[name] else {
                throw SessionError(.badStatement, "parameter ':\(name)' of '\(query.sql)' has no value")
            }
            values.append(value)
        }
        guard !names.isEmpty else { return (query.sql, []) }
        return (text.replacingParameters { name, _ in "$\((names.firstIndex(of: name) ?? 0) + 1)" }, values)
    }

    /// A prepared statement of this text and these types, made at most once.
    func statement(_ sql: String, _ values: [SQLValue], until end: ContinuousClock.Instant) throws(SessionError)
        -> String
    {
        let key = values.map { "\($0.postgreSQLType)" }.joined(separator: ",") + ":" + sql
        if let name = prepared[key] { return name }
        let connection = try opened()
        if prepared.count >= 500 {
            try connection.run("DEALLOCATE ALL", until: end)
            prepared = [:]
        }
        let name = "phasegate_\(prepared.count)"
        try connection.prepare(name, sql, values, until: end)
        prepared[key] = name
        return name
    }
}

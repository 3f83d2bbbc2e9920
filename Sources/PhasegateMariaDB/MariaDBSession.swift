import PhasegateCore
public import PhasegateProbes

/// One connection to a MariaDB database, on a thread of its own.
///
/// A reading session runs every statement in a read-only transaction of its
/// own, ended right after it: nothing it is given can write, and it holds no
/// lock and no snapshot while it rests. Every statement has a time limit on
/// both sides: ours ends it, the server's ends it should we be gone.
public actor MariaDBSession: DatabaseSession {
    /// MariaDB's.
    public nonisolated let dialect = SQLDialect.mariadb
    nonisolated let address: ServerAddress
    nonisolated let access: SessionAccess
    private let executor: BlockingExecutor
    private var connection: MariaDBConnection?
    private var serverLimit: Int64 = 0
    /// A transaction that several calls share.
    var isInLongTransaction = false

    /// Runs on the session's queue.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(address: ServerAddress, access: SessionAccess) {
        self.address = address
        self.access = access
        executor = BlockingExecutor(label: "phasegate.mariadb")
    }

    func open(password: String?) throws(SessionError) {
        let connection = try MariaDBConnection(address, password: password)
        let seconds = max(1, (address.lockTimeout.milliseconds + 999) / 1000)
        // How values are written is ours to say; whatever the server has set does not matter.
        for setting in [
            "sql_mode = 'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'", "time_zone = '+00:00'",
            "lock_wait_timeout = \(seconds)", "innodb_lock_wait_timeout = \(seconds)", "autocommit = 1",
            "tx_isolation = 'READ-COMMITTED'", "idle_transaction_timeout = 600",
        ] {
            try connection.run("SET SESSION \(setting)", until: .now + address.connectTimeout)
        }
        self.connection = connection
    }

    /// Whether it can still be used.
    public var isUsable: Bool { connection?.isOpen ?? false }

    /// Runs one statement; a second one in the same text is refused by the server.
    public func rows(_ query: SQLQuery, within limit: Duration) throws(SessionError) -> [SQLRow] {
        let (sql, values) = try placed(query)
        let end = ContinuousClock.now + limit
        var rows: [SQLRow] = []
        try bracketed(until: end) { (connection) throws(SessionError) in
            try connection.query(sql, values, until: end) { rows.append(SQLRow(columns: $0, values: $1)) }
        }
        return rows
    }

    /// Runs a script, statement by statement.
    public func run(script: String, within limit: Duration) throws(SessionError) {
        let end = ContinuousClock.now + limit
        for statement in SQLScript(script, .mariadb).statements {
            try demandReading(SQLText(statement.text, .mariadb))
            try bracketed(until: end) { (connection) throws(SessionError) in
                try connection.run(statement.text, until: end)
            }
        }
    }

    /// Closes the connection.
    public func close() {
        connection?.close()
        connection = nil
    }

    // MARK: Inside the session's queue

    func opened() throws(SessionError) -> MariaDBConnection {
        guard let connection, connection.isOpen else {
            throw SessionError(.closed, "the session on '\(address)' is closed")
        }
        return connection
    }

    /// Runs something with the server's own limit set, and in a read-only transaction of its own if need be.
    func bracketed(
        until end: ContinuousClock.Instant,
        _ body: (MariaDBConnection) throws(SessionError) -> Void
    ) throws(SessionError) {
        let connection = try opened()
        let left = (end - ContinuousClock.now).milliseconds
        guard left > 0 else { throw SessionError(.timedOut, "there was no time left for a statement") }
        // In whole seconds, so that it seldom changes, and later than ours, so that ours is the one told of.
        let limit = (left + 1999) / 1000
        if limit != serverLimit {
            try connection.run("SET SESSION max_statement_time = \(limit)", until: end)
            serverLimit = limit
        }
        guard access == .reading, !isInLongTransaction else { return try body(connection) }
        do throws(SessionError) {
            try connection.run("START TRANSACTION READ ONLY", until: end)
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

    /// Words that begin statements which read; a read-only transaction sees to it that they do no more.
    private static let readingWords: Set = [
        "SELECT", "WITH", "SHOW", "EXPLAIN", "DESCRIBE", "DESC", "CHECK", "CHECKSUM", "VALUES",
    ]

    /// Refuses what is no statement, and in a reading session whatever could end the read-only transaction.
    ///
    /// MariaDB ends a read-only transaction by itself before a change of the
    /// schema instead of refusing it, and a procedure may contain one.
    private func demandReading(_ text: SQLText) throws(SessionError) {
        let pieces = text.pieces.filter { piece in
            piece.kind != .comment && text.text(of: piece).contains { !$0.isWhitespace }
                // What is in such a comment is run.
                || text.text(of: piece).hasPrefix("/*!") || text.text(of: piece).hasPrefix("/*M!")
        }
        guard let first = pieces.first.map({ text.text(of: $0) }) else {
            throw SessionError(.badStatement, "there is no statement to run")
        }
        guard access == .reading, !isInLongTransaction else { return }
        let word = first.drop { $0.isWhitespace || $0 == "(" }.prefix { $0.isLetter }.uppercased()
        guard Self.readingWords.contains(word) else {
            throw SessionError(.readOnly, "a reading session does not run '\(oneLine(String(first.prefix(60))))'")
        }
    }

    /// The statement with `?` for its parameters, and their values.
    func placed(_ query: SQLQuery) throws(SessionError) -> (String, [SQLValue]) {
        let text = SQLText(query.sql, .mariadb)
        try demandReading(text)
        if query.isLiteral { return (query.sql, []) }
        var values: [SQLValue] = []
        for name in text.parameterNames {
            guard let value = query.parameters[name] else {
                throw SessionError(.badStatement, "parameter ':\(name)' of '\(query.sql)' has no value")
            }
            values.append(value)
        }
        return (text.replacingParameters { _, _ in "?" }, values)
    }
}

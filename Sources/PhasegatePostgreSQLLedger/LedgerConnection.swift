import PhasegateCore
import PhasegatePostgreSQL
import PhasegateProbes

/// One connection to the ledger's database; blocks the thread it is called on, and never beyond a limit.
final class LedgerConnection {
    /// A session as the server knows it; numbers of processes are used again, so its beginning belongs to it.
    struct Backend: Hashable, Sendable {
        let process: Int64
        let start: String
    }

    /// The connection was lost, or was as good as lost, while a transaction was being committed.
    struct CommitInDoubt: Error {
        let cause: SessionError
    }

    /// How the server knows this session.
    let backend: Backend
    private let connection: PostgreSQLConnection
    private let limits: LedgerLimits

    /// Connects.
    ///
    /// - Throws: `SessionError`; nothing stays open then.
    init(_ address: ServerAddress, _ limits: LedgerLimits) throws(SessionError) {
        // Read anew each time, so that a password may be changed meanwhile.
        var parameters = try PostgreSQLEngine().parameters(of: .server(address))
        parameters.silence = limits.statement
        let connection = try PostgreSQLConnection(parameters, settings: limits.settings)
        let row = try Self.rows(
            """
            SELECT pid, backend_start::text FROM pg_stat_activity WHERE pid = pg_backend_pid()
            """,
            [],
            until: .now + limits.statement,
            on: connection
        ).first
        guard let row, row.count == 2 else { throw SessionError(.failed, "the server does not know this session") }
        backend = Backend(process: row[0].integer ?? 0, start: row[1].text ?? "")
        self.connection = connection
        self.limits = limits
    }

    /// Whether it can still be used, as far as is known.
    var isOpen: Bool { connection.isOpen }

    /// Ends it; the server rolls back what was not committed.
    func close() { connection.close() }

    /// Runs one statement.
    func rows(_ sql: String, _ values: [SQLValue] = [], within limit: Duration? = nil) throws(SessionError)
        -> [[SQLValue]]
    { try Self.rows(sql, values, until: deadline(limit), on: connection) }

    /// Runs one statement and hands over its rows one by one.
    func each(
        _ sql: String,
        _ values: [SQLValue],
        within limit: Duration,
        _ body: ([SQLValue]) throws -> Void
    ) throws {
        var failure: (any Error)?
        try connection.query(sql, values, until: deadline(limit)) { (result) throws(SessionError) in
            guard failure == nil else { return }
            do {
                for row in 0..<result.rowCount { try body(result.values(ofRow: row)) }
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
    }

    /// Runs several statements without parameters.
    func run(_ script: String) throws(SessionError) { try connection.run(script, until: deadline(nil)) }

    /// Runs something in one transaction.
    ///
    /// - Throws: `CommitInDoubt` when it is not known whether it was committed; whatever else is thrown, it was not. The
    ///   connection is closed where it could not be rolled back.
    func transaction<Value>(_ mode: String = LedgerConnection.writing, _ body: () throws -> Value) throws -> Value {
        let value: Value
        do {
            try run("BEGIN ISOLATION LEVEL \(mode)")
            value = try body()
        } catch {
            do throws(SessionError) {
                if connection.isOpen { try connection.run("ROLLBACK", until: .now + .seconds(3)) }
            } catch {
                // Nobody could tell what the next statement would run in.
                close()
            }
            throw error
        }
        do throws(SessionError) {
            try run("COMMIT")
        } catch {
            close()
            throw CommitInDoubt(cause: error)
        }
        return value
    }

    /// The same for what may be done twice, or not at all: a transaction in doubt is one that failed.
    func look<Value>(_ mode: String = LedgerConnection.writing, _ body: () throws -> Value) throws -> Value {
        do {
            return try transaction(mode, body)
        } catch let doubt as CommitInDoubt {
            throw doubt.cause
        }
    }

    /// How writing transactions see others.
    static let writing = "READ COMMITTED READ WRITE"

    /// Ends a session of ours that the server may still believe in: what it holds would be in our way.
    func end(_ ghost: Backend?) throws(SessionError) {
        guard let ghost else { return }
        _ = try rows(
            """
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = $1 AND backend_start = $2::timestamptz
            """,
            [.integer(ghost.process), .text(ghost.start)]
        )
    }

    /// A little later than the server's own limit, which leaves the connection usable.
    private func deadline(_ limit: Duration?) -> ContinuousClock.Instant {
        .now + (limit ?? limits.statement) + .seconds(1)
    }

    private static func rows(
        _ sql: String,
        _ values: [SQLValue],
        until end: ContinuousClock.Instant,
        on connection: PostgreSQLConnection
    ) throws(SessionError) -> [[SQLValue]] {
        var rows: [[SQLValue]] = []
        try connection.query(sql, values, until: end) { (result) throws(SessionError) in
            for row in 0..<result.rowCount { rows.append(result.values(ofRow: row)) }
        }
        return rows
    }
}

extension SQLValue {
    /// The number, if it is a whole one.
    var integer: Int64? { if case .integer(let number) = self { number } else { nil } }
    /// The text, if it is one.
    var text: String? { if case .text(let text) = self { text } else { nil } }
}

extension SessionError {
    /// The same as an error of the ledger, with what to do about it.
    func ofLedger(at place: PostgreSQLLedgerLocation, _ limits: LedgerLimits) -> LedgerError {
        let sentence =
            switch code {
            case .locked:
                "the ledger '\(place)' is kept locked by another transaction for more than \(limits.lock); pg_stat_activity names it"
            case .timedOut: "the ledger '\(place)' did not answer within \(limits.statement)"
            case .readOnly: "the ledger '\(place)' is read-only, as a standby is; name the primary"
            case .notPermitted: "the ledger '\(place)' may not be used by this user; see docs/operations.md"
            default: "the ledger '\(place)' cannot be used"
            }
        return LedgerError(.unreachable, "\(sentence): \(message)")
    }
}

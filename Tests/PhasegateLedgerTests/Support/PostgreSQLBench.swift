import Foundation
import PhasegateCore
import PhasegateLedger
import PhasegatePostgreSQLLedger
import PhasegateTesting

/// A ledger in a database of its own.
final class PostgreSQLBench: LedgerBench {
    let server: PostgreSQLServer
    let database: String

    /// Makes the database.
    init(_ server: PostgreSQLServer = .shared) async throws {
        self.server = server
        database = "ledger-\(UUID().uuidString.prefix(13))"
        try await server.waitUntilReady()
        try await server.create(database)
    }

    /// The ledger's URL, over the socket.
    func url(_ options: String = "") -> String {
        let socket = server.directory.replacingOccurrences(of: "/", with: "%2F")
        return "postgresql://phasegate@\(socket):\(server.port)/\(database)?\(options)"
    }

    /// The ledger's URL over TCP.
    func url(port: Int, _ options: String) -> String {
        "postgresql://phasegate@127.0.0.1:\(port)/\(database)?password=file:\(server.directory)/password&\(options)"
    }

    func open(creating: Bool) async throws -> any SharedLedger { try await open(url(), creating: creating) }

    func open(
        _ url: String,
        creating: Bool = true,
        onPoint: @escaping @Sendable (LedgerPoint) -> Void = { _ in }
    ) async throws -> PostgreSQLLedger {
        try await PostgreSQLLedger(PostgreSQLLedgerLocation(url), creating: creating, onPoint: onPoint)
    }

    @discardableResult
    func raw(_ sql: String) async throws -> [[String?]] {
        do {
            let text = try await server.psql("SET search_path = phasegate, public; \(sql)", on: database)
            return text.split(separator: "\n").map { line in
                line.split(separator: "|", omittingEmptySubsequences: false).map { $0.isEmpty ? nil : String($0) }
            }
        } catch let failure as ChildProgram.Failure {
            throw RawError(message: failure.description)
        }
    }

    func tamper(_ sql: String) async throws { try await raw("ALTER TABLE entries DISABLE TRIGGER ALL; \(sql)") }

    func refuse(entry: Int) async throws {
        try await raw(
            """
            CREATE FUNCTION be_full() RETURNS trigger LANGUAGE plpgsql AS
                'BEGIN IF new.sequence = \(entry) THEN RAISE EXCEPTION ''disk full''; END IF; RETURN new; END';
            CREATE TRIGGER be_full BEFORE INSERT ON entries FOR EACH ROW EXECUTE FUNCTION be_full()
            """
        )
    }

    func refuseNone() async throws { try await raw("DROP TRIGGER be_full ON entries") }

    func hideHolder(of rollout: RolloutName) async throws {
        try await raw(
            """
            SELECT pg_terminate_backend(pid) FROM pg_locks
            WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
            """
        )
        _ = try await eventually { try await advisoryLocks() == 0 }
    }

    /// How many sessions say that they live.
    func advisoryLocks() async throws -> Int {
        let rows = try await raw(
            """
            SELECT count(*) FROM pg_locks
            WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
            """
        )
        return rows.first?.first?.flatMap { Int($0) } ?? -1
    }

    /// The server's processes for our sessions in this database.
    func backends() async throws -> [pid_t] {
        try await raw(
            "SELECT pid FROM pg_stat_activity WHERE application_name = 'phasegate' AND datname = current_database()"
        )
        .compactMap { $0.first?.flatMap { pid_t($0) } }
    }
}

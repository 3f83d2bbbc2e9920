import FoundationEssentials
import PhasegateCore
import PhasegateMariaDB
import PhasegatePostgreSQL
import PhasegateProbes
import PhasegateSQLite
import PhasegateTesting
import Testing

/// An engine under the session contract; another engine is one more line in `all`.
struct EngineSample: Sendable, CustomTestStringConvertible {
    let engine: any DatabaseEngine
    /// A statement that never ends by itself.
    let endless: String
    /// Names a database in a directory or on a server; makes nothing.
    let locate: @Sendable (_ directory: String, _ name: String) -> DatabaseLocation
    /// Makes a database without tables where it was located.
    let create: @Sendable (DatabaseLocation) async throws -> Void

    var testDescription: String { engine.name }

    /// All engines of this machine; in CI none may be missing.
    static let all =
        [sqlite] + (PostgreSQLServer.isWanted ? [postgreSQL] : []) + (MariaDBServer.isWanted ? [mariaDB] : [])
    /// Those with transactions around changes of the schema.
    static let transactional = all.filter { $0.engine.name != "mariadb" }

    static let sqlite = EngineSample(
        engine: SQLiteEngine(busyTimeout: .milliseconds(100)),
        endless: "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    ) { directory, name in
        .file("\(directory)/\(name).db")
    } create: { location in
        try emptyDatabaseBytes().write(to: URL(filePath: location.path ?? ""))
    }

    static let postgreSQL = postgreSQL(lockTimeout: .seconds(2))

    /// PostgreSQL on a server of one's own.
    static func postgreSQL(at server: PostgreSQLServer) -> EngineSample {
        postgreSQL(lockTimeout: .seconds(2), on: server)
    }

    /// PostgreSQL that gives up on locks sooner or later.
    static func postgreSQL(lockTimeout: Duration, on server: PostgreSQLServer = .shared) -> EngineSample {
        EngineSample(
            engine: PostgreSQLEngine(),
            endless: "SELECT pg_sleep(600)"
        ) { _, name in
            var address = server.socket("\(name)-\(UUID().uuidString)")
            address.lockTimeout = lockTimeout
            return .server(address)
        } create: { location in
            try await server.create(location.address?.database ?? "")
        }
    }

    static let mariaDB = mariaDB(on: .shared)
    /// Where backups are taken, which hold back changes of the schema on their whole server.
    static let mariaDBForBackups = mariaDB(on: .backedUp)
    static let forBackups = all.map { $0.engine.name == "mariadb" ? mariaDBForBackups : $0 }
    static let serversForBackups = Array(forBackups.dropFirst())

    /// MariaDB that gives up on locks sooner or later.
    static func mariaDB(lockTimeout: Duration) -> EngineSample { mariaDB(on: .backedUp, lockTimeout: lockTimeout) }

    /// MariaDB on a server of one's own.
    static func mariaDB(at server: MariaDBServer) -> EngineSample { mariaDB(on: server) }

    private static func mariaDB(on server: MariaDBServer, lockTimeout: Duration = .seconds(60)) -> EngineSample {
        EngineSample(
            engine: MariaDBEngine(),
            endless: "SELECT BENCHMARK(1000000000000, MD5('x'))"
        ) { _, name in
            var address = server.socket("\(name)-\(UUID().uuidString)")
            address.lockTimeout = lockTimeout
            return .server(address)
        } create: { location in
            try await server.create(location.address?.database ?? "")
        }
    }

    /// The type of a column that holds such a value unchanged.
    func type(of value: SQLValue) -> String {
        guard engine.name != "sqlite" else { return "" }
        guard engine.name != "mariadb" else {
            return switch value {
            case .null, .text: "LONGTEXT"
            case .integer: "BIGINT"
            case .real: "DOUBLE"
            case .decimal: "DECIMAL(38, 9)"
            case .blob: "LONGBLOB"
            }
        }
        return switch value {
        case .null, .text: "TEXT"
        case .integer: "BIGINT"
        case .real: "DOUBLE PRECISION"
        case .decimal: "NUMERIC"
        case .blob: "BYTEA"
        }
    }

    /// Whether a value can be kept at all: MariaDB has neither infinity nor a zero with a sign.
    func holds(_ value: SQLValue) -> Bool {
        guard case .real(let number) = value, engine.name == "mariadb" else { return true }
        return number.isFinite && !(number == 0 && number.sign == .minus)
    }

    /// A new database in a directory.
    func make(_ directory: TemporaryDirectory) async throws -> DatabaseLocation {
        let location = locate(directory.path, "contract")
        try await create(location)
        return location
    }

    /// A writing session on a new database, closed in the end.
    func writing<Result: Sendable>(_ body: (any DatabaseSession) async throws -> Result) async throws -> Result {
        let directory = try TemporaryDirectory()
        let session = try await engine.open(try await make(directory), for: .writing)
        let result: Swift.Result<Result, any Error>
        do { result = .success(try await body(session)) } catch { result = .failure(error) }
        await session.close()
        return try result.get()
    }
}

/// Runs what should fail and returns the code it failed with.
func code(of body: () async throws -> Void) async -> SessionError.Code? {
    do {
        try await body()
        Issue.record("nothing was thrown")
        return nil
    } catch {
        return (error as? SessionError)?.code
    }
}

extension DatabaseEngine {
    /// Opens a file by its path.
    func open(_ path: String, for access: SessionAccess) async throws(SessionError) -> any DatabaseSession {
        try await open(.file(path), for: access)
    }
}

import FoundationEssentials
import PhasegateCore
import PhasegateMigrations
import PhasegateProbes

/// A bench with a directory of migrations and a runner on its main target.
struct MigrationBench {
    let bench: Bench
    let runner: MigrationRunner

    /// - Parameters:
    ///   - sample: the engine.
    ///   - versions: what one phase of the plan applies; nothing for a plan without phases.
    ///   - clock: what time it is.
    /// - Throws: what keeps it from being made.
    init(
        on sample: EngineSample = .sqlite,
        versions: [Int] = [],
        clock: @escaping @Sendable () -> Moment = { Bench.now }
    ) async throws {
        let set = MigrationSet(
            directory: "migrations",
            versions: versions,
            target: "main",
            backup: .content,
            deadline: .seconds(30)
        )
        let phase = Phase(name: "one", title: "One", reversibility: .reversible, change: set)
        bench = try Bench(on: sample, phases: versions.isEmpty ? [] : [phase])
        try await bench.make(
            "main",
            """
            CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);
            CREATE TABLE trades (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users(id), price REAL);
            INSERT INTO users VALUES (1, 'ada'), (2, 'bob');
            INSERT INTO trades VALUES (1, 1, 1.5), (2, 1, 2.5), (3, 2, 3.5);
            """
        )
        runner = MigrationRunner(
            sessions: bench.sessions,
            baseDirectory: bench.path,
            backupDirectory: bench.path(of: "backups"),
            scratchDirectory: bench.path(of: "scratch"),
            now: clock
        )
    }

    /// Writes a migration's file and, if given, its rollback.
    func write(_ name: String, _ sql: String, rollback: String? = nil) throws {
        let directory = bench.path(of: "migrations")
        try FileManager.default.createDirectory(atPath: directory + "/rollback", withIntermediateDirectories: true)
        try Data(sql.utf8).write(to: URL(filePath: "\(directory)/\(name)"))
        if let rollback {
            let digits = name.prefix { $0.isNumber }
            try Data(rollback.utf8).write(to: URL(filePath: "\(directory)/rollback/\(digits)_rollback.sql"))
        }
    }

    /// Takes a migration's file away.
    func remove(_ name: String) throws {
        try FileManager.default.removeItem(atPath: bench.path(of: "migrations/\(name)"))
    }

    /// The step of a version.
    func step(_ version: Int, within limit: Duration = .seconds(30)) -> MigrationStep {
        MigrationStep(
            of: MigrationSet(
                directory: "migrations",
                versions: [version],
                target: "main",
                backup: .content,
                deadline: limit
            ),
            version: version
        )
    }

    /// Applies a version.
    @discardableResult
    func apply(_ version: Int) async throws(StepError) -> StepOutcome {
        try await runner.run(.migrate(step(version)), because: "test")
    }

    /// Takes a version back.
    @discardableResult
    func takeBack(_ version: Int) async throws(StepError) -> StepOutcome {
        try await runner.run(.unmigrate(step(version)), because: "test")
    }

    /// Schema and content of the target, and its journal's versions: what a failure must leave as it was.
    func world() async throws -> World {
        let session = try await bench.engine.open(bench.location(), for: .reading)
        return try await closing(session) { (session) throws(SessionError) in
            guard let reader = session as? any SchemaReading, let hasher = session as? any ContentHashing else {
                throw SessionError(.unsupported, "the engine cannot tell")
            }
            let schema = try await reader.schema(within: .seconds(5))
            var hashes: [String: String] = [:]
            for table in schema.tables {
                hashes[table.name] = try await hasher.content(of: table.name, where: nil, within: .seconds(5)).hash
            }
            return World(schema: schema, hashes: hashes)
        }
    }

    /// The versions in the target's journal; nothing when there is no journal.
    func journal() async throws -> [Int64]? {
        let names =
            switch bench.sample.engine.name {
            case "sqlite": "SELECT name FROM sqlite_master"
            case "mariadb": "SELECT table_name FROM information_schema.tables WHERE table_schema = database()"
            default: "SELECT table_name FROM information_schema.tables"
            }
        guard try await bench.rows(names).contains([.text("phasegate_migrations")]) else { return nil }
        return try await bench.rows("SELECT version FROM phasegate_migrations ORDER BY version").compactMap {
            $0[0].integer
        }
    }

    /// What is in a database.
    struct World: Equatable, Sendable {
        let schema: DatabaseSchema
        let hashes: [String: String]
    }
}

/// Runs a step that should fail and returns its error.
func stepError(of body: () async throws(StepError) -> StepOutcome) async -> StepError? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error
    }
}

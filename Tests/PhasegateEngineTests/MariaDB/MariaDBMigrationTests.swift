import PhasegateCore
@testable import PhasegateMigrations
import PhasegateProbes
import PhasegateTesting
import Synchronization
import Testing

/// Changes of the schema that commit by themselves, one statement after the other.
@Suite("MariaDB: migrations", .serialized, .enabled(if: MariaDBServer.isWanted, "MariaDB is not installed"))
struct MariaDBMigrationTests {
    private func world() async throws -> MigrationBench { try await MigrationBench(on: .mariaDBForBackups) }

    private func begun(_ world: MigrationBench) async throws -> [[SQLValue]] {
        try await world.bench.rows("SELECT number, is_done FROM phasegate_migration_statements ORDER BY number")
    }

    @Test func thereAndBackAgain() async throws {
        let world = try await world()
        try world.write(
            "001_index.sql",
            """
            CREATE INDEX by_name ON users (name); ALTER TABLE users ADD COLUMN mail TEXT;
            UPDATE users SET mail = 'x'; CREATE TABLE made (v INTEGER); INSERT INTO made VALUES (1)
            """,
            rollback: "DROP TABLE made; ALTER TABLE users DROP COLUMN mail; DROP INDEX by_name ON users"
        )
        let before = try await world.world()
        for _ in 0..<2 {
            let outcome = try await world.apply(1)
            #expect(outcome.evidence["backup"]?.contains("level 4 of 4") == true)
            #expect(outcome.evidence["rehearsal"]?.contains("as before") == true)
            #expect(try await world.journal() == [1])
            #expect(try await begun(world) == [])
            #expect(try await world.bench.rows("SELECT mail FROM users") == [[.text("x")], [.text("x")]])
            try await world.takeBack(1)
            #expect(try await world.world() == before)
            #expect(try await world.journal() == [])
        }
    }

    /// Users hold rows for a moment; a migration, and the way back from it, waits for its turn.
    @Test func aLockInTheWayIsTriedAgain() async throws {
        let world = try await MigrationBench(on: .mariaDB(lockTimeout: .seconds(1)))
        try world.write("001_names.sql", "UPDATE users SET name = 'x'")
        let holder = try await world.bench.engine.open(world.bench.location(), for: .writing)
        let pauses = Mutex(0)
        let runner = MigrationRunner(
            sessions: world.bench.sessions,
            baseDirectory: world.bench.path,
            backupDirectory: world.bench.path(of: "backups"),
            scratchDirectory: world.bench.path(of: "scratch"),
            now: { Bench.now },
            pause: { _ in
                pauses.withLock { $0 += 1 }
                try? await holder.run(script: "ROLLBACK", within: .seconds(10))
            }
        )
        let hold = "START TRANSACTION; UPDATE users SET name = 'held' WHERE id = 1"
        try await holder.run(script: hold, within: .seconds(10))
        _ = try await runner.run(.migrate(world.step(1)), because: "test")
        #expect(pauses.withLock(\.self) == 1)
        #expect(try await world.bench.rows("SELECT DISTINCT name FROM users") == [[.text("x")]])
        #expect(try await begun(world) == [])
        await holder.close()
    }

    /// Cut off before or after any statement, it goes on there, and nothing is done twice.
    @Test(arguments: 1...4, [false, true])
    func whatWasCutOffGoesOn(statement: Int, tookEffect: Bool) async throws {
        let world = try await world()
        let statements = [
            "CREATE TABLE made (v INTEGER)", "INSERT INTO made VALUES (1)", "ALTER TABLE made ADD COLUMN w INTEGER",
            "INSERT INTO made VALUES (2, 2)",
        ]
        try world.write("001_made.sql", statements.joined(separator: ";\n"), rollback: "DROP TABLE made")
        let session = try #require(
            try await world.bench.engine.open(world.bench.location(), for: .writing) as? any StatementwiseMigrating
        )
        let dying = StatementwiseScript(
            statements: SQLScript(statements.joined(separator: ";\n"), .mariadb).statements,
            version: 1,
            direction: .up,
            session: DyingSession(session, at: statements[statement - 1], after: tookEffect),
            limit: .seconds(30)
        )
        await #expect(throws: SessionError.self) { _ = try await dying.carryOut() }
        await session.close()
        #expect(try await world.runner.state(of: .migrate(world.step(1))).isNotDone)
        let outcome = try await world.apply(1)
        #expect(outcome.evidence["resumed"] != nil)
        #expect(
            try await world.bench.rows("SELECT v, w FROM made ORDER BY v") == [
                [.integer(1), .null], [.integer(2), .integer(2)],
            ]
        )
        #expect(try await world.journal() == [1])
        #expect(try await begun(world) == [])
        try await world.takeBack(1)
        #expect(try await world.world().schema.table("made") == nil)
    }

    @Test func anEditedStatementThatWasRunIsRefused() async throws {
        let world = try await world()
        try world.write("001_made.sql", "CREATE TABLE made (v INTEGER); INSERT INTO nowhere VALUES (1)")
        let error = await stepError { () throws(StepError) in try await world.apply(1) }
        #expect(error?.leftTraces == true)
        #expect(error?.message.contains("statement 2") == true)
        #expect(error?.message.contains("stay") == true)
        #expect(try await begun(world) == [[.integer(1), .integer(1)]])
        try world.write("001_made.sql", "CREATE TABLE made (v BIGINT); INSERT INTO made VALUES (1)")
        let second = await stepError { () throws(StepError) in try await world.apply(1) }
        #expect(second?.message.contains("was edited after it had been begun") == true)
        // Put right behind what was run, it goes on.
        try world.write("001_made.sql", "CREATE TABLE made (v INTEGER); INSERT INTO made VALUES (1)")
        try await world.apply(1)
        #expect(try await world.bench.rows("SELECT v FROM made") == [[.integer(1)]])
    }

    /// With a way back that was tried on a copy, a failure half-way leaves nothing.
    @Test(arguments: [true, false])
    func aFailureHalfWayIsTakenBackWhereThatWasTried(hasRollback: Bool) async throws {
        let world = try await MigrationBench(on: .mariaDB(lockTimeout: .seconds(1)))
        try world.write(
            "001_half.sql",
            "CREATE TABLE made (v INTEGER); INSERT INTO made VALUES (1); CREATE INDEX by_name ON users (name)",
            rollback: hasRollback ? "DROP INDEX by_name ON users; DROP TABLE made" : nil
        )
        let before = try await world.world()
        // Who has read a table in a transaction keeps its definition from changing.
        let holder = try await world.bench.engine.open(world.bench.location(), for: .writing)
        try await holder.run(script: "START TRANSACTION; SELECT * FROM users", within: .seconds(5))
        let error = await stepError { () throws(StepError) in try await world.apply(1) }
        await holder.close()
        #expect(error?.message.contains("statement 3") == true)
        #expect(error?.leftTraces == !hasRollback)
        #expect(try await world.journal() == nil)
        if hasRollback {
            #expect(error?.message.contains("were taken back") == true)
            #expect(try await world.world() == before)
            #expect(try await begun(world) == [])
        } else {
            #expect(error?.message.contains("took effect and stay") == true)
            #expect(try await begun(world).count == 2)
        }
        try await world.apply(1)
        #expect(try await world.bench.rows("SELECT v FROM made") == [[.integer(1)]])
        #expect(try await world.journal() == [1])
    }

    /// Taking 1 back under a half-applied 2 would pull the ground from under it.
    @Test func nothingElseIsTouchedWhileOneIsHalfWay() async throws {
        let world = try await world()
        try world.write("001_made.sql", "CREATE TABLE made (v INTEGER)", rollback: "DROP TABLE made")
        try world.write("002_half.sql", "ALTER TABLE made ADD COLUMN w INTEGER; INSERT INTO nowhere VALUES (1)")
        try await world.apply(1)
        #expect(await stepError { () throws(StepError) in try await world.apply(2) }?.leftTraces == true)
        let before = try await world.world()
        let error = await stepError { () throws(StepError) in try await world.takeBack(1) }
        #expect(error?.message.contains("migration 2 is half-way through") == true)
        #expect(try await world.world() == before)
        #expect(try await world.runner.state(of: .unmigrate(world.step(2))).isUnclear)
        #expect(try await world.runner.state(of: .migrate(world.step(2))).isNotDone)
    }

    /// A change by somebody else must not be taken for the statement that was cut off.
    @Test func aSchemaThatWasChangedOtherwiseTellsNothing() async throws {
        let world = try await world()
        let sql = "CREATE TABLE made (v INTEGER); ALTER TABLE made ADD COLUMN w INTEGER"
        try world.write("001_made.sql", sql, rollback: "DROP TABLE made")
        let session = try #require(
            try await world.bench.engine.open(world.bench.location(), for: .writing) as? any StatementwiseMigrating
        )
        let statements = SQLScript(sql, .mariadb).statements
        let dying = StatementwiseScript(
            statements: statements,
            version: 1,
            direction: .up,
            session: DyingSession(session, at: statements[1].text, after: false),
            limit: .seconds(30)
        )
        await #expect(throws: SessionError.self) { _ = try await dying.carryOut() }
        await session.close()
        try await world.bench.run("CREATE TABLE somebody_elses (v INTEGER)")
        let error = await stepError { () throws(StepError) in try await world.apply(1) }
        #expect(error?.message.contains("changed otherwise") == true)
        #expect(error?.leftTraces == true)
        #expect(try await world.journal() != [1])
        try await world.bench.run("DROP TABLE somebody_elses")
        try await world.apply(1)
        #expect(try await world.world().schema.table("made")?.columns.map(\.name) == ["v", "w"])
    }

    @Test func tablesWithoutTransactionsAreRefused() async throws {
        let world = try await world()
        try await world.bench.run("CREATE TABLE loose (v INTEGER) ENGINE = MyISAM")
        try world.write("001_made.sql", "CREATE TABLE made (v INTEGER)")
        let error = await stepError { () throws(StepError) in try await world.apply(1) }
        #expect(error?.message.contains("loose") == true)
        #expect(try await world.world().schema.table("made") == nil)
    }

    @Test func onlyOneMigratesAtATime() async throws {
        let world = try await world()
        var impatient = try #require(world.bench.location().address)
        impatient.lockTimeout = .milliseconds(200)
        let first = try #require(
            try await world.bench.engine.open(world.bench.location(), for: .writing) as? any StatementwiseMigrating
        )
        let second = try #require(
            try await world.bench.engine.open(.server(impatient), for: .writing) as? any StatementwiseMigrating
        )
        try await first.lockMigrations()
        #expect(await code { try await second.lockMigrations() } == .locked)
        await first.close()
        try await second.lockMigrations()
        await second.close()
    }

    @Test(arguments: [
        ("DROP TABLE a, b", true), ("CREATE OR REPLACE TABLE a (v INTEGER)", true),
        ("RENAME TABLE a TO b, c TO d", true),
        ("SET @x = 1", true), ("CALL p()", true), ("SELECT 1 INTO @x", true), ("/*! DROP TABLE a */", true),
        ("CREATE TEMPORARY TABLE a (v INTEGER)", true), ("ALTER TABLE a EXCHANGE PARTITION p WITH TABLE b", true),
        ("DROP TABLE a", false), ("ALTER TABLE a DROP v, DROP w", false), ("DROP DATABASE a", true),
    ])
    func whatCouldStopInItsMiddleIsForbidden(sql: String, isForbidden: Bool) {
        #expect(SQLScript(sql, .mariadb).forbidden.isEmpty != isForbidden)
    }
}

import PhasegateCore
import PhasegateMigrations
import PhasegateProbes
import PhasegateTesting
import Testing

/// Who waits for whom.
@Suite("PostgreSQL: locks", .serialized, .enabled(if: PostgreSQLServer.isWanted, "PostgreSQL is not installed"))
struct PostgreSQLLockTests {
    @Test func aLockThatIsHeldTooLongIsCalledThat() async throws {
        let sample = EngineSample.postgreSQL(lockTimeout: .milliseconds(100))
        let home = try TemporaryDirectory()
        let location = try await sample.make(home)
        let holder = try await sample.engine.open(location, for: .writing)
        try await holder.run(
            script: "CREATE TABLE t (v INTEGER)",
            within: .seconds(5)
        )
        try await holder.run(script: "BEGIN; LOCK TABLE t", within: .seconds(5))
        let other = try await sample.engine.open(location, for: .writing)
        #expect(
            await code { try await other.run(script: "ALTER TABLE t ADD COLUMN w INTEGER", within: .seconds(30)) }
                == .locked
        )
        try await holder.run(script: "COMMIT", within: .seconds(5))
        await holder.close()
        try await other.run(script: "ALTER TABLE t ADD COLUMN w INTEGER", within: .seconds(30))
        await other.close()
    }

    /// Somebody's lock goes away between two tries.
    @Test func aMigrationTriesAgainAndTellsHowOften() async throws {
        let sample = EngineSample.postgreSQL(lockTimeout: .seconds(1))
        let world = try await MigrationBench(on: sample)
        try world.write(
            "001_column.sql",
            "ALTER TABLE users ADD COLUMN mail TEXT",
            rollback: "ALTER TABLE users DROP COLUMN mail"
        )
        let holder = try await sample.engine.open(world.bench.location(), for: .writing)
        let pauses = Pauses()
        let runner = MigrationRunner(
            sessions: world.bench.sessions,
            baseDirectory: world.bench.path,
            backupDirectory: world.bench.path(of: "backups"),
            scratchDirectory: world.bench.path(of: "scratch"),
            now: { Bench.now },
            pause: { _ in
                if await pauses.count() == 2 { try? await holder.run(script: "COMMIT", within: .seconds(5)) }
            }
        )
        try await holder.run(script: "BEGIN; UPDATE users SET name = 'eve' WHERE id = 1", within: .seconds(5))
        _ = try await runner.run(.migrate(world.step(1)), because: "test")
        #expect(await pauses.number == 2)
        #expect(try await world.journal() == [1])
        #expect(try await world.bench.rows("SELECT name FROM users WHERE id = 1") == [[.text("eve")]])

        try world.write(
            "002_more.sql",
            "ALTER TABLE users ADD COLUMN phone TEXT",
            rollback: "ALTER TABLE users DROP COLUMN phone"
        )
        try await holder.run(script: "BEGIN; UPDATE users SET name = 'mallory' WHERE id = 1", within: .seconds(5))
        let error = await stepError { () throws(StepError) in
            try await runner.run(.migrate(world.step(2)), because: "test")
        }
        #expect(error?.message.contains("tried 5 times") == true)
        #expect(error?.leftTraces == false)
        #expect(try await world.journal() == [1])
        await holder.close()
    }

    private actor Pauses {
        var number = 0
        func count() -> Int {
            number += 1
            return number
        }
    }

    /// The journal is where it was, whatever a migration sets for itself.
    @Test func aMigrationMaySetItsSearchPath() async throws {
        let world = try await MigrationBench(on: .postgreSQL)
        try world.write(
            "001_app.sql",
            "CREATE SCHEMA app; SET search_path TO app; CREATE TABLE made (v INTEGER)",
            rollback: "SET search_path TO app; DROP TABLE made; DROP SCHEMA app"
        )
        let before = try await world.world()
        try await world.apply(1)
        #expect(try await world.world().schema.table("app.made") != nil)
        #expect(try await world.journal() == [1])
        try await world.takeBack(1)
        #expect(try await world.world() == before)
    }

    /// The way to a deadlock in other tools: waiting for the lock while an index is built beside.
    @Test func waitingForAMigrationHoldsNoSnapshot() async throws {
        let sample = EngineSample.postgreSQL
        let world = try await MigrationBench(on: sample)
        let first = try #require(
            try await sample.engine.open(world.bench.location(), for: .writing) as? any MigrationTransacting
        )
        try await first.beginMigration()
        let builder = try await sample.engine.open(world.bench.location(), for: .writing)
        var patient = try #require(world.bench.location().address)
        patient.lockTimeout = .seconds(30)
        let second = try #require(
            try await sample.engine.open(.server(patient), for: .writing) as? any MigrationTransacting
        )
        async let waiting: Void = second.beginMigration()
        try await builder.run(script: "CREATE INDEX CONCURRENTLY beside ON users (name)", within: .seconds(30))
        try await first.endMigration(committing: false)
        try await waiting
        try await second.endMigration(committing: false)
        for session in [first, second] as [any DatabaseSession] + [builder] { await session.close() }
    }
}

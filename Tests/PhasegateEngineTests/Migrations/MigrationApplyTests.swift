import PhasegateCore
import PhasegateMigrations
import PhasegateProbes
import Testing

@Suite("applying and taking back migrations", .serialized)
struct MigrationApplyTests {
    @Test(arguments: EngineSample.transactional)
    func thereAndBackAgain(sample: EngineSample) async throws {
        let world = try await MigrationBench(on: sample)
        try world.write(
            "001_index.sql",
            "-- description: faster\nCREATE INDEX by_user ON trades(user_id); ALTER TABLE users ADD COLUMN mail TEXT",
            rollback: "DROP INDEX by_user; ALTER TABLE users DROP COLUMN mail"
        )
        let before = try await world.world()
        let outcome = try await world.apply(1)
        #expect(outcome.observed.contains("001_index.sql"))
        #expect(outcome.evidence["backup"]?.contains("level 4 of 4") == true)
        #expect(outcome.evidence["rehearsal"]?.contains("as before") == true)
        #expect(try await world.journal() == [1])
        #expect(try await world.world().schema.table("trades")?.indexes.contains { $0.name == "by_user" } == true)
        #expect(try await world.world() != before)
        let back = try await world.takeBack(1)
        #expect(back.observed.contains("the schema is what it was before"))
        #expect(try await world.journal() == [])
        #expect(try await world.world() == before)
        #expect(world.bench.names(in: "scratch") == [])
        // And again: what was taken back can be applied anew.
        try await world.apply(1)
        #expect(try await world.journal() == [1])
    }

    @Test(arguments: EngineSample.transactional, [1, 2, 3])
    func aStatementThatFailsTakesAllOthersBack(sample: EngineSample, number: Int) async throws {
        let world = try await MigrationBench(on: sample)
        var statements = [
            "CREATE TABLE made (v INTEGER)", "UPDATE trades SET price = price * 2", "DELETE FROM trades WHERE id = 3",
            "DROP TABLE trades",
        ]
        statements.insert("INSERT INTO users VALUES (1, 'again')", at: number)
        try world.write("001_fails.sql", statements.joined(separator: ";\n"))
        let before = try await world.world()
        let error = await stepError { () throws(StepError) in try await world.apply(1) }
        #expect(error?.message.contains("rolled back") == true)
        #expect(error?.message.lowercased().contains("unique") == true)
        #expect(error?.leftTraces == false)
        #expect(try await world.world() == before)
        #expect(try await world.journal() == nil)
        #expect(try await world.runner.state(of: .migrate(world.step(1))).isNotDone)
    }

    @Test func foreignKeysMayNotComeToBeViolated() async throws {
        let world = try await MigrationBench()
        try world.write("001_orphans.sql", "DELETE FROM users WHERE id = 2")
        let before = try await world.world()
        let error = await stepError { () throws(StepError) in try await world.apply(1) }
        #expect(error?.message.contains("foreign key") == true)
        #expect(error?.message.contains("row 3 of 'trades'") == true)
        #expect(try await world.world() == before)
    }

    @Test func violationsThatWereThereBeforeAreNotTheMigrationsFault() async throws {
        let world = try await MigrationBench()
        try await world.bench.run("PRAGMA foreign_keys = OFF; INSERT INTO trades VALUES (9, 77, 1)")
        try world.write("001_index.sql", "CREATE INDEX by_user ON trades(user_id)")
        try await world.apply(1)
        #expect(try await world.journal() == [1])
        try world.write("002_orphans.sql", "DELETE FROM users WHERE id = 2")
        #expect(await stepError { () throws(StepError) in try await world.apply(2) } != nil)
    }

    /// The rebuild of a parent drops it for a moment; enforced row by row, its children would go or stop it.
    @Test func aRebuiltParentKeepsItsChildren() async throws {
        let world = try await MigrationBench()
        let rebuild = { (columns: String) in
            """
            CREATE TABLE users_new (\(columns));
            INSERT INTO users_new SELECT id, name FROM users;
            DROP TABLE users;
            ALTER TABLE users_new RENAME TO users;
            """
        }
        try world.write(
            "001_rebuild.sql",
            rebuild("id INTEGER PRIMARY KEY, name TEXT NOT NULL CHECK (name <> '')"),
            rollback: rebuild("id INTEGER PRIMARY KEY, name TEXT")
        )
        let before = try await world.world()
        try await world.apply(1)
        let after = try await world.world()
        #expect(after.hashes == before.hashes)
        #expect(after.schema.table("users")?.columns.last?.isRequired == true)
        #expect(try await world.bench.rows("PRAGMA foreign_key_check") == [])
        #expect(
            try await world.bench.rows("SELECT \"table\" FROM pragma_foreign_key_list('trades')") == [[.text("users")]]
        )
        try await world.takeBack(1)
        #expect(try await world.world() == before)
    }

    @Test func triggersRunAsTheyAreWritten() async throws {
        let world = try await MigrationBench()
        try world.write(
            "001_trigger.sql",
            """
            CREATE TABLE log (v TEXT);
            CREATE TRIGGER spy AFTER INSERT ON users BEGIN
                INSERT INTO log VALUES (CASE WHEN new.name IS NULL THEN '; COMMIT;' ELSE new.name END);
                INSERT INTO log VALUES ('end');
            END;
            INSERT INTO users VALUES (3, NULL);
            """,
            rollback: "DROP TRIGGER spy; DROP TABLE log; DELETE FROM users WHERE id = 3"
        )
        let before = try await world.world()
        try await world.apply(1)
        #expect(try await world.bench.rows("SELECT v FROM log") == [[.text("; COMMIT;")], [.text("end")]])
        try await world.takeBack(1)
        #expect(try await world.world() == before)
    }

    @Test func whatWasRehearsedIsWhatIsTakenBack() async throws {
        let world = try await MigrationBench()
        try world.write("001_a.sql", "CREATE TABLE a (v INTEGER)", rollback: "DROP TABLE a")
        let before = try await world.world()
        try await world.apply(1)
        try world.write("001_a.sql", "CREATE TABLE a (v INTEGER)", rollback: "DROP TABLE trades")
        try await world.takeBack(1)
        #expect(try await world.world() == before)
    }

    @Test func aSoundTargetIsHealthyAndADamagedOneIsNot() async throws {
        let world = try await MigrationBench()
        let outcome = try await world.runner.run(.checkHealth("main"), because: "test")
        #expect(outcome.observed.contains("found nothing"))
        let other = await stepError { () throws(StepError) in
            try await world.runner.run(.checkHealth("gone"), because: "test")
        }
        #expect(other != nil)
        try await world.bench.run(
            "PRAGMA writable_schema = ON; UPDATE sqlite_master SET rootpage = 2 WHERE name = 'trades'"
        )
        #expect(
            await stepError { () throws(StepError) in try await world.runner.run(.checkHealth("main"), because: "test")
            } != nil
        )
    }
}

extension StepState {
    /// Whether it says that the step has not taken effect.
    var isNotDone: Bool { if case .notDone = self { true } else { false } }

    /// Whether it says that the step has taken effect.
    var isDone: Bool { if case .done = self { true } else { false } }

    /// Whether it says that it cannot be told.
    var isUnclear: Bool { if case .unclear = self { true } else { false } }
}

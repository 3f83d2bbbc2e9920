import PhasegateCore
import PhasegateMigrations
import PhasegateProbes
import PhasegateTesting
import Testing

@Suite("a database that somebody else has migrated until now")
struct MigrationBaselineTests {
    /// The rollout's own migrations begin with the fourth.
    private func bench(on sample: EngineSample) async throws -> MigrationBench {
        let bench = try await MigrationBench(on: sample)
        try bench.write(
            "004_age.sql",
            "ALTER TABLE users ADD COLUMN age INTEGER",
            rollback: "ALTER TABLE users DROP COLUMN age"
        )
        return bench
    }

    @Test(arguments: EngineSample.forBackups)
    func theNextOneIsAppliedAndTakenBack(sample: EngineSample) async throws {
        let bench = try await bench(on: sample)
        let found = try await bench.runner.adopt(3, of: "main", from: .scripts, at: nil)
        #expect(found.hasPrefix("scripts, 2 tables, schema "))
        for version in 1...3 {
            guard case .done(let seen) = try await bench.runner.state(of: .migrate(bench.step(version))) else {
                Issue.record("\(version) is not done")
                continue
            }
            #expect(seen == "'main' was taken over at 3, which has it")
        }
        _ = try await bench.runner.run(.migrate(bench.step(4)), because: "test")
        #expect(try await bench.bench.rows("SELECT age FROM users").count == 2)
        _ = try await bench.runner.run(.unmigrate(bench.step(4)), because: "test")
        // What was there before phasegate came is not phasegate's to take back.
        await #expect(throws: StepError.self) {
            _ = try await bench.runner.run(.unmigrate(bench.step(3)), because: "test")
        }
        #expect(
            try await bench.bench.rows("SELECT version, name FROM phasegate_migrations") == [
                [.integer(3), .text("scripts")]
            ]
        )
    }

    @Test(arguments: EngineSample.all)
    func alembicHasToStandWhereItShould(sample: EngineSample) async throws {
        let bench = try await bench(on: sample)
        await #expect(throws: StepError.self) { try await bench.runner.adopt(3, of: "main", from: .alembic, at: nil) }
        try await bench.bench.run("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
        await #expect(throws: StepError.self) { try await bench.runner.adopt(3, of: "main", from: .alembic, at: nil) }
        try await bench.bench.run("INSERT INTO alembic_version VALUES ('ae10')")
        let elsewhere = await #expect(throws: StepError.self) {
            try await bench.runner.adopt(3, of: "main", from: .alembic, at: "ff00")
        }
        #expect(elsewhere?.message.contains("stands at 'ae10', and not at 'ff00'") == true)
        #expect(try await bench.runner.adopt(3, of: "main", from: .alembic, at: "ae10").hasPrefix("alembic at ae10, "))
        // Two heads: branches that were never merged (S2-27).
        let other = try await self.bench(on: sample)
        try await other.bench.run(
            "CREATE TABLE alembic_version (version_num VARCHAR(32)); INSERT INTO alembic_version VALUES ('a'), ('b')"
        )
        let heads = await #expect(throws: StepError.self) {
            try await other.runner.adopt(3, of: "main", from: .alembic, at: nil)
        }
        #expect(heads?.message.contains("2 heads") == true)
    }

    @Test(.enabled(if: PostgreSQLServer.isWanted, "PostgreSQL is not installed"))
    func sqitchIsAskedForItsLastChange() async throws {
        let bench = try await bench(on: .postgreSQL)
        try await bench.bench.run(
            """
            CREATE SCHEMA sqitch; CREATE TABLE sqitch.changes (change_id TEXT, change TEXT, committed_at TIMESTAMPTZ);
            INSERT INTO sqitch.changes VALUES ('1', 'users', '2026-01-01'), ('2', 'trades', '2026-01-02');
            """
        )
        #expect(
            try await bench.runner.adopt(2, of: "main", from: .sqitch, at: "trades").hasPrefix("sqitch at trades, ")
        )
    }

    @Test func aJournalIsNotTakenOver() async throws {
        let bench = try await bench(on: .sqlite)
        _ = try await bench.runner.adopt(3, of: "main", from: .scripts, at: nil)
        let again = await #expect(throws: StepError.self) {
            try await bench.runner.adopt(4, of: "main", from: .scripts, at: nil)
        }
        #expect(again?.message.contains("has a journal") == true)
    }
}

import FoundationEssentials
import PhasegateCore
import PhasegateMigrations
import PhasegateProbes
import Testing

@Suite("migrations that are refused", .serialized)
struct MigrationRefusalTests {
    private func world(on sample: EngineSample = .sqlite) async throws -> MigrationBench {
        let world = try await MigrationBench(on: sample)
        try world.write("001_a.sql", "CREATE TABLE a (v INTEGER)", rollback: "DROP TABLE a")
        try world.write("002_b.sql", "CREATE TABLE b (v INTEGER)", rollback: "DROP TABLE b")
        return world
    }

    private func refusal(of version: Int, in world: MigrationBench) async -> String? {
        await stepError { () throws(StepError) in try await world.apply(version) }?.message
    }

    @Test(arguments: EngineSample.transactional)
    func anEditedFileIsFoundAndACommentForgiven(sample: EngineSample) async throws {
        let world = try await world(on: sample)
        try await world.apply(1)
        try world.write("001_a.sql", "-- said later\nCREATE  TABLE a (v INTEGER);")
        try await world.apply(2)
        try world.write("001_a.sql", "CREATE TABLE a (v INTEGER, w INTEGER)")
        try world.write("003_c.sql", "CREATE TABLE c (v)")
        #expect(await refusal(of: 3, in: world)?.contains("'001_a.sql' was edited after it was applied") == true)
        #expect(try await world.journal() == [1, 2])
    }

    @Test(arguments: EngineSample.transactional)
    func theOrderIsKept(sample: EngineSample) async throws {
        let world = try await world(on: sample)
        #expect(await refusal(of: 2, in: world)?.contains("comes first and is not applied") == true)
        #expect(try await world.journal() == nil)
        try await world.apply(1)
        #expect(await refusal(of: 1, in: world) != nil)
        try await world.apply(2)
        let early = await stepError { () throws(StepError) in try await world.takeBack(1) }
        #expect(early?.message.contains("migration 2 was applied after 1") == true)
        #expect(try await world.journal() == [1, 2])
        // Somebody takes the journal's first row away: 1 would now come after 2.
        try await world.bench.run("DELETE FROM phasegate_migrations WHERE version = 1; DROP TABLE a")
        #expect(await refusal(of: 1, in: world)?.contains("out of order") == true)
        #expect(await refusal(of: 9, in: world)?.contains("no migration 9") == true)
    }

    @Test func anAppliedFileThatIsGoneIsMissed() async throws {
        let world = try await world()
        try await world.apply(1)
        try world.remove("001_a.sql")
        #expect(await refusal(of: 2, in: world)?.contains("its file is gone") == true)
    }

    @Test func aDirectoryWithAProblemIsNotUsed() async throws {
        let world = try await world()
        try world.write("004_d.sql", "CREATE TABLE d (v)")
        #expect(await refusal(of: 1, in: world)?.contains("migration-gap") == true)
        #expect(try await world.journal() == nil)
    }

    /// The way back is walked on a copy before the way there is begun.
    @Test(arguments: [
        ("DROP TABLE a; CREATE TABLE left_over (v)", "schema is not what it was"),
        ("SELECT 1", "schema is not what it was"),
        ("DROP TABLE a; UPDATE trades SET price = 0", "'trades'"),
        ("DROP TABLE a; DELETE FROM trades WHERE id = 3", "'trades'"),
        ("DROP TABLE nowhere", "no such table"),
        ("DROP TABLE a; DROP INDEX some; CREATE INDEX some ON trades(price)", "'some'"),
        ("DROP TABLE a; DROP INDEX some; CREATE INDEX some ON trades(price DESC) WHERE price > 1", "'some'"),
    ])
    func aRollbackThatDoesNotRestoreIsFoundBefore(rollback: String, words: String) async throws {
        let world = try await MigrationBench()
        try await world.bench.run("CREATE INDEX some ON trades(price) WHERE price > 1")
        try world.write("001_a.sql", "CREATE TABLE a (v INTEGER)", rollback: rollback)
        let before = try await world.world()
        let bytes = try Data(contentsOf: URL(filePath: world.bench.file()))
        let message = await refusal(of: 1, in: world)
        #expect(message?.contains("rehearsal") == true)
        #expect(message?.contains(words) == true, "\(message ?? "applied")")
        #expect(try await world.world() == before)
        #expect(try Data(contentsOf: URL(filePath: world.bench.file())) == bytes)
        #expect(world.bench.names(in: "scratch") == [])
    }

    @Test(arguments: EngineSample.transactional)
    func aRollbackThatNoLongerFitsChangesNothing(sample: EngineSample) async throws {
        let world = try await world(on: sample)
        try await world.apply(1)
        // Somebody changed the schema by hand since.
        try await world.bench.run("CREATE TABLE by_hand (v INTEGER)")
        let before = try await world.world()
        let error = await stepError { () throws(StepError) in try await world.takeBack(1) }
        #expect(error?.message.contains("by_hand") == true)
        #expect(try await world.world() == before)
        #expect(try await world.journal() == [1])
    }

    @Test func withoutARollbackThereIsOnlyTheBackup() async throws {
        let world = try await MigrationBench()
        try world.write("001_a.sql", "CREATE TABLE a (v INTEGER)")
        try await world.apply(1)
        let error = await stepError { () throws(StepError) in try await world.takeBack(1) }
        #expect(error?.message.contains("has no rollback; restore the backup") == true)
        #expect(
            await stepError { () throws(StepError) in try await world.takeBack(2) }?.message.contains("not applied")
                == true
        )
    }

    @Test func aDeadlineTakesEverythingBack() async throws {
        let world = try await MigrationBench()
        try world.write(
            "001_slow.sql",
            "CREATE TABLE a (v INTEGER); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) INSERT INTO a "
                + "SELECT count(*) FROM n"
        )
        let before = try await world.world()
        let step = world.step(1, within: .milliseconds(500))
        let error = await stepError { () throws(StepError) in
            try await world.runner.run(.migrate(step), because: "test")
        }
        #expect(error?.message.contains("rolled back") == true)
        #expect(try await world.world() == before)
    }
}

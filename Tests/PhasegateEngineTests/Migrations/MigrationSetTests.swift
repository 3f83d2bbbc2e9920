import FoundationEssentials
import PhasegateCore
import PhasegateMigrations
import PhasegateProbes
import PhasegateTesting
import Testing

/// Several migrations of one phase: proven and rehearsed together, before the first of them.
@Suite("migrations of one set", .serialized)
struct MigrationSetTests {
    private func bench(on sample: EngineSample = .sqlite, clock: ManualClock = ManualClock()) async throws
        -> MigrationBench
    {
        let bench = try await MigrationBench(on: sample, versions: [1, 2, 3], clock: { clock.now })
        try bench.write("001_notes.sql", "CREATE TABLE notes (id INTEGER PRIMARY KEY)", rollback: "DROP TABLE notes")
        try bench.write(
            "002_body.sql",
            "ALTER TABLE notes ADD COLUMN body TEXT",
            rollback: "ALTER TABLE notes DROP COLUMN body"
        )
        try bench.write(
            "003_index.sql",
            "CREATE INDEX notes_body ON notes(id); ALTER TABLE users ADD COLUMN mail TEXT",
            rollback: "DROP INDEX notes_body; ALTER TABLE users DROP COLUMN mail"
        )
        return bench
    }

    private func backups(_ bench: MigrationBench) -> Int {
        bench.bench.names(in: "backups").filter { $0.hasSuffix(".manifest.json") }.count
    }

    @Test(arguments: EngineSample.transactional)
    func oneBackupAndOneRehearsalAreEnough(sample: EngineSample) async throws {
        let bench = try await bench(on: sample)
        let before = try await bench.world()
        let first = try await bench.apply(1)
        #expect(first.evidence["rehearsal"]?.hasPrefix("1 to 3 applied in") == true)
        for version in [2, 3] {
            let later = try await bench.apply(version)
            #expect(later.evidence["backup"] == first.evidence["backup"])
            #expect(later.evidence["rehearsal"] == first.evidence["rehearsal"])
            #expect(later.evidence["file"] != first.evidence["file"])
        }
        #expect(backups(bench) == 1)
        for version in [3, 2, 1] { try await bench.takeBack(version) }
        #expect(try await bench.world() == before)
        #expect(bench.bench.names(in: "scratch") == [])
    }

    @Test(arguments: EngineSample.transactional)
    func aLaterOneThatCannotBeTakenBackStopsTheFirst(sample: EngineSample) async throws {
        let bench = try await bench(on: sample)
        try bench.write("003_index.sql", "CREATE INDEX notes_body ON notes(id)", rollback: "SELECT 1")
        let before = try await bench.world()
        let error = await stepError { () throws(StepError) in try await bench.apply(1) }
        #expect(error?.message.contains("003_index.sql rolled back, the schema is not what it was") == true)
        #expect(error?.leftTraces == false)
        #expect(try await bench.world() == before)
        #expect(try await bench.journal() == nil)
    }

    /// What a later rollback clears away must not hide what an earlier one forgot.
    @Test func everyRollbackIsHeldAgainstItsOwnMigration() async throws {
        let bench = try await bench()
        try bench.write("002_body.sql", "ALTER TABLE notes ADD COLUMN body TEXT", rollback: "SELECT 1")
        let error = await stepError { () throws(StepError) in try await bench.apply(1) }
        #expect(error?.message.contains("002_body.sql rolled back") == true)
    }

    @Test func oneWithoutARollbackIsAppliedForThoseBehindIt() async throws {
        let bench = try await bench()
        try FileManager.default.removeItem(atPath: bench.bench.path(of: "migrations/rollback/001_rollback.sql"))
        let first = try await bench.apply(1)
        #expect(first.evidence["rehearsal"]?.contains("1 to 3") == true)
        try await bench.apply(2)
        try await bench.apply(3)
        #expect(backups(bench) == 1)
    }

    @Test func whereTheBackupIsTheOnlyWayBackItIsTakenAnew() async throws {
        let bench = try await bench()
        try FileManager.default.removeItem(atPath: bench.bench.path(of: "migrations/rollback/002_rollback.sql"))
        try await bench.apply(1)
        try await bench.apply(2)
        #expect(backups(bench) == 2)
    }

    @Test func whoChangesTheSchemaInBetweenIsNoticed() async throws {
        let bench = try await bench()
        let first = try await bench.apply(1)
        try await bench.bench.run("CREATE TABLE uninvited (v)")
        let second = try await bench.apply(2)
        #expect(second.evidence["backup"] != first.evidence["backup"])
        #expect(second.evidence["rehearsal"]?.hasPrefix("2 to 3") == true)
        #expect(backups(bench) == 2)
    }

    @Test func anOldBackupIsNotEnough() async throws {
        let clock = ManualClock()
        let bench = try await bench(clock: clock)
        try await bench.apply(1)
        clock.advance(by: .seconds(3599))
        try await bench.apply(2)
        #expect(backups(bench) == 1)
        clock.advance(by: .seconds(1))
        try await bench.apply(3)
        #expect(backups(bench) == 2)
    }

    @Test func anEditedFileIsRehearsedAnew() async throws {
        let bench = try await bench()
        try await bench.apply(1)
        try bench.write(
            "002_body.sql",
            "ALTER TABLE notes ADD COLUMN body VARCHAR(9)",
            rollback: "ALTER TABLE notes DROP COLUMN body"
        )
        try await bench.apply(2)
        #expect(backups(bench) == 2)
    }

    @Test func aRollbackInBetweenBeginsAnew() async throws {
        let bench = try await bench()
        try await bench.apply(1)
        try await bench.apply(2)
        try await bench.takeBack(2)
        try await bench.apply(2)
        #expect(backups(bench) == 2)
    }

    /// What a process has seen goes with it.
    @Test func anotherProcessBeginsAnew() async throws {
        let bench = try await bench()
        try await bench.apply(1)
        let other = MigrationRunner(
            sessions: bench.bench.sessions,
            baseDirectory: bench.bench.path,
            backupDirectory: bench.bench.path(of: "backups"),
            scratchDirectory: bench.bench.path(of: "scratch"),
            now: { Bench.now + .seconds(1) }
        )
        let outcome = try await other.run(.migrate(bench.step(2)), because: "test")
        #expect(outcome.evidence["rehearsal"]?.hasPrefix("2 to 3") == true)
        #expect(backups(bench) == 2)
    }
}

import FoundationEssentials
import PhasegateCore
import PhasegateMigrations
import PhasegateProbes
import Testing

@Suite("two chains of migrations")
struct MigrationEquivalenceTests {
    private func bench(on sample: EngineSample, _ consolidated: String, queries: String? = nil) async throws
        -> MigrationBench
    {
        let bench = try await MigrationBench(on: sample)
        try bench.write("001_age.sql", "ALTER TABLE users ADD COLUMN age INTEGER;")
        try bench.write("002_ages.sql", "UPDATE users SET age = 30 WHERE id = 1;")
        try bench.write("003_index.sql", "CREATE INDEX by_age ON users (age);")
        try FileManager.default.createDirectory(
            atPath: bench.bench.path(of: "consolidated"),
            withIntermediateDirectories: true
        )
        try Data(consolidated.utf8).write(to: URL(filePath: bench.bench.path(of: "consolidated/001_all.sql")))
        if let queries { try Data(queries.utf8).write(to: URL(filePath: bench.bench.path(of: "queries.sql"))) }
        return bench
    }

    private func measure(_ bench: MigrationBench, queries: Bool = false) async throws -> Measurement {
        var settings: [String: Setting] = ["migrations": "migrations", "with": "consolidated"]
        if queries { settings["queries"] = "queries.sql" }
        let measured = try await bench.bench.measure("migration-equivalence", settings)
        #expect(bench.bench.names(in: "scratch") == [])
        return measured
    }

    private static let same = """
        ALTER TABLE users ADD COLUMN age INTEGER;
        CREATE INDEX by_age ON users (age);
        UPDATE users SET age = 30 WHERE id = 1;
        """

    @Test(arguments: EngineSample.forBackups)
    func oneFileBuildsWhatThreeDid(sample: EngineSample) async throws {
        let bench = try await bench(
            on: sample,
            Self.same,
            queries: "SELECT id, age FROM users ORDER BY id; SELECT name FROM users;"
        )
        let measured = try await measure(bench, queries: true)
        #expect(measured.word == "equivalent", "\(measured.notes)")
        // The target itself is as it was.
        #expect(try await bench.bench.rows("SELECT * FROM users").first?.count == 2)
    }

    @Test(arguments: EngineSample.forBackups)
    func whatDiffersIsNamed(sample: EngineSample) async throws {
        let bench = try await bench(on: sample, "ALTER TABLE users ADD COLUMN age BIGINT; UPDATE users SET age = 31;")
        let measured = try await measure(bench)
        #expect(measured.word == "differs")
        let notes = measured.notes.joined(separator: "\n")
        #expect(notes.contains("table 'users' has other columns: age"))
        #expect(notes.contains("index 'by_age' is only in 'migrations'"))
        #expect(notes.contains("table 'users' holds something else"))
    }

    @Test func answersAreComparedAsTheQueryOrdersThem() async throws {
        let other = Self.same.replacing("UPDATE users SET age = 30", with: "UPDATE users SET age = 29")
        let queries = "SELECT count(*) FROM users; SELECT age FROM users ORDER BY id;"
        let differing = try await measure(try await bench(on: .sqlite, other, queries: queries), queries: true)
        #expect(differing.word == "differs")
        #expect(
            differing.notes.contains { $0.contains("a query is answered otherwise") && $0.contains("age FROM users") }
        )
        #expect(!differing.notes.contains { $0.contains("count(*)") })
    }

    @Test func aChainThatDoesNotApply() async throws {
        let failing = try await measure(try await bench(on: .sqlite, "ALTER TABLE nowhere ADD COLUMN x INTEGER"))
        #expect(failing.word == "differs")
        #expect(failing.notes.first?.contains("001_all.sql, line 1") == true)
        // Without the measure there is nothing to compare with.
        let bench = try await bench(on: .sqlite, Self.same)
        try bench.write("004_broken.sql", "DROP TABLE nowhere")
        let error = await #expect(throws: ProbeError.self) { try await measure(bench) }
        #expect(error?.why == .failed)
        #expect(error?.message.contains("004_broken.sql") == true)
    }

    @Test func whatIsAppliedAlreadyIsNotAppliedAgain() async throws {
        let bench = try await bench(on: .sqlite, Self.same)
        _ = try await bench.runner.run(.migrate(bench.step(1)), because: "test")
        let consolidated = bench.bench.path(of: "consolidated/001_all.sql")
        try Data("CREATE INDEX by_age ON users (age); UPDATE users SET age = 30 WHERE id = 1;".utf8)
            .write(to: URL(filePath: consolidated))
        #expect(try await measure(bench).word == "equivalent")
    }
}

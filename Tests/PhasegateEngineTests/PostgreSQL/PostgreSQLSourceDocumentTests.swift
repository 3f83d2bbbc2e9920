import FoundationEssentials
import PhasegateCore
import PhasegateMigrations
import PhasegateProbes
import PhasegateTesting
import Testing

/// The source document's own commands, run as it has them, beside what phasegate does instead.
///
/// X2-11 and X2-12 need a server of their own: see `PostgreSQLActivityTests`.
@Suite(
    "PostgreSQL: what the source document gets wrong",
    .enabled(if: PostgreSQLServer.isWanted, "PostgreSQL is not installed")
)
struct PostgreSQLSourceDocumentTests {
    private func bench() async throws -> Bench {
        let bench = try Bench(on: .postgreSQL)
        try await bench.make(
            "main",
            "CREATE TABLE dialog_messages (id INTEGER PRIMARY KEY, body TEXT); INSERT INTO dialog_messages VALUES (1, 'a')"
        )
        return bench
    }

    private func program(_ name: String, _ arguments: [String]) async throws -> (status: Int32, output: String) {
        let path = "\(PostgreSQLServer.programs ?? "")/\(name)"
        let result = try await ChildProcess([path] + arguments, in: "/", isMerged: true).run(within: .seconds(60))
        return (result.status, result.output)
    }

    /// X2-9: `pg_dump > backup.sql`, then `pg_restore backup.sql`.
    @Test func aPlainDumpIsNotGivenToPgRestore() async throws {
        let bench = try await bench()
        let address = try #require(bench.location().address)
        let dump = bench.path(of: "backup.sql")
        let place = ["-h", address.host ?? "", "-p", "\(address.port ?? 0)", "-U", "phasegate"]
        #expect(try await program("pg_dump", place + ["-f", dump, address.database]).status == 0)
        let refused = try await program("pg_restore", place + ["--clean", "--dbname", address.database, dump])
        #expect(refused.status != 0)
        #expect(refused.output.contains("text format dump"))
        let measured = try await bench.measure("backup", ["format": "plain"])
        #expect(measured.word == "verified", "\(measured.notes)")
    }

    /// X2-10: the pre-check names a column that is not there, and its "disk space check" tells what is used.
    @Test func theRoomThatIsLeftIsMeasured() async throws {
        let bench = try await bench()
        let error = await #expect(throws: SessionError.self) {
            try await bench.rows(
                "SELECT schemaname, tablename, n_live_tup, pg_size_pretty(pg_total_relation_size(relid)) "
                    + "FROM pg_stat_user_tables WHERE tablename IN ('dialog_messages', 'knowledge_embeddings')"
            )
        }
        #expect(error?.message.contains("tablename") == true)
        let corrected = try await bench.measure(
            "sql",
            [
                "query": .text(
                    "SELECT relname AS part, n_live_tup FROM pg_stat_user_tables WHERE relname = 'dialog_messages'"
                )
            ]
        )
        #expect(corrected.parts.map(\.name) == ["dialog_messages"])
        let used = try #require(try await bench.measure("disk", ["measure": "used-by-target"]).number)
        let free = try #require(try await bench.measure("disk").number)
        #expect(used > 0)
        // What is left does not follow from what is used.
        try await bench.run("INSERT INTO dialog_messages SELECT i, repeat('x', 500) FROM generate_series(2, 20000) i")
        #expect(try #require(try await bench.measure("disk", ["measure": "used-by-target"]).number) > used + 5e6)
        #expect(free > used)
    }

    /// X2-13: a concurrent build is refused inside a transaction block, which is where Alembic runs a migration.
    @Test func aConcurrentBuildIsNotRunInATransaction() async throws {
        let bench = try await bench()
        let build = "CREATE INDEX CONCURRENTLY idx_body ON dialog_messages (body);"
        let error = await #expect(throws: SessionError.self) { try await bench.run("BEGIN; \(build) COMMIT;") }
        #expect(error?.message.contains("cannot run inside a transaction block") == true)
        let directory = bench.path(of: "migrations")
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let file = URL(filePath: directory + "/001_index.sql")
        try Data(build.utf8).write(to: file)
        let found = MigrationDirectory(path: directory, dialect: .postgresql).diagnostics
        #expect(found.map(\.rule) == ["forbidden-statement"])
        #expect(found.first?.hint?.contains(SQLScript.directive) == true)
        try Data("\(SQLScript.directive)\n\(build)".utf8).write(to: file)
        #expect(MigrationDirectory(path: directory, dialect: .postgresql).diagnostics.isEmpty)
    }
}

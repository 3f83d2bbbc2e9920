import Foundation
import PhasegateCore
import PhasegateProbes
import PhasegateTesting
import Testing

/// Measured on a server of its own, where nobody else comes and goes.
@Suite("PostgreSQL: activity", .serialized, .enabled(if: PostgreSQLServer.isWanted, "PostgreSQL is not installed"))
struct PostgreSQLActivityTests {
    private static let server = PostgreSQLServer()

    private func bench() async throws -> Bench {
        let bench = try Bench(on: .postgreSQL(at: Self.server))
        try await bench.make("main", "CREATE TABLE t (id INTEGER PRIMARY KEY, v INTEGER); INSERT INTO t VALUES (1, 1)")
        return bench
    }

    /// The server's own client, with what it began left open until it is ended.
    private func client(_ sql: String, _ bench: Bench) throws -> Process {
        let process = Process()
        let address = try #require(bench.location().address)
        process.executableURL = URL(fileURLWithPath: "/usr/bin/psql")
        process.arguments = [
            "-X", "-q", "-h", address.host ?? "", "-p", "\(address.port ?? 0)", "-U", "phasegate", "-d",
            address.database,
        ]
        let input = Pipe()
        process.standardInput = input
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        try input.fileHandleForWriting.write(contentsOf: Data((sql + ";\n").utf8))
        return process
    }

    private func end(_ process: Process) { kill(process.processIdentifier, SIGKILL) }

    @Test func whoMeasuresIsNotMeasured() async throws {
        let bench = try await bench()
        #expect(try await bench.settles("connections") { $0 == 0 })
        let one = try client("SELECT 1", bench)
        #expect(try await bench.settles("connections") { $0 == 1 })
        #expect(try await bench.activity("connection-share") > 0)
        end(one)
        #expect(try await bench.settles("connections") { $0 == 0 })
    }

    @Test func whoWaitsAndWhoIsWaitedForAreSeen() async throws {
        let bench = try await bench()
        #expect(try await bench.activity("blocked-sessions") == 0)
        let holder = try client("BEGIN; LOCK TABLE t", bench)
        #expect(try await bench.settles("longest-transaction") { $0 > 0.05 })
        let waiting = try client("ALTER TABLE t ADD COLUMN w INTEGER", bench)
        #expect(try await bench.settles("blocked-sessions") { $0 == 1 })
        end(holder)
        #expect(try await bench.settles("blocked-sessions") { $0 == 0 })
        end(waiting)
        #expect(try await bench.settles("longest-transaction") { $0 == 0 })
    }

    @Test func withoutAReplicaThereIsNoLag() async throws {
        let bench = try await bench()
        let error = await #expect(throws: ProbeError.self) {
            try await bench.measure("activity", ["measure": "replication-lag"])
        }
        #expect(error?.why == .noData)
    }

    /// The source document counts every backend, and a monitor that looks for CREATE INDEX finds itself (X2-11, X2-12).
    @Test func theDocumentsOwnQueriesCountTooMany() async throws {
        let bench = try await bench()
        #expect(try await bench.settles("connections") { $0 == 0 })
        let counted = try await bench.rows("SELECT count(*) FROM pg_stat_activity").first?.first
        #expect(try #require(counted?.integer) >= 2)
        let monitor = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%CREATE INDEX%'"
        #expect(try await bench.rows(monitor).first?.first == .integer(1))
        #expect(try await bench.activity("index-builds") == 0)
    }

    /// A failed concurrent build leaves an index nobody uses (X2-13).
    @Test func whatABrokenBuildLeavesIsCounted() async throws {
        let bench = try await bench()
        #expect(try await bench.activity("invalid-indexes") == 0)
        try await bench.run("INSERT INTO t VALUES (2, 1)")
        await #expect(throws: SessionError.self) { try await bench.run("CREATE UNIQUE INDEX CONCURRENTLY u ON t (v)") }
        #expect(try await bench.activity("invalid-indexes") == 1)
        try await bench.run("ALTER TABLE t ADD CONSTRAINT positive CHECK (v > 0) NOT VALID")
        #expect(try await bench.activity("unvalidated-constraints") == 1)
        try await bench.run("ALTER TABLE t VALIDATE CONSTRAINT positive")
        #expect(try await bench.activity("unvalidated-constraints") == 0)
    }

    @Test func statisticsHaveAnAgeOnceTheyAreMade() async throws {
        let bench = try await bench()
        let error = await #expect(throws: ProbeError.self) { try await bench.activity("statistics-age") }
        #expect(error?.why == .noData)
        try await bench.run("ANALYZE t")
        #expect(try await bench.settles("statistics-age") { $0 < 600 })
        let archiver = await #expect(throws: ProbeError.self) { try await bench.activity("archiver-failures") }
        #expect(archiver?.why == .noData)
    }

    @Test func theVolumeOfAServerHereIsSeen() async throws {
        let bench = try await bench()
        let free = try #require(try await bench.measure("disk").number)
        let here = try #require(try await bench.measure("disk", ["path": .text(Self.server.directory)]).number)
        // Others write meanwhile.
        #expect(abs(free - here) < 2e9)
    }

    @Test func theRestIsMeasured() async throws {
        let bench = try await bench()
        #expect(try await bench.activity("index-builds") == 0)
        #expect(try await bench.activity("rolled-back") <= 100)
        let sqlite = try Bench()
        try await sqlite.make("main", "CREATE TABLE t (v INTEGER)")
        let error = await #expect(throws: ProbeError.self) {
            try await sqlite.measure("activity", ["measure": "connections"])
        }
        #expect(error?.why == .unsupported)
    }
}

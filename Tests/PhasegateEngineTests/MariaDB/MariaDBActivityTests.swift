import Foundation
import PhasegateCore
import PhasegateProbes
import PhasegateTesting
import Testing

/// Measured on a server of its own, where nobody else comes and goes.
@Suite("MariaDB: activity", .serialized, .enabled(if: MariaDBServer.isWanted, "MariaDB is not installed"))
struct MariaDBActivityTests {
    private static let server = MariaDBServer()

    private func bench() async throws -> Bench {
        let bench = try Bench(on: .mariaDB(at: Self.server))
        try await bench.make("main", "CREATE TABLE t (id INTEGER PRIMARY KEY, v INTEGER); INSERT INTO t VALUES (1, 1)")
        return bench
    }

    /// The server's own client, busy until it is ended.
    private func client(_ sql: String, _ bench: Bench) throws -> Process {
        let process = Process()
        let address = try #require(bench.location().address)
        process.executableURL = URL(fileURLWithPath: "/usr/bin/mariadb")
        process.arguments = [
            "--no-defaults", "-S", address.host ?? "", "-u", "phasegate", "-e", sql + "; DO SLEEP(600)",
            address.database,
        ]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }

    /// The server notices a client that was killed only when its statement is over.
    private func end(_ process: Process) async throws {
        kill(process.processIdentifier, SIGKILL)
        let ids = try await Self.server.client(
            "SELECT id FROM information_schema.processlist WHERE info LIKE '%SLEEP(600)%' AND id <> connection_id()"
        )
        for id in ids.split(separator: "\n") { _ = try? await Self.server.client("KILL \(id)") }
    }

    @Test func whoMeasuresIsNotMeasured() async throws {
        let bench = try await bench()
        #expect(try await bench.settles("connections") { $0 == 0 })
        let one = try client("SELECT 1", bench)
        #expect(try await bench.settles("connections") { $0 == 1 })
        #expect(try await bench.activity("connection-share") > 0)
        try await end(one)
        #expect(try await bench.settles("connections") { $0 == 0 })
    }

    @Test func whoWaitsAndWhoIsWaitedForAreSeen() async throws {
        let bench = try await bench()
        #expect(try await bench.activity("blocked-sessions") == 0)
        let holder = try client("START TRANSACTION; SELECT * FROM t WHERE id = 1 FOR UPDATE", bench)
        #expect(try await bench.settles("longest-transaction") { $0 >= 1 })
        let waiting = try client("UPDATE t SET v = 2", bench)
        #expect(try await bench.settles("blocked-sessions") { $0 == 1 })
        // A change of the table waits for its metadata.
        let changing = try client("ALTER TABLE t ADD COLUMN w INTEGER", bench)
        #expect(try await bench.settles("blocked-sessions") { $0 == 2 })
        for process in [holder, waiting, changing] { try await end(process) }
        #expect(try await bench.settles("blocked-sessions") { $0 == 0 })
        #expect(try await bench.settles("longest-transaction") { $0 == 0 })
    }

    @Test func whatIsNotThereIsNotMeasured() async throws {
        let bench = try await bench()
        for (what, why) in [
            ("replication-lag", Reading.Unavailability.noData), ("invalid-indexes", .unsupported),
            ("archiver-failures", .unsupported),
        ] {
            let error = await #expect(throws: ProbeError.self) { try await bench.activity(what) }
            #expect(error?.why == why, "\(what)")
        }
    }

    @Test func theRestIsMeasured() async throws {
        let bench = try await bench()
        #expect(try await bench.activity("index-builds") == 0)
        try await bench.run("BEGIN; UPDATE t SET v = 3; ROLLBACK")
        #expect(try await bench.activity("rolled-back") > 0)
        try await bench.run("ANALYZE TABLE t")
        #expect(try await bench.settles("statistics-age") { $0 < 600 })
        #expect(try #require(try await bench.measure("disk").number) > 0)
    }
}

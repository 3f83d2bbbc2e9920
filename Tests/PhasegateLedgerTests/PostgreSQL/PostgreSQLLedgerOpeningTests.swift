import Foundation
import PhasegateCore
import PhasegateLedger
import PhasegatePostgreSQLLedger
import PhasegateTesting
import Testing

@Suite("ledger on PostgreSQL: opening", .enabled(if: PostgreSQLServer.isWanted, "PostgreSQL is not installed"))
struct PostgreSQLLedgerOpeningTests {
    private func failure(_ body: () async throws -> Void) async -> LedgerError? {
        do {
            try await body()
            return nil
        } catch {
            return error as? LedgerError
        }
    }

    @Test func isMadeOnlyWhenAskedFor() async throws {
        let bench = try await PostgreSQLBench()
        let error = await failure { _ = try await bench.open(creating: false) }
        #expect(error?.code == .unreachable)
        #expect(error?.message.contains("there is no ledger") == true)
        #expect(try await bench.raw("SELECT count(*) FROM pg_namespace WHERE nspname = 'phasegate'") == [["0"]])
        _ = try await bench.open()
        _ = try await bench.open(creating: false)
    }

    /// Several controllers are started at once, by a timer or a scheduler.
    @Test func manyMayBeginAtOnce() async throws {
        let bench = try await PostgreSQLBench()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask { try await bench.append(0..<1, with: try await bench.open()) }
            }
            try await group.waitForAll()
        }
        #expect(try await bench.open().verify("demo").entries == 8)
    }

    @Test(arguments: [true, false])
    func anotherProgramsSchemaStaysAsItIs(creating: Bool) async throws {
        let bench = try await PostgreSQLBench()
        try await bench.raw("CREATE SCHEMA phasegate; CREATE TABLE phasegate.entries (v int)")
        let error = await failure { _ = try await bench.open(creating: creating) }
        #expect(error?.code == .unreachable)
        #expect(error?.message.contains("another program's") == true)
        #expect(try await bench.raw("SELECT count(*) FROM pg_class WHERE relname = 'heads'") == [["0"]])
    }

    /// Who may not make schemas has one made for them.
    @Test func anEmptySchemaIsTaken() async throws {
        let bench = try await PostgreSQLBench()
        try await bench.raw("CREATE SCHEMA phasegate")
        #expect(await failure { _ = try await bench.open(creating: false) }?.message.contains("no ledger") == true)
        #expect(try await bench.filled(2).verify("demo").entries == 2)
    }

    @Test func aNewerLedgerIsLeftAlone() async throws {
        let bench = try await PostgreSQLBench()
        _ = try await bench.open()
        try await bench.raw("INSERT INTO ledger_format VALUES (2)")
        #expect(await failure { _ = try await bench.open() }?.message.contains("has format 2") == true)
    }

    @Test func aWrongPasswordIsRefusedAndNeverRepeated() async throws {
        let bench = try await PostgreSQLBench()
        let directory = try TemporaryDirectory()
        try Data("hunter2 hunter2".utf8).write(to: URL(filePath: directory.path(of: "password")))
        let url =
            "postgresql://phasegate@127.0.0.1:\(bench.server.port)/\(bench.database)?password=file:"
            + directory.path(of: "password")
        let error = await failure { _ = try await bench.open(url) }
        #expect(error?.code == .unreachable)
        #expect(error?.message.contains("password authentication failed") == true)
        #expect(error?.message.contains("hunter2") == false)
        _ = try await bench.open(bench.url(port: bench.server.port, ""))
    }

    @Test func aServerThatIsDownIsSaidAtOnce() async throws {
        let begin = ContinuousClock.now
        let error = await failure {
            _ = try await PostgreSQLLedger(PostgreSQLLedgerLocation("postgresql://127.0.0.1:\(freePort())/x"))
        }
        #expect(error?.code == .unreachable)
        #expect(ContinuousClock.now - begin < .seconds(5))
    }

    /// A ledger may move from a file to a server, entry by entry.
    @Test func theSameEventsHaveTheSameHashesOnBothLedgers() async throws {
        let benches: [any LedgerBench] = [try SQLiteBench(), try await PostgreSQLBench()]
        var chains: [[String]] = []
        for bench in benches {
            let ledger = try await bench.filled(20)
            try await ledger.append(
                [.settled(.frozen, reason: "ü \u{0} \u{1F600} \\ \" \n"), Sample.event(1)],
                to: "demo",
                by: "ada's \"host\"",
                at: Sample.start
            )
            chains.append(try await ledger.entries(of: "demo").map(\.hash))
        }
        #expect(chains[0].count == 22)
        #expect(chains[0] == chains[1])
    }

    /// Nobody changes entries by mistake, and whoever owns the tables not in passing.
    @Test func entriesAreNotTruncatedEither() async throws {
        let bench = try await PostgreSQLBench()
        let ledger = try await bench.filled(3)
        for sql in ["TRUNCATE entries", "SET session_replication_role = replica; DELETE FROM entries"] {
            let error = await #expect(throws: RawError.self, "\(sql)") { try await bench.raw(sql) }
            #expect(error?.message.contains("append-only") == true)
        }
        #expect(try await ledger.verify("demo").entries == 3)
    }

    /// A standby that was made primary, or a backup: what a controller has seen and the ledger has not is no small thing.
    @Test func aLedgerThatLostItsEndIsNotGoneOnWith() async throws {
        let bench = try await PostgreSQLBench()
        let ledger = try await bench.filled(10)
        try await bench.tamper(
            """
            DELETE FROM entries WHERE sequence > 8;
            UPDATE heads SET sequence = 8, hash = (SELECT hash FROM entries WHERE sequence = 8);
            """
        )
        #expect(await code { try await bench.append(10..<11, with: ledger) } == .brokenChain)
        #expect(await code { _ = try await ledger.state(of: "demo") } == .brokenChain)
        #expect(try await bench.raw("SELECT max(sequence) FROM entries") == [["8"]])
    }

    @Test func aVerifiedConnectionIsEncrypted() async throws {
        let bench = try await PostgreSQLBench()
        let url = bench.url(
            port: bench.server.port,
            "sslmode=verify-full&sslrootcert=\(bench.server.directory)/server.crt"
        )
        let ledger = try await bench.open(url)
        try await bench.append(0..<1, with: ledger)
        #expect(
            try await bench.raw(
                "SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = 'phasegate' AND datname = current_database()"
            ) == [["t"]]
        )
        let error = await failure {
            _ = try await bench.open(bench.url(port: bench.server.port, "sslmode=verify-full"))
        }
        #expect(error?.message.contains("certificate verify failed") == true, "\(error?.message ?? "")")
    }

    /// The grants of docs/operations.md: a controller that does not own the tables, and somebody who only reads.
    @Test func rolesNeedNoMoreThanTheirGrants() async throws {
        let bench = try await PostgreSQLBench()
        _ = try await bench.filled(1)
        let suffix = bench.database.suffix(8)
        try await bench.raw(
            """
            CREATE ROLE "writer\(suffix)" LOGIN; CREATE ROLE "reader\(suffix)" LOGIN;
            GRANT USAGE ON SCHEMA phasegate TO "writer\(suffix)", "reader\(suffix)";
            GRANT SELECT ON ALL TABLES IN SCHEMA phasegate TO "writer\(suffix)", "reader\(suffix)";
            GRANT INSERT ON phasegate.entries TO "writer\(suffix)";
            GRANT INSERT, UPDATE ON phasegate.heads, phasegate.leases, phasegate.snapshots TO "writer\(suffix)";
            """
        )
        let writer = try await bench.open(bench.url().replacingOccurrences(of: "phasegate@", with: "writer\(suffix)@"))
        try await writer.takeLease(on: "demo", holder: "ada", at: Sample.start)
        try await bench.append(1..<10, with: writer)
        await writer.releaseLease()
        let reader = try await bench.open(
            bench.url().replacingOccurrences(of: "phasegate@", with: "reader\(suffix)@"),
            creating: false
        )
        #expect(try await reader.verify("demo").entries == 10)
        #expect(try await reader.state(of: "demo").sequence == 10)
        let error = await failure { try await bench.append(10..<11, with: reader) }
        #expect(error?.code == .unreachable)
        #expect(error?.message.contains("may not be used by this user") == true)
    }

    /// Whoever waits for the lease asks twice a second, for hours.
    @Test func askingInVainWritesNothing() async throws {
        let bench = try await PostgreSQLBench()
        // So long that the holder has no reason to renew it meanwhile.
        let holder = try await bench.open(bench.url("lease=600s"))
        let other = try await bench.open(bench.url("lease=600s"))
        try await holder.takeLease(on: "demo", holder: "ada", at: Sample.start)
        let before = try await bench.raw("SELECT xmin, xmax FROM leases")
        for _ in 0..<10 {
            #expect(await code { try await other.takeLease(on: "demo", holder: "bob", at: Sample.start) } == .leaseHeld)
        }
        #expect(try await bench.raw("SELECT xmin, xmax FROM leases") == before)
        #expect(try await bench.backends().count == 4)
    }
}

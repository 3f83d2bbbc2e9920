import FoundationEssentials
import PhasegateCore
import PhasegatePostgreSQL
import PhasegateProbes
import PhasegateSecrets
import PhasegateTesting
import Testing

/// What a server can do to us, on a real one.
@Suite("PostgreSQL: faults", .serialized, .enabled(if: PostgreSQLServer.isWanted, "PostgreSQL is not installed"))
struct PostgreSQLFaultTests {
    private static let secret: SecretReference = .environment("REPLYX_PASSWORD")

    private func engine(_ password: String = PostgreSQLServer.password) -> PostgreSQLEngine {
        PostgreSQLEngine { _ throws(SecretError) in password }
    }

    private func failure(_ engine: PostgreSQLEngine, _ address: ServerAddress) async -> SessionError? {
        do throws(SessionError) {
            await (try await engine.open(.server(address), for: .reading)).close()
            return nil
        } catch {
            return error
        }
    }

    @Test func aServerThatIsDownIsUnreachable() async throws {
        let address = ServerAddress(host: "127.0.0.1", port: freePort(), database: "replyx", user: "phasegate")
        let error = try #require(await failure(engine(), address))
        #expect(error.code == .unreachable)
        #expect(error.message.contains("phasegate@127.0.0.1"))
    }

    @Test func aServerThatNeverAnswersIsGivenUpInTime() async throws {
        try await PostgreSQLServer.shared.waitUntilReady()
        let proxy = try StallingProxy(to: PostgreSQLServer.shared.port)
        proxy.stall()
        var address = PostgreSQLServer.shared.loopback(password: Self.secret)
        address.port = proxy.port
        address.connectTimeout = .milliseconds(300)
        let begin = ContinuousClock.now
        #expect(await failure(engine(), address)?.code == .unreachable)
        #expect(ContinuousClock.now - begin < .seconds(10))
    }

    @Test func aWrongPasswordIsRefusedAndNeverRepeated() async throws {
        try await PostgreSQLServer.shared.waitUntilReady()
        let address = PostgreSQLServer.shared.loopback(password: Self.secret)
        let error = try #require(await failure(engine("hunter2 hunter2"), address))
        #expect(error.code == .notPermitted)
        #expect(error.message.contains("password authentication failed"))
        #expect(!error.message.contains("hunter2"))
        #expect(await failure(engine(), address) == nil)
    }

    @Test func aMissingSecretIsNamed() async throws {
        let error = await failure(PostgreSQLEngine(), PostgreSQLServer.shared.loopback(password: Self.secret))
        #expect(error?.code == .unreachable)
        #expect(error?.message.contains("'REPLYX_PASSWORD' is not set") == true)
    }

    @Test func aDatabaseThatIsNotThereIsNotMade() async throws {
        try await PostgreSQLServer.shared.waitUntilReady()
        let error = await failure(engine(), PostgreSQLServer.shared.socket("nowhere"))
        #expect(error?.code == .unreachable)
        #expect(error?.message.contains("does not exist") == true)
        #expect(await failure(engine(), PostgreSQLServer.shared.socket("nowhere"))?.code == .unreachable)
    }

    @Test func aFileIsNoServer() async throws {
        #expect(await code { _ = try await engine().open(.file("/tmp/x.db"), for: .reading) } == .unsupported)
    }

    @Test func aCertificateIsVerified() async throws {
        let server = PostgreSQLServer.shared
        try await server.waitUntilReady()
        var address = server.loopback(password: Self.secret)
        address.protection = .verifyName
        // Not signed by anybody this machine knows.
        #expect(await failure(engine(), address)?.message.contains("certificate verify failed") == true)
        address.certificates.authority = server.directory + "/server.crt"
        #expect(await failure(engine(), address) == nil)
        // Signed, but by its name another machine.
        address.host = "127.0.0.2"
        #expect(await failure(engine(), address) != nil)
        let session = try await engine().open(
            .server(encrypted(server, authority: address.certificates.authority)),
            for: .reading
        )
        let row = try await session.rows(
            SQLQuery("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"),
            within: .seconds(5)
        ).first
        #expect(row?.values == [.integer(1)])
        await session.close()
    }

    private func encrypted(_ server: PostgreSQLServer, authority: String?) -> ServerAddress {
        var address = server.loopback(password: Self.secret)
        address.protection = .verifyAuthority
        address.certificates.authority = authority
        return address
    }

    @Test func aCancelledStatementEndsOnTheServer() async throws {
        let sample = EngineSample.postgreSQL
        try await sample.writing { session in
            let pid = try await session.rows(SQLQuery("SELECT pg_backend_pid()"), within: .seconds(5)).first?.values
            #expect(
                await code { _ = try await session.rows(SQLQuery("SELECT pg_sleep(600)"), within: .milliseconds(100)) }
                    == .timedOut
            )
            let number = try #require(pid?.first?.integer)
            let state = try await PostgreSQLServer.shared.psql(
                "SELECT count(*) FROM pg_stat_activity WHERE pid = \(number) AND state = 'active'"
            )
            #expect(state == "0")
        }
    }

    @Test func aNetworkThatStallsEndsAtTheDeadline() async throws {
        let server = PostgreSQLServer.shared
        try await server.waitUntilReady()
        let proxy = try StallingProxy(to: server.port)
        var address = server.loopback(password: Self.secret)
        address.port = proxy.port
        let session = try await engine().open(.server(address), for: .writing)
        proxy.stall()
        let begin = ContinuousClock.now
        let thrown = await code { _ = try await session.rows(SQLQuery("SELECT 1"), within: .milliseconds(200)) }
        #expect(thrown == .timedOut)
        #expect(ContinuousClock.now - begin < .seconds(20))
        #expect(await code { _ = try await session.rows(SQLQuery("SELECT 1"), within: .seconds(1)) } == .closed)
        await session.close()
    }

    @Test func aBackendThatIsKilledIsALostConnection() async throws {
        try await EngineSample.postgreSQL.writing { session in
            let pid = try await session.rows(SQLQuery("SELECT pg_backend_pid()"), within: .seconds(5)).first?.values
            let number = try #require(pid?.first?.integer)
            async let outcome = code {
                _ = try await session.rows(SQLQuery("SELECT pg_sleep(60)"), within: .seconds(60))
            }
            let server = PostgreSQLServer.shared
            while try await server.psql("SELECT state FROM pg_stat_activity WHERE pid = \(number)") != "active" {}
            _ = try await server.psql("SELECT pg_terminate_backend(\(number))")
            #expect(await outcome == .unreachable)
        }
    }

    @Test func aServerWithoutRoomForMoreIsUnreachable() async throws {
        let server = PostgreSQLServer(settings: [
            "max_connections=4", "superuser_reserved_connections=0", "max_wal_senders=0",
        ])
        try await server.waitUntilReady()
        var sessions: [any DatabaseSession] = []
        var error: SessionError?
        for _ in 0..<5 where error == nil {
            do throws(SessionError) {
                sessions.append(try await engine().open(.server(server.socket()), for: .reading))
            } catch let thrown {
                error = thrown
            }
        }
        #expect(error?.code == .unreachable)
        #expect(error?.message.contains("too many clients") == true)
        // As soon as there is room, everything is as before; the server takes a moment to count.
        for session in sessions { await session.close() }
        let deadline = ContinuousClock.now + .seconds(60)
        while await failure(engine(), server.socket()) != nil, ContinuousClock.now < deadline {}
        #expect(await failure(engine(), server.socket()) == nil)
    }

    @Test func aReadingSessionCannotBeTalkedIntoWriting() async throws {
        let sample = EngineSample.postgreSQL
        let home = try TemporaryDirectory()
        let location = try await sample.make(home)
        let writer = try await sample.engine.open(location, for: .writing)
        try await writer.run(script: "CREATE TABLE t (v INTEGER); CREATE SEQUENCE s", within: .seconds(5))
        let reader = try await sample.engine.open(location, for: .reading)
        for sql in [
            "SET default_transaction_read_only = off", "SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE",
            "COMMIT",
            "SET TRANSACTION READ WRITE", "SELECT set_config('transaction_read_only', 'off', false)",
        ] {
            _ = try? await reader.rows(SQLQuery(sql), within: .seconds(5))
            _ = try? await reader.run(script: sql + "; INSERT INTO t VALUES (1)", within: .seconds(5))
            _ = try? await reader.rows(SQLQuery("INSERT INTO t VALUES (1)"), within: .seconds(5))
            _ = try? await reader.rows(SQLQuery("SELECT nextval('s')"), within: .seconds(5))
        }
        let count = try await writer.rows(
            SQLQuery("SELECT count(*), (SELECT is_called FROM s) FROM t"),
            within: .seconds(5)
        )
        #expect(count.first?.values == [.integer(0), .integer(0)])
        await reader.close()
        await writer.close()
    }

    @Test(arguments: [
        ("SELECT count(*) FROM pg_class FOR UPDATE", SessionError.Code.unsupported), ("SELECT 1 / 0", .badStatement),
        ("COPY pg_class TO STDOUT", .unsupported), ("SELECT * FROM nowhere", .badStatement),
    ])
    func anErrorLeavesTheSessionAsItWasOrClosed(sql: String, expected: SessionError.Code) async throws {
        let sample = EngineSample.postgreSQL
        let home = try TemporaryDirectory()
        let session = try await sample.engine.open(try await sample.make(home), for: .reading)
        for _ in 0..<3 where await session.isUsable {
            #expect(await code { _ = try await session.rows(SQLQuery(sql), within: .seconds(5)) } == expected)
        }
        if await session.isUsable {
            let row = try await session.rows(SQLQuery("SELECT 1"), within: .seconds(5)).first
            #expect(row?.values == [.integer(1)])
        } else {
            #expect(sql.hasPrefix("COPY"))
        }
        await session.close()
    }

    /// Errors go into the ledger and to people; rows and passwords must not come along.
    @Test func anErrorShowsNeitherRowsNorTexts() async throws {
        try await EngineSample.postgreSQL.writing { session in
            try await session.run(
                script: "CREATE TABLE t (id INTEGER PRIMARY KEY, mail TEXT CHECK (mail <> 'ann@example.org'))",
                within: .seconds(5)
            )
            for sql in ["INSERT INTO t VALUES (4711, 'ann@example.org')", "CREATE ROLE r PASSWORD 'ann@example.org' x"]
            {
                do {
                    try await session.run(script: sql, within: .seconds(5))
                    Issue.record("nothing was thrown")
                } catch {
                    #expect(!"\(error)".contains("ann@"), "\(error)")
                }
            }
        }
    }

    /// A server that was restarted is there again for every probe, not only for those that ask for rows.
    @Test func alostSessionIsReplaced() async throws {
        let bench = try Bench(on: .postgreSQL)
        try await bench.make("main", "CREATE TABLE t (v INTEGER)")
        let database = try #require(bench.location().address?.database)
        for _ in 0..<2 {
            #expect(try await bench.measure("integrity").word == "ok")
            try await PostgreSQLServer.shared.psql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '\(database)'"
            )
            await #expect(throws: ProbeError.self) { try await bench.measure("integrity") }
        }
        #expect(try await bench.measure("integrity").word == "ok")
    }

    /// A session at rest must not keep anybody from changing a table, nor old rows from being cleared away.
    @Test func aReadingSessionAtRestHoldsNothing() async throws {
        let sample = EngineSample.postgreSQL
        let home = try TemporaryDirectory()
        let location = try await sample.make(home)
        let writer = try await sample.engine.open(location, for: .writing)
        try await writer.run(script: "CREATE TABLE t (v INTEGER)", within: .seconds(5))
        let reader = try await sample.engine.open(location, for: .reading)
        _ = try await reader.rows(SQLQuery("SELECT * FROM t"), within: .seconds(5))
        try await writer.run(script: "DROP TABLE t", within: .seconds(5))
        await reader.close()
        await writer.close()
    }
}

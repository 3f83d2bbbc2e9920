import FoundationEssentials
import PhasegateCore
import PhasegateMariaDB
import PhasegateProbes
import PhasegateSecrets
import PhasegateTesting
import Testing

/// What a server can do to us, on a real one.
@Suite("MariaDB: faults", .serialized, .enabled(if: MariaDBServer.isWanted, "MariaDB is not installed"))
struct MariaDBFaultTests {
    private static let secret: SecretReference = .environment("TRADING_PASSWORD")

    private func engine(_ password: String = MariaDBServer.password) -> MariaDBEngine {
        MariaDBEngine { _ throws(SecretError) in password }
    }

    private func failure(_ engine: MariaDBEngine, _ address: ServerAddress) async -> SessionError? {
        do throws(SessionError) {
            await (try await engine.open(.server(address), for: .reading)).close()
            return nil
        } catch {
            return error
        }
    }

    @Test func aServerThatIsDownIsUnreachable() async throws {
        let address = ServerAddress(host: "127.0.0.1", port: freePort(), database: "trading", user: "phasegate")
        let error = try #require(await failure(engine(), address))
        #expect(error.code == .unreachable)
        #expect(error.message.contains("phasegate@127.0.0.1"))
    }

    @Test func aServerThatNeverAnswersIsGivenUpInTime() async throws {
        try await MariaDBServer.shared.waitUntilReady()
        let proxy = try StallingProxy(to: MariaDBServer.shared.port)
        proxy.stall()
        var address = MariaDBServer.shared.loopback(password: Self.secret)
        address.port = proxy.port
        address.connectTimeout = .milliseconds(300)
        let begin = ContinuousClock.now
        #expect(await failure(engine(), address)?.code == .unreachable)
        #expect(ContinuousClock.now - begin < .seconds(10))
    }

    @Test func aWrongPasswordIsRefusedAndNeverRepeated() async throws {
        try await MariaDBServer.shared.waitUntilReady()
        let address = MariaDBServer.shared.loopback(password: Self.secret)
        let error = try #require(await failure(engine("hunter2 hunter2"), address))
        #expect(error.code == .notPermitted)
        #expect(error.message.contains("Access denied"))
        #expect(!error.message.contains("hunter2"))
        #expect(await failure(engine(), address) == nil)
    }

    @Test func aDatabaseThatIsNotThereIsNotMade() async throws {
        try await MariaDBServer.shared.waitUntilReady()
        for _ in 0..<2 {
            let error = await failure(engine(), MariaDBServer.shared.socket("nowhere"))
            #expect(error?.code == .unreachable)
            #expect(error?.message.contains("Unknown database") == true)
        }
    }

    @Test func aCertificateIsVerified() async throws {
        let server = MariaDBServer.shared
        try await server.waitUntilReady()
        var address = server.loopback(password: Self.secret)
        address.protection = .verifyName
        // Not signed by anybody this machine knows.
        #expect(await failure(engine(), address) != nil)
        address.certificates.authority = server.directory + "/server.crt"
        #expect(await failure(engine(), address) == nil)
        let session = try await engine().open(.server(address), for: .reading)
        let row = try await session.rows(SQLQuery("SHOW STATUS LIKE 'Ssl_cipher'"), within: .seconds(5)).first
        #expect(row?.values.last?.text?.isEmpty == false)
        await session.close()
    }

    @Test func aCancelledStatementEndsOnTheServer() async throws {
        let sample = EngineSample.mariaDB
        try await sample.writing { session in
            let id = try await session.rows(SQLQuery("SELECT connection_id()"), within: .seconds(5)).first?.values.first
            #expect(
                await code { _ = try await session.rows(SQLQuery(sample.endless), within: .milliseconds(100)) }
                    == .timedOut
            )
            let number = try #require(id?.integer)
            let busy = try await MariaDBServer.shared.client(
                "SELECT count(*) FROM information_schema.processlist WHERE id = \(number) AND command <> 'Sleep'"
            )
            #expect(busy == "0")
        }
    }

    @Test func aNetworkThatStallsEndsAtTheDeadline() async throws {
        let server = MariaDBServer.shared
        try await server.waitUntilReady()
        let proxy = try StallingProxy(to: server.port)
        var address = server.loopback(password: Self.secret)
        address.port = proxy.port
        let session = try await engine().open(.server(address), for: .writing)
        proxy.stall()
        let begin = ContinuousClock.now
        let thrown = await code { _ = try await session.rows(SQLQuery("SELECT 1"), within: .milliseconds(200)) }
        #expect(thrown == .unreachable || thrown == .timedOut)
        #expect(ContinuousClock.now - begin < .seconds(30))
        #expect(await code { _ = try await session.rows(SQLQuery("SELECT 1"), within: .seconds(1)) } == .closed)
        await session.close()
    }

    @Test func aConnectionThatIsKilledIsLost() async throws {
        try await EngineSample.mariaDB.writing { session in
            let id = try await session.rows(SQLQuery("SELECT connection_id()"), within: .seconds(5)).first?.values.first
            let number = try #require(id?.integer)
            try await MariaDBServer.shared.client("KILL CONNECTION \(number)")
            #expect(
                await code { _ = try await session.rows(SQLQuery("SELECT 1"), within: .seconds(20)) } == .unreachable
            )
            #expect(await code { _ = try await session.rows(SQLQuery("SELECT 1"), within: .seconds(1)) } == .closed)
        }
    }

    @Test func aReadingSessionCannotBeTalkedIntoWriting() async throws {
        let sample = EngineSample.mariaDB
        let home = try TemporaryDirectory()
        let location = try await sample.make(home)
        let writer = try await sample.engine.open(location, for: .writing)
        try await writer.run(script: "CREATE TABLE t (v INTEGER)", within: .seconds(5))
        let reader = try await sample.engine.open(location, for: .reading)
        for sql in ["SET SESSION tx_read_only = 0", "COMMIT", "SET autocommit = 1", "START TRANSACTION READ WRITE"] {
            _ = try? await reader.rows(SQLQuery(sql), within: .seconds(5))
            _ = try? await reader.run(script: sql + "; INSERT INTO t VALUES (1)", within: .seconds(5))
            _ = try? await reader.rows(SQLQuery("INSERT INTO t VALUES (1)"), within: .seconds(5))
            for change in [
                "DROP TABLE t", "CREATE TABLE u (v INTEGER)", "ALTER TABLE t ADD COLUMN w INTEGER", "TRUNCATE t",
            ] {
                #expect(await code { _ = try await reader.rows(SQLQuery(change), within: .seconds(5)) } == .readOnly)
            }
        }
        let count = try await writer.rows(SQLQuery("SELECT count(*) FROM t"), within: .seconds(5))
        #expect(count.first?.values == [.integer(0)])
        await reader.close()
        await writer.close()
    }

    @Test func aReadingSessionAtRestHoldsNothing() async throws {
        let sample = EngineSample.mariaDB
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

    @Test func aLockThatIsHeldTooLongIsCalledThat() async throws {
        let sample = EngineSample.mariaDB
        let home = try TemporaryDirectory()
        var address = try #require(try await sample.make(home).address)
        address.lockTimeout = .seconds(1)
        let location = DatabaseLocation.server(address)
        let holder = try await sample.engine.open(location, for: .writing)
        try await holder.run(script: "CREATE TABLE t (v INTEGER); LOCK TABLES t WRITE", within: .seconds(5))
        let other = try await sample.engine.open(location, for: .writing)
        #expect(
            await code { try await other.run(script: "ALTER TABLE t ADD COLUMN w INTEGER", within: .seconds(30)) }
                == .locked
        )
        await holder.close()
        await other.close()
    }

    @Test func anotherProgramsServerIsRefused() async throws {
        #expect(await code { _ = try await engine().open(.file("/tmp/x.db"), for: .reading) } == .unsupported)
    }
}

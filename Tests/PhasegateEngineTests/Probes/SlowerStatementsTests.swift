import PhasegateCore
import PhasegateTesting
import Testing

@testable import PhasegateProbes

@Suite("slower-statements: judging two looks")
struct StatementRegressionsTests {
    private func total(_ id: String, _ calls: Int64, _ milliseconds: Double) -> StatementTotal {
        StatementTotal(id: id, text: "statement \(id)", calls: calls, milliseconds: milliseconds)
    }

    @Test func theMeanInTheWindowIsHeldAgainstTheMeanBefore() throws {
        let first = [total("a", 100, 100), total("b", 100, 100), total("c", 100, 100)]
        let last = [total("a", 200, 250), total("b", 200, 251), total("c", 200, 200)]
        let found = try #require(StatementRegressions(from: first, to: last, calls: 20))
        #expect(found.compared.count == 3)
        // 1.5 times is not more than 1.5 times.
        #expect(found.slower(than: 1.5).map(\.text) == ["statement b"])
        #expect(found.slower(than: 1.2).map(\.text) == ["statement b", "statement a"])
    }

    @Test func whatWasSeldomRunIsNotCompared() throws {
        let first = [total("rare before", 19, 19), total("rare within", 100, 100)]
        let last = [total("rare before", 119, 1000), total("rare within", 119, 1000), total("new", 100, 1000)]
        let found = try #require(StatementRegressions(from: first, to: last, calls: 20))
        #expect(found.compared.isEmpty)
    }

    @Test func aResetInBetweenIsNoMeasurement() {
        #expect(StatementRegressions(from: [total("a", 100, 100)], to: [total("a", 30, 30)], calls: 20) == nil)
    }
}

@Suite(
    "slower-statements on PostgreSQL",
    .serialized,
    .enabled(if: PostgreSQLServer.isWanted, "PostgreSQL is not installed")
)
struct PostgreSQLSlowerStatementsTests {
    private static let server = PostgreSQLServer(settings: ["shared_preload_libraries=pg_stat_statements"])

    private func bench() async throws -> Bench {
        let bench = try Bench(on: .postgreSQL(at: Self.server))
        try await bench.make(
            "main",
            """
            CREATE EXTENSION pg_stat_statements;
            CREATE TABLE delay (ms float8);
            INSERT INTO delay VALUES (1);
            CREATE FUNCTION work() RETURNS int LANGUAGE plpgsql AS
                $$ BEGIN PERFORM pg_sleep((SELECT ms FROM delay) / 1000); RETURN 1; END $$;
            """
        )
        return bench
    }

    private func work(_ bench: Bench) async throws {
        let session = try await bench.engine.open(bench.location(), for: .writing)
        try await closing(session) { (session) throws(SessionError) in
            for _ in 0..<30 {
                _ = try await session.rows(SQLQuery("SELECT work()"), within: .seconds(20))
                _ = try await session.rows(SQLQuery("SELECT pg_sleep(0.002)"), within: .seconds(20))
            }
        }
    }

    private func measure(_ bench: Bench, _ meanwhile: @escaping @Sendable (Bench) async throws -> Void) async throws
        -> Measurement
    {
        let context = bench.context(pause: { _ in try? await meanwhile(bench) })
        return try await bench.measure("slower-statements", ["for": .text("1 s"), "factor": .real(4)], in: context)
    }

    @Test func aStatementThatBecameSlowerIsCountedAndNamed() async throws {
        let bench = try await bench()
        try await work(bench)
        let before = try await measure(bench) { try await self.work($0) }
        #expect(before.number == 0)
        #expect((before.samples ?? 0) >= 2)
        let after = try await measure(bench) { bench in
            try await bench.run("UPDATE delay SET ms = 200")
            try await self.work(bench)
        }
        #expect(after.number == 1)
        #expect(after.notes.contains { $0.contains("SELECT work()") })
    }

    @Test func nothingToCompareIsNoMeasurement() async throws {
        let bench = try await bench()
        let idle = await #expect(throws: ProbeError.self) { try await measure(bench) { _ in } }
        #expect(idle?.why == .noData)
        try await work(bench)
        let reset = await #expect(throws: ProbeError.self) {
            try await measure(bench) { try await $0.run("SELECT pg_stat_statements_reset()") }
        }
        #expect(reset?.why == .noData)
    }

    @Test func withoutTheExtensionItIsSaidWhatToDo() async throws {
        let bench = try await bench()
        try await bench.run("DROP EXTENSION pg_stat_statements")
        let error = await #expect(throws: ProbeError.self) { try await measure(bench) { _ in } }
        #expect(error?.why == .unsupported)
        #expect(error?.message.contains("CREATE EXTENSION pg_stat_statements") == true)
    }

    @Test func theWindowHasToFitIntoTheDeadline() async throws {
        let bench = try await bench()
        let error = await #expect(throws: ProbeError.self) {
            try await bench.measure(
                "slower-statements",
                ["for": .text("1 min")],
                in: bench.context(within: .seconds(30))
            )
        }
        #expect(error?.why == .timedOut)
    }
}

@Suite(
    "slower-statements on MariaDB",
    .serialized,
    .enabled(if: MariaDBServer.isWanted, "MariaDB is not installed")
)
struct MariaDBSlowerStatementsTests {
    private static let server = MariaDBServer(settings: ["--performance-schema=ON"])

    /// As text: prepared statements are no part of the server's account.
    private func work(_ bench: Bench) async throws {
        let statements = (0..<30).map { _ in "SELECT sleep(ms / 1000) FROM delay; SELECT sleep(0.002)" }
        let database = try #require(bench.location().address).database
        try await Self.server.client(statements.joined(separator: "; "), on: database)
    }

    @Test func aStatementThatBecameSlowerIsCountedAndNamed() async throws {
        let bench = try Bench(on: .mariaDB(at: Self.server))
        try await bench.make("main", "CREATE TABLE delay (ms DOUBLE); INSERT INTO delay VALUES (1)")
        try await work(bench)
        let context = bench.context(pause: { _ in
            try? await bench.run("UPDATE delay SET ms = 200")
            try? await self.work(bench)
        })
        let after = try await bench.measure(
            "slower-statements",
            ["for": .text("1 s"), "factor": .real(4)],
            in: context
        )
        #expect(after.number == 1)
        #expect(after.notes.contains { $0.contains("delay") })
    }

    @Test func aServerWithoutStatisticsIsSaidSo() async throws {
        let bench = try Bench(on: .mariaDB)
        try await bench.make("main", "CREATE TABLE t (v INTEGER)")
        let error = await #expect(throws: ProbeError.self) {
            try await bench.measure("slower-statements", ["for": .text("1 s")])
        }
        #expect(error?.why == .unsupported)
        #expect(error?.message.contains("performance_schema=ON") == true)
    }
}

import PhasegateCore
@testable import PhasegateMigrations
import PhasegateProbes
import PhasegateTesting
import Testing

/// Indexes built beside the traffic, outside of transactions.
@Suite(
    "PostgreSQL: concurrent indexes",
    .serialized,
    .enabled(if: PostgreSQLServer.isWanted, "PostgreSQL is not installed")
)
struct PostgreSQLConcurrentIndexTests {
    private func world(_ statements: String, rollback: String) async throws -> MigrationBench {
        let world = try await MigrationBench(on: .postgreSQL)
        let directive = SQLScript.directive + "\n"
        try world.write("001_index.sql", directive + statements, rollback: directive + rollback)
        return world
    }

    @Test func thereAndBackAgain() async throws {
        let world = try await world(
            "CREATE INDEX CONCURRENTLY by_name ON users (name); UPDATE users SET name = upper(name);\n"
                + "CREATE INDEX CONCURRENTLY IF NOT EXISTS by_price ON trades (price)",
            rollback:
                "DROP INDEX CONCURRENTLY by_price; UPDATE users SET name = lower(name); DROP INDEX CONCURRENTLY by_name"
        )
        let before = try await world.world()
        for _ in 0..<2 {
            let outcome = try await world.apply(1)
            #expect(outcome.evidence["rehearsal"]?.contains("as before") == true)
            #expect(
                try await world.bench.rows("SELECT name FROM users ORDER BY id") == [[.text("ADA")], [.text("BOB")]]
            )
            #expect(try await world.journal() == [1])
            try await world.takeBack(1)
            #expect(try await world.world() == before)
        }
        #expect(try await world.bench.rows("SELECT count(*) FROM phasegate_migration_statements") == [[.integer(0)]])
    }

    /// Two rows alike stop the build; its invalid index must not stay.
    @Test func aBuildThatFailsLeavesNoInvalidIndex() async throws {
        let world = try await world(
            "CREATE TABLE made (v INTEGER); CREATE UNIQUE INDEX CONCURRENTLY one_each ON trades (user_id)",
            rollback: "DROP INDEX CONCURRENTLY one_each; DROP TABLE made"
        )
        let before = try await world.world()
        let error = await stepError { () throws(StepError) in try await world.apply(1) }
        #expect(error?.message.contains("rehearsal") == true)
        #expect(try await world.world() == before)
        // Without a way back there is no rehearsal, and the original itself fails.
        let alone = try await MigrationBench(on: .postgreSQL)
        try alone.write(
            "001_index.sql",
            SQLScript.directive + "\nCREATE UNIQUE INDEX CONCURRENTLY one_each ON trades (user_id)"
        )
        let untouched = try await alone.world()
        let failure = await stepError { () throws(StepError) in try await alone.apply(1) }
        #expect(failure?.message.contains("nothing of it took effect") == true)
        #expect(failure?.leftTraces == false)
        #expect(try await alone.world() == untouched)
        try await alone.bench.run("DELETE FROM trades WHERE id = 2")
        try await alone.apply(1)
        #expect(try await alone.bench.measure("integrity", ["checks": .texts("quick")]).word == "ok")
    }

    /// A process that died in the middle of a build leaves an invalid index and a row in the journal.
    @Test func aBuildThatWasCutOffIsBegunAnew() async throws {
        let world = try await world(
            "CREATE TABLE made (v INTEGER); CREATE UNIQUE INDEX CONCURRENTLY one_each ON trades (user_id); INSERT INTO made VALUES (1)",
            rollback: "DROP INDEX CONCURRENTLY one_each; DROP TABLE made"
        )
        let file = try #require(
            MigrationDirectory(path: world.bench.path(of: "migrations"), dialect: .postgresql).file(1)
        )
        let session = try #require(
            try await world.bench.engine.open(world.bench.location(), for: .writing) as? any StatementwiseMigrating
        )
        let dying = StatementwiseScript(
            statements: SQLScript(file.sql, .postgresql).statements,
            version: 1,
            direction: .up,
            session: DyingSession(session, at: SQLScript(file.sql, .postgresql).statements[1].text, after: false),
            limit: .seconds(30)
        )
        await #expect(throws: SessionError.self) { _ = try await dying.carryOut() }
        // As the server leaves it when the build does not come to its end.
        await #expect(throws: SessionError.self) {
            try await session.run(
                script: "CREATE UNIQUE INDEX CONCURRENTLY one_each ON trades (user_id)",
                within: .seconds(20)
            )
        }
        await session.close()
        #expect(try await world.bench.measure("integrity", ["checks": .texts("quick")]).word == "violated")
        try await world.bench.run("DELETE FROM trades WHERE id = 2")
        let outcome = try await world.apply(1)
        #expect(outcome.evidence["resumed"] == "at statement 2 of 3")
        #expect(try await world.bench.rows("SELECT v FROM made") == [[.integer(1)]])
        #expect(try await world.bench.measure("integrity", ["checks": .texts("quick")]).word == "ok")
        #expect(try await world.world().schema.table("trades")?.indexes.contains { $0.name == "one_each" } == true)
    }

    @Test(
        arguments: [
            ("CREATE INDEX CONCURRENTLY i ON t (v)", "i"), ("drop index concurrently if exists s.i", "s.i"),
            ("CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS \"I \"\" x\".\"y\" ON t (v)", "\"I \"\" x\".\"y\""),
            ("CREATE INDEX CONCURRENTLY ON t (v)", nil), ("CREATE INDEX i ON t (v)", nil),
            ("DROP INDEX CONCURRENTLY a, b", nil),
        ] as [(String, String?)]
    )
    func theNameOfTheIndexIsFound(sql: String, name: String?) {
        #expect(SQLScript.concurrent(SQLScript(sql, .postgresql).statements[0])?.name == name)
    }

    @Test(arguments: [
        ("CREATE INDEX CONCURRENTLY i ON t (v)", false, true), ("CREATE INDEX CONCURRENTLY i ON t (v)", true, false),
        ("CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS \"I x\" ON t (v)", true, false),
        ("CREATE INDEX CONCURRENTLY ON t (v)", true, true), ("DROP INDEX CONCURRENTLY IF EXISTS i", true, false),
        ("REINDEX INDEX CONCURRENTLY i", true, true), ("VACUUM t", true, true),
    ])
    func whatCouldNotBeClearedAwayIsForbidden(sql: String, hasDirective: Bool, isForbidden: Bool) {
        let script = SQLScript((hasDirective ? SQLScript.directive + "\n" : "") + sql, .postgresql)
        #expect(script.forbidden.isEmpty != isForbidden)
    }
}

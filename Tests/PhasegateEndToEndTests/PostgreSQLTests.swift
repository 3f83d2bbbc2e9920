import Foundation
import PhasegateTesting
import Testing

@Suite("a rollout on PostgreSQL", .enabled(if: PostgreSQLServer.isWanted, "PostgreSQL is not installed"))
struct PostgreSQLTests {
    private static let indexes = "SELECT count(*) FROM pg_indexes WHERE indexname = 'orders_by_customer'"

    @Test func goesToTheEndAndKeepsItsSecret() async throws {
        let shop = try await PostgreSQLShop()
        let run = try shop("run")
        #expect(run.status == 0, "\(run.everything)")
        #expect(try await shop.psql(Self.indexes) == "1")
        #expect(try await shop.psql("SELECT version, name FROM phasegate_migrations") == "1|001_index.sql")
        #expect(!shop.everythingWritten().contains(PostgreSQLServer.password))
        #expect(!run.everything.contains(PostgreSQLServer.password))
        #expect(try shop("run").status == 0)
    }

    @Test func harmIsTakenBack() async throws {
        let shop = try await PostgreSQLShop()
        let sum = "SELECT sum(cents) FROM orders"
        let before = try await shop.psql(sum)
        try shop.workspace.write("UPDATE orders SET cents = -1 WHERE id = 1", to: "migrations/001_index.sql")
        try shop.workspace.write("UPDATE orders SET cents = 3 WHERE id = 1", to: "migrations/rollback/001_rollback.sql")
        let run = try shop("run")
        #expect(run.status == 1, "\(run.everything)")
        #expect(try await shop.psql(sum) == before)
        #expect(try await shop.psql("SELECT count(*) FROM phasegate_migrations") == "0")
        #expect(try shop.workspace.sqlite("flags.sqlite", "SELECT share_bp FROM flags") == "0")
    }

    @Test func aWrongPasswordHoldsAndIsNotRepeated() async throws {
        let shop = try await PostgreSQLShop()
        let run = try shop("run", password: "hunter2 hunter2")
        #expect(run.status == 3, "\(run.everything)")
        #expect(run.output.contains("password authentication failed"), "\(run.everything)")
        #expect(!(shop.everythingWritten() + run.everything).contains("hunter2"))
        #expect(try shop("run").status == 0)
    }

    @Test func aServerThatIsDownHolds() async throws {
        let shop = try await PostgreSQLShop { plan in
            plan.replacingOccurrences(of: "port: \(PostgreSQLServer.shared.port)", with: "port: \(freePort())")
        }
        let run = try shop("run")
        #expect(run.status == 3, "\(run.everything)")
        #expect(run.output.contains("cannot connect"), "\(run.everything)")
    }

    /// What the plan does not say must not come from variables that its reviewers have not seen.
    @Test func anEnvironmentThatLeadsElsewhereIsRefused() async throws {
        let shop = try await PostgreSQLShop()
        let run = try shop("run", environment: ["PGHOSTADDR": "127.0.0.9"])
        #expect(run.status == 3, "\(run.everything)")
        #expect(run.output.contains("PGHOSTADDR"), "\(run.everything)")
    }

    /// A service names a database too; a backup of one database must never be restored into that.
    @Test(arguments: ["custom", "plain"])
    func aServiceDoesNotLeadProgramsElsewhere(format: String) async throws {
        let bystander = try await PostgreSQLShop()
        let server = PostgreSQLServer.shared
        let shop = try await PostgreSQLShop { plan in
            plan.replacingOccurrences(
                of: "host: 127.0.0.1, port: \(server.port)",
                with: "service: shop, tls: {mode: encrypted}"
            )
            .replacingOccurrences(
                of: "{kind: integrity}, must: ok",
                with: "{kind: backup, format: \(format)}, must: verified"
            )
        }
        let services = try shop.workspace.write(
            "[shop]\nhost=127.0.0.1\nport=\(server.port)\nsslmode=disable\ndbname=\(bystander.database)\n",
            to: "services.conf"
        )
        let everything =
            "SELECT count(*), sum(cents), (SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'i')) FROM orders"
        let before = try await bystander.psql(everything)
        let run = try shop("run", environment: ["PGSERVICEFILE": services])
        #expect(run.status == 0, "\(run.everything)")
        #expect(try await bystander.psql(everything) == before)
        #expect(try await shop.psql(Self.indexes) == "1")
    }

    /// Killed after each append to the ledger in turn, it ends as if nothing had happened.
    @Test func aKillAtAnyPointLosesAndRepeatsNothing() async throws {
        let shop = try await PostgreSQLShop()
        var kills = 0
        var entry = 1
        while true {
            let run = try shop("run", fault: "\(entry.isMultiple(of: 2) ? "before" : "after"):\(entry)")
            guard run.wasKilled else {
                #expect(run.status == 0, "\(run.everything)")
                break
            }
            kills += 1
            entry += 1
            try #require(kills < 200)
        }
        #expect(kills > 10)
        #expect(try await shop.psql(Self.indexes) == "1")
        #expect(try await shop.psql("SELECT count(*) FROM phasegate_migrations") == "1")
        let locks = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = "
        #expect(try await shop.psql(locks + "(SELECT oid FROM pg_database WHERE datname = current_database())") == "0")
    }
}

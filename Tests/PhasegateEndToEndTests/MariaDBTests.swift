import Foundation
import PhasegateTesting
import Testing

@Suite("a rollout on MariaDB", .enabled(if: MariaDBServer.isWanted, "MariaDB is not installed"))
struct MariaDBTests {
    private static let columns =
        "SELECT count(*) FROM information_schema.columns WHERE table_schema = database() AND column_name = 'note'"

    @Test func goesToTheEndAndKeepsItsSecret() async throws {
        let shop = try await MariaDBShop()
        let run = try shop.run()
        #expect(run.status == 0, "\(run.everything)")
        #expect(try await shop.client("SELECT version, name FROM phasegate_migrations") == "1\t001_index.sql")
        #expect(try await shop.client("SELECT DISTINCT note FROM orders") == "x")
        let page = try String(contentsOfFile: shop.workspace.file("reports/report.html"), encoding: .utf8)
        #expect(!(page + run.everything).contains(MariaDBServer.password))
    }

    @Test func harmIsTakenBack() async throws {
        let shop = try await MariaDBShop()
        let sum = "SELECT sum(cents), count(*) FROM orders"
        let before = try await shop.client(sum)
        try shop.write(
            "ALTER TABLE orders ADD COLUMN note TEXT; UPDATE orders SET cents = -1 WHERE id = 1",
            rollback: "UPDATE orders SET cents = 3 WHERE id = 1; ALTER TABLE orders DROP COLUMN note"
        )
        let run = try shop.run()
        #expect(run.status == 1, "\(run.everything)")
        #expect(try await shop.client(sum) == before)
        #expect(try await shop.client(Self.columns) == "0")
        #expect(try await shop.client("SELECT count(*) FROM phasegate_migrations") == "0")
    }

    /// Killed after each append to the ledger in turn, it ends as if nothing had happened.
    @Test func aKillAtAnyPointLosesAndRepeatsNothing() async throws {
        let shop = try await MariaDBShop()
        var kills = 0
        var entry = 1
        while true {
            let run = try shop.run(fault: "\(entry.isMultiple(of: 2) ? "before" : "after"):\(entry)")
            guard run.wasKilled else {
                #expect(run.status == 0, "\(run.everything)")
                break
            }
            kills += 1
            entry += 1
            try #require(kills < 200)
        }
        #expect(kills > 10)
        // Done once: twice would have left two.
        #expect(try await shop.client("SELECT DISTINCT note FROM orders") == "x")
        #expect(try await shop.client("SELECT count(*) FROM phasegate_migrations") == "1")
        #expect(try await shop.client("SELECT count(*) FROM phasegate_migration_statements") == "0")
    }

    /// Killed at whatever it happens to do, a change of the schema on its way in the server included.
    @Test func aKillAtAnyMomentLosesAndRepeatsNothing() async throws {
        let shop = try await MariaDBShop()
        // Enough rows for the changes to take their time.
        try await shop.client(
            "INSERT INTO orders SELECT seq, concat('customer ', seq % 50), seq * 3 FROM seq_501_to_60000"
        )
        var kills = 0
        for milliseconds in stride(from: 300, through: 3000, by: 150) {
            let process = try shop.start()
            // On a thread of its own: tasks wait for one that this test and others keep.
            let alarm = DispatchWorkItem { kill(process.processIdentifier, SIGKILL) }
            DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(milliseconds), execute: alarm)
            process.waitUntilExit()
            alarm.cancel()
            if process.terminationReason == .uncaughtSignal { kills += 1 } else { break }
        }
        #expect(kills > 2)
        let run = try shop.run()
        #expect(run.status == 0, "\(run.everything)")
        #expect(try await shop.client("SELECT DISTINCT note FROM orders") == "x")
        #expect(try await shop.client("SELECT count(*) FROM phasegate_migrations") == "1")
        #expect(try await shop.client("SELECT count(*) FROM phasegate_migration_statements") == "0")
    }
}

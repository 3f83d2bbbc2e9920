import Foundation
import Testing

/// What is wrong with the world: a clear message, the right exit status, nothing lost, nothing passed.
@Suite struct FaultTests {
    private func refused(_ shop: Shop, status: Int32, _ words: String) throws {
        let run = try shop("run")
        #expect(run.status == status, "\(run.everything)")
        #expect(run.output.contains(words), "\(run.everything)")
        #expect(!FileManager.default.fileExists(atPath: shop.workspace.file("flags.sqlite")))
    }

    @Test func missingTargetHolds() throws {
        let shop = try Shop()
        try FileManager.default.removeItem(atPath: shop.workspace.file("shop.db"))
        try refused(shop, status: 3, "unable to open database file")
        #expect(!FileManager.default.fileExists(atPath: shop.workspace.file("shop.db")))
    }

    @Test func somethingThatIsNoDatabaseHolds() throws {
        let shop = try Shop()
        for suffix in ["-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: shop.workspace.file("shop.db" + suffix))
        }
        try shop.workspace.write(String(repeating: "not a database ", count: 1000), to: "shop.db")
        try refused(shop, status: 3, "file is not a database")
    }

    @Test func theWrongDatabaseHolds() throws {
        let shop = try Shop()
        try shop.workspace.sqlite("shop.db", "PRAGMA application_id = 8")
        try refused(shop, status: 3, "wrong database")
    }

    @Test func aCorruptDatabaseIsNoGo() throws {
        let shop = try Shop()
        try shop.workspace.sqlite(
            "shop.db",
            "CREATE INDEX by_cents ON orders(cents); PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE;"
        )
        let root =
            Int(try shop.workspace.sqlite("shop.db", "SELECT rootpage FROM sqlite_master WHERE name = 'by_cents'")) ?? 0
        let file = try #require(FileHandle(forUpdatingAtPath: shop.workspace.file("shop.db")))
        try file.seek(toOffset: UInt64(root * 4096 - 40))
        try file.write(contentsOf: Data(repeating: 0x5A, count: 40))
        try file.close()
        try refused(shop, status: 1, "violated")
    }

    @Test func aLockedDatabaseIsNotTouched() throws {
        let shop = try Shop { $0.replacingOccurrences(of: "    change: {", with: "    change: {deadline: 5 s, ") }
        // The shell holds a write lock until its input ends.
        let holder = Process()
        holder.executableURL = URL(fileURLWithPath: "/usr/bin/sqlite3")
        holder.arguments = [shop.workspace.file("shop.db")]
        let input = Pipe()
        let output = Pipe()
        holder.standardInput = input
        holder.standardOutput = output
        try holder.run()
        try input.fileHandleForWriting.write(contentsOf: Data("BEGIN IMMEDIATE; SELECT 'locked';\n".utf8))
        _ = output.fileHandleForReading.availableData
        defer { holder.terminate() }
        let run = try shop("run")
        #expect(run.status == 1, "\(run.everything)")
        #expect(run.output.contains("database is locked"), "\(run.everything)")
        try input.fileHandleForWriting.close()
        holder.waitUntilExit()
        #expect(
            try shop.workspace.sqlite("shop.db", "SELECT count(*) FROM sqlite_master WHERE name = 'orders_by_customer'")
                == "0"
        )
        #expect(try shop("resume", "--by", "Ada", "--because", "the lock is gone").status == 0)
        #expect(try shop("run").status == 0)
    }

    @Test func aMigrationThatFailsLeavesNothing() throws {
        let shop = try Shop()
        try shop.workspace.write(
            "CREATE INDEX orders_by_customer ON orders(customer); INSERT INTO nowhere VALUES (1);",
            to: "migrations/001_index.sql"
        )
        try refused(shop, status: 1, "no such table: nowhere")
        #expect(
            try shop.workspace.sqlite("shop.db", "SELECT count(*) FROM sqlite_master WHERE name = 'orders_by_customer'")
                == "0"
        )
    }

    @Test func aRollbackThatDoesNotRestoreIsFoundBeforeItIsNeeded() throws {
        let shop = try Shop()
        try shop.workspace.write("SELECT 1;", to: "migrations/rollback/001_rollback.sql")
        try refused(shop, status: 1, "rehearsal")
        #expect(
            try shop.workspace.sqlite("shop.db", "SELECT count(*) FROM sqlite_master WHERE name = 'orders_by_customer'")
                == "0"
        )
    }

    @Test func aHangingProbeIsCutOff() throws {
        let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
        let shop = try Shop {
            $0.replacingOccurrences(
                of: "{kind: integrity}, must: ok",
                with: "{kind: sql, query: \"\(endless)\"}, must: \"= 7\", deadline: 300 ms"
            )
        }
        let begin = ContinuousClock.now
        #expect(try shop("check").status == 3)
        #expect(ContinuousClock.now - begin < .seconds(20))
    }

    @Test(.enabled(if: SmallDisk.isPossible, "mounting a small file system needs root"))
    func aFullDiskHoldsAndLosesNothing() throws {
        let shop = try Shop {
            $0.replacingOccurrences(
                of: "{kind: integrity}, must: ok",
                with: "{kind: backup, level: content}, must: verified"
            )
        }
        try shop.workspace.sqlite(
            "shop.db",
            "CREATE TABLE pictures (data BLOB); INSERT INTO pictures VALUES (zeroblob(3000000));"
        )
        let backups = shop.workspace.file("backups")
        do {
            let disk = try SmallDisk(at: backups, kilobytes: 1024)
            defer { disk.unmount() }
            let run = try shop("run")
            #expect(run.status == 3, "\(run.everything)")
            #expect(run.output.contains("full"), "\(run.everything)")
            #expect(try FileManager.default.contentsOfDirectory(atPath: backups).isEmpty)
            #expect(!FileManager.default.fileExists(atPath: shop.workspace.file("flags.sqlite")))
        }
        // With room again it goes on where it was.
        #expect(try shop("resume", "--by", "Ada", "--because", "there is room").status == 0)
        #expect(try shop("run").status == 0)
        #expect(try Program.phasegate("ledger", "verify", shop.rollout, "--workspace", shop.workspace.path).status == 0)
    }

    @Test func twoControllersAreOneTooMany() throws {
        let shop = try Shop {
            $0.replacingOccurrences(of: "soak: 0 s", with: "soak: 1 h").replacingOccurrences(
                of: "timeout: 2 s",
                with: "timeout: 2 h"
            )
        }
        let first = try Program.phasegate.start(
            ["run", shop.rollout, "--workspace", shop.workspace.path, "--reports", shop.workspace.file("reports")]
        )
        defer { first.terminate() }
        try #require(
            eventually { (try? shop.workspace.sqlite("flags.sqlite", "SELECT share_bp FROM flags")) == "5000" }
        )
        let second = try shop("run")
        #expect(second.status == 75)
        #expect(second.errors.contains("process \(first.processIdentifier)"), "\(second.errors)")
        // However the first one dies, the lease is free at once.
        kill(first.processIdentifier, SIGKILL)
        first.waitUntilExit()
        #expect(try shop("hold", "--by", "Ada", "--because", "its controller died").status == 0)
        #expect(try shop("run").status == 3)
    }

    @Test func namesFromOutsideStayNames() throws {
        let shop = try Shop {
            $0.replacingOccurrences(
                of: "tables: [orders]}, must",
                with: "tables: ['orders\"; DROP TABLE orders; --']}, must"
            )
        }
        #expect(try shop("run").status != 0)
        #expect(try shop.workspace.sqlite("shop.db", "SELECT count(*) FROM orders") == "500")
    }
}

import Foundation
import Testing

/// Every documented exit status, met as a CI job meets it.
@Suite struct ExitStatusTests {
    @Test func finishedIsZero() throws {
        let shop = try Shop()
        let run = try shop("run")
        #expect(run.status == 0, "\(run.everything)")
        #expect(try shop.workspace.sqlite("shop.db", "SELECT count(*) FROM phasegate_migrations") == "1")
        #expect(FileManager.default.fileExists(atPath: shop.workspace.file("reports/report.html")))
        #expect(FileManager.default.fileExists(atPath: shop.workspace.file("reports/junit.xml")))
        // A finished rollout stays finished and does nothing again.
        #expect(try shop("run").status == 0)
        #expect(try shop("check").status == 0)
    }

    @Test func harmIsOneAndTakenBack() throws {
        let shop = try Shop { $0.replacingOccurrences(of: "must: \"= 0\"", with: "must: \"> 0\"") }
        let run = try shop("run")
        #expect(run.status == 1, "\(run.everything)")
        #expect(run.output.contains("rolled-back"))
        #expect(try shop.workspace.sqlite("flags.sqlite", "SELECT share_bp FROM flags") == "0")
        #expect(try shop.workspace.sqlite("shop.db", "SELECT count(*) FROM phasegate_migrations") == "0")
        #expect(
            try shop.workspace.sqlite("shop.db", "SELECT count(*) FROM sqlite_master WHERE name = 'orders_by_customer'")
                == "0"
        )
        #expect(try shop("run").status == 1)
        // A person takes it up again; the harm is still there.
        #expect(try shop("resume", "--by", "Ada", "--because", "looked at it").status == 0)
        #expect(try shop("run").status == 1)
    }

    @Test func failedPreconditionIsOneAndNothingIsChanged() throws {
        let shop = try Shop {
            $0.replacingOccurrences(
                of: "{kind: integrity}, must: ok",
                with: "{kind: row-count, tables: [orders]}, must: \"= 7\""
            )
        }
        let run = try shop("run")
        #expect(run.status == 1, "\(run.everything)")
        #expect(run.output.contains("orders: 500 rows breaks 'must = 7'"))
        #expect(
            try shop.workspace.sqlite("shop.db", "SELECT count(*) FROM sqlite_master WHERE name LIKE 'phasegate%'")
                == "0"
        )
        #expect(!FileManager.default.fileExists(atPath: shop.workspace.file("flags.sqlite")))
    }

    @Test func whatCannotBeMeasuredIsThree() throws {
        let shop = try Shop {
            $0.replacingOccurrences(
                of: "{kind: integrity}, must: ok",
                with: "{kind: sql, query: SELECT NULL}, must: \"= 7\""
            )
        }
        #expect(try shop("check").status == 3)
        #expect(try shop("run").status == 3)
    }

    @Test func usageIsSixtyFour() throws {
        #expect(try Program.phasegate("fly").status == 64)
        #expect(try Program.phasegate("run").status == 64)
        #expect(try Shop()("run", "--time-scale", "0").status == 64)
        #expect(try Shop()("hold", "--by", "", "--because", "x").status == 64)
    }

    @Test func badInputIsSixtyFive() throws {
        #expect(try Program.phasegate("run", "no-such-rollout").status == 65)
        let shop = try Shop { $0.replacingOccurrences(of: "reversible", with: "revertible") }
        let run = try shop("run")
        #expect(run.status == 65)
        #expect(run.errors.contains("rollout.yaml:10:20: error:"), "\(run.errors)")
    }

    @Test func unreachableLedgerIsSixtyNine() throws {
        let shop = try Shop()
        #expect(try shop("status").status == 69)
        try shop.workspace.write(
            "this is no database, but long enough to look like a file with some content",
            to: "ledger"
        )
        #expect(try shop("run", "--ledger", shop.workspace.file("ledger")).status == 69)
    }

    @Test func unwritableReportIsSeventyThree() throws {
        let shop = try Shop()
        try shop.workspace.write("a file in the way", to: "reports")
        let run = try shop("run")
        #expect(run.status == 73, "\(run.everything)")
        // The rollout itself went through; only telling about it failed.
        #expect(try shop("status").output.contains("finished"))
    }

    @Test func notPermittedIsSeventySeven() throws {
        let shop = try Shop {
            $0.replacingOccurrences(
                of: "    guards:",
                with: """
                        kill:
                          - {name: still-there, source: SHOP-4, probe: {kind: row-count, tables: [orders]}, must: ">= 1 rows"}
                        guards:
                    """
            )
        }
        #expect(try shop("check").status == 0)
        let waived = try shop("waive", "still-there", "--valid-for", "1 h", "--by", "Ada", "--because", "in a hurry")
        #expect(waived.status == 77, "\(waived.everything)")
    }
}

import Foundation
import Testing

/// A past verdict from the ledger alone, with everything else gone.
@Suite struct ReplayTests {
    @Test func explainsEveryRoundWithDatabaseAndPlanGone() throws {
        let shop = try Shop { $0.replacingOccurrences(of: "must: \"= 0\"", with: "must: \"> 0\"") }
        #expect(try shop("run").status == 1)
        let ledger = shop.workspace.file(".phasegate/ledger.sqlite")
        let rounds = try shop.workspace.sqlite(
            ".phasegate/ledger.sqlite",
            "SELECT sequence FROM entries WHERE event LIKE '{\"weighed\"%' ORDER BY sequence"
        )
        .split(separator: "\n").map(String.init)
        #expect(rounds.count >= 2)
        for name in ["shop.db", "shop.db-wal", "shop.db-shm", "rollout.yaml", "flags.sqlite"] {
            try? FileManager.default.removeItem(atPath: shop.workspace.file(name))
        }
        for round in rounds {
            let run = try Program.phasegate("explain", "shop", "--ledger", ledger, "--entry", round)
            #expect(run.status == 0, "\(run.everything)")
            #expect(run.output.contains("weighed again from the ledger alone: identical"))
        }
        let last = try Program.phasegate("explain", "shop", "--ledger", ledger)
        #expect(last.output.contains("'few-cheap-orders': 0 breaks 'must > 0'"))
    }

    @Test func anEditedLedgerIsFound() throws {
        let shop = try Shop()
        #expect(try shop("run").status == 0)
        #expect(try Program.phasegate("ledger", "verify", shop.rollout, "--workspace", shop.workspace.path).status == 0)
        let edit = """
            DROP TRIGGER entries_are_not_changed;
            UPDATE entries SET event = replace(event, '500', '501') WHERE event LIKE '{"weighed"%';
            """
        #expect(try shop.workspace.sqlite(".phasegate/ledger.sqlite", edit) == "")
        let run = try Program.phasegate("ledger", "verify", shop.rollout, "--workspace", shop.workspace.path)
        #expect(run.status == 1)
        #expect(run.errors.contains("was changed"))
    }

    @Test func machinesGetJSON() throws {
        let shop = try Shop()
        #expect(try shop("run").status == 0)
        for verb in ["status", "explain", "history", "plan", "risks", "flags", "migrations", "validate", "selftest"] {
            let arguments =
                ["validate"].contains(verb)
                ? [verb, shop.rollout, "--json"] : [verb, shop.rollout, "--json", "--workspace", shop.workspace.path]
            let run = try Program.phasegate.run(arguments)
            #expect(run.status == 0, "\(verb): \(run.everything)")
            #expect(throws: Never.self, "\(verb)") { try JSONSerialization.jsonObject(with: Data(run.output.utf8)) }
        }
    }
}

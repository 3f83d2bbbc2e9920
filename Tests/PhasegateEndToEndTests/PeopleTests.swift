import Foundation
import Testing

/// What people do from the command line, and what voids it.
@Suite struct PeopleTests {
    private func guardedShop() throws -> Shop {
        try Shop {
            $0.replacingOccurrences(of: "    clock: {interval", with: "    approvals: 2\n    clock: {interval")
                .replacingOccurrences(
                    of: "    change:",
                    with: """
                              - {name: trained, source: SHOP-5, probe: {kind: attestation, statement: team-trained}, must: attested}
                            change:
                        """
                )
        }
    }

    private func approve(_ shop: Shop, _ name: String) throws -> Program.Run {
        try shop("approve", "--by", name, "--because", "looks right")
    }

    @Test func gateWaitsForTwoPeopleAndAStatement() throws {
        let shop = try guardedShop()
        #expect(try shop("run").status == 3)
        #expect(
            try shop("attest", "team-trained", "--by", "Ada", "--because", "course of May", "--evidence", shop.rollout)
                .status == 0
        )
        #expect(try shop("run").status == 3)
        #expect(try approve(shop, "Ada").status == 0)
        #expect(try shop("run").status == 3)
        // The same person twice is one person.
        #expect(try approve(shop, "Ada").status == 0)
        #expect(try shop("run").status == 3)
        #expect(try approve(shop, "Grace").status == 0)
        let run = try shop("run")
        #expect(run.status == 0, "\(run.everything)")
    }

    @Test func changedPlanVoidsWhatPeopleSaid() throws {
        let shop = try guardedShop()
        #expect(
            try shop("attest", "team-trained", "--by", "Ada", "--because", "course", "--evidence", "minutes").status
                == 0
        )
        #expect(try shop("run").status == 3)
        #expect(try approve(shop, "Ada").status == 0)
        #expect(try approve(shop, "Grace").status == 0)
        // One word of SQL changes what was approved.
        try shop.workspace.write(
            "CREATE UNIQUE INDEX orders_by_customer ON orders(id, customer);",
            to: "migrations/001_index.sql"
        )
        #expect(try approve(shop, "Linus").status == 65)
        let run = try shop("run")
        #expect(run.status == 3, "\(run.everything)")
        #expect(try shop("history").output.contains("are void"))
        #expect(
            try shop.workspace.sqlite("shop.db", "SELECT count(*) FROM sqlite_master WHERE name LIKE 'phasegate%'")
                == "0"
        )
    }

    @Test func waiverOpensTheGateUntilItEnds() throws {
        let shop = try Shop {
            $0.replacingOccurrences(
                of: "{kind: integrity}, must: ok",
                with: "{kind: row-count, tables: [orders]}, must: \"= 7 rows\""
            )
        }
        #expect(try shop("check").status == 1)
        #expect(try shop("waive", "sound", "--by", "Ada", "--because", "known", "--valid-for", "1 h").status == 0)
        let check = try shop("check")
        #expect(check.status == 0, "\(check.everything)")
        #expect(check.output.contains("conditional-go"))
        #expect(
            try shop("waive", "sounds", "--by", "Ada", "--because", "typo", "--valid-for", "1 h").errors.contains(
                "did you mean 'sound'?"
            )
        )
    }

    @Test func killEndsItForGoodAndTakesItBack() throws {
        let shop = try Shop {
            $0.replacingOccurrences(of: "soak: 0 s", with: "soak: 1 h").replacingOccurrences(
                of: "timeout: 2 s",
                with: "timeout: 2 h"
            )
        }
        let controller = try Program.phasegate.start(
            ["run", shop.rollout, "--workspace", shop.workspace.path, "--reports", shop.workspace.file("reports")]
        )
        defer { controller.terminate() }
        try #require(
            eventually { (try? shop.workspace.sqlite("flags.sqlite", "SELECT share_bp FROM flags")) == "5000" }
        )
        let kill = try shop("kill", "--by", "Ada", "--because", "customers complain")
        #expect(kill.status == 1, "\(kill.everything)")
        #expect(kill.output.contains("another controller acts"))
        controller.waitUntilExit()
        #expect(controller.terminationStatus == 1)
        #expect(try shop.workspace.sqlite("flags.sqlite", "SELECT share_bp FROM flags") == "0")
        #expect(try shop("status").output.contains("killed"))
        #expect(try shop("resume", "--by", "Ada", "--because", "again").status == 77)
    }

    @Test(
        arguments: [
            ["ack"], ["approve"], ["waive", "sound", "--valid-for", "1 h"], ["hold"], ["resume"], ["rollback"],
            ["kill"],
        ]
    )
    func whatAnswersARolloutMakesNoLedger(command: [String]) throws {
        let shop = try Shop()
        // As with a mistyped workspace.
        let empty = try Workspace()
        let run = try Program.phasegate.run(
            [command[0], shop.rollout] + command.dropFirst() + [
                "--by", "Ada", "--because", "asked to", "--workspace", empty.path,
            ]
        )
        #expect(run.status == 69, "\(run.everything)")
        #expect(run.errors.contains("there is no ledger"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: empty.path).isEmpty)
    }

    @Test func aStatementMayComeFirst() throws {
        let shop = try guardedShop()
        let attest = try shop("attest", "team-trained", "--by", "Ada", "--because", "course of May")
        #expect(attest.status == 0, "\(attest.everything)")
        #expect(FileManager.default.fileExists(atPath: shop.workspace.file(".phasegate/ledger.sqlite")))
    }

    @Test func holdStopsAndResumeGoesOn() throws {
        let shop = try Shop()
        #expect(try shop("check").status == 0)
        #expect(try shop("hold", "--by", "Ada", "--because", "lunch").status == 0)
        #expect(try shop("run").status == 3)
        #expect(try shop("run").status == 3)
        #expect(try shop("resume", "--by", "Ada", "--because", "back").status == 0)
        #expect(try shop("run").status == 0)
    }

    @Test func advanceGoesThroughOneGateAtATime() throws {
        let shop = try Shop()
        #expect(try shop("advance").status == 0)
        #expect(try shop("status").output.contains("stage 'gate-at-50%'"))
        #expect(try shop("advance").status == 0)
        #expect(try shop("status").output.contains("stage 'gate-at-100%'"))
        #expect(try shop("advance").status == 0)
        #expect(try shop("status").output.contains("stage 'exit'"))
        #expect(try shop("advance").status == 0)
        #expect(try shop("status").output.contains("finished"))
    }
}

/// Whether something becomes true within a deadline.
func eventually(within limit: Duration = .seconds(20), _ condition: () -> Bool) -> Bool {
    let end = ContinuousClock.now + limit
    while ContinuousClock.now < end {
        if condition() { return true }
        usleep(20_000)
    }
    return false
}

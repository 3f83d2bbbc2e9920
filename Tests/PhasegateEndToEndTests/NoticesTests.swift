import Foundation
import PhasegateTesting
import Testing

/// Alerts as people and receivers meet them, through the real binary.
@Suite struct NoticesTests {
    private static let secret = "whsec_" + Data(repeating: 7, count: 32).base64EncodedString()

    /// A shop whose change does harm, with a risk to it and a receiver.
    private func harmedShop(_ address: String, more: String = "") throws -> Shop {
        try Shop { plan in
            plan.replacingOccurrences(of: "must: \"= 0\"", with: "must: \"> 0\", risks: [S01]")
                .replacingOccurrences(
                    of: "reversibility: reversible",
                    with: "reversibility: reversible\n    risks: [S01]"
                )
                    + """
                    notices:
                      channels:
                        - {name: hook, kind: webhook, url: "\(address)/hook", secret: "env:HOOK_SECRET", timeout: 2 s}
                    \(more)
                    risks:
                      grid: {id: shop, version: 1, likelihood: [{word: Low, from: 0, to: 100}], impact: [Low, High], levels: [LOW, HIGH], cells: [[LOW, HIGH]]}
                      risks:
                        - {id: S01, title: Orders are lost, likelihood: Low, impact: High, level: HIGH, owner: Ada, channel: "#shop", actions: [Stop selling]}
                      escalation:
                        - {level: LOW, from: 15 min, to: 24 h, deciders: [Developer], audience: team}
                        - {level: HIGH, from: 0 min, to: 15 min, deciders: [Shop lead], audience: everybody}

                    """
        }
    }

    private let environment = ["HOOK_SECRET": Self.secret]

    private func ids(_ server: ScriptedHTTPServer) -> [String] {
        server.requests.compactMap { $0.headers["webhook-id"] }
    }

    @Test func harmIsToldOnceWhateverTheNumberOfRuns() throws {
        let server = try ScriptedHTTPServer(.reply(200))
        let shop = try harmedShop(server.address)
        for _ in 0..<3 { #expect(try shop("run", environment: environment).status == 1) }
        let kinds = server.requests.map { String(decoding: $0.body, as: UTF8.self).contains("notice.fired") }
        #expect(kinds == [true, false])
        #expect(Set(ids(server)).count == 2)
        let status = try shop("status", "--json").output
        #expect(status.contains("\"episode\" : \"shop/index/S01\""))
        #expect(status.contains("\"undelivered\" : 0"))
    }

    @Test func killedBetweenSendingAndRecordingTheReceiverSeesOneNotice() throws {
        let server = try ScriptedHTTPServer(.reply(200))
        let shop = try harmedShop(server.address)
        func entries() throws -> Int {
            let ledger = ".phasegate/ledger.sqlite"
            guard FileManager.default.fileExists(atPath: shop.workspace.file(ledger)) else { return 0 }
            return Int(try shop.workspace.sqlite(ledger, "SELECT count(*) FROM entries")) ?? 0
        }
        var kills = 0
        for _ in 0..<300 {
            var ended = false
            for side in ["before", "after"] {
                let fault = ["PHASEGATE_FAULT": "\(side):\(try entries() + 1)"]
                let run = try shop("run", environment: environment.merging(fault) { $1 })
                if run.wasKilled { kills += 1 } else { ended = true }
            }
            if ended { break }
        }
        #expect(kills > 20)
        #expect(try shop("run", environment: environment).status == 1)
        let raised = try shop.workspace.sqlite(
            ".phasegate/ledger.sqlite",
            "SELECT count(*) FROM entries WHERE event LIKE '{\"raised\"%'"
        )
        #expect(Set(ids(server)).count == Int(raised))
        // It was sent and the process died: sent again, and told apart by nothing but its id.
        #expect(ids(server).count > Set(ids(server)).count)
        // A signature covers its own second: two sendings differ in it exactly where they differ in the time stamp.
        // (That a later sending has a later stamp is HTTPDeliveryTests', with a clock of its own.)
        for sendings in Dictionary(grouping: server.requests, by: { $0.headers["webhook-id"] }).values {
            #expect(Set(sendings.map(\.body)).count == 1)
            #expect(
                Set(sendings.map { $0.headers["webhook-signature"] }).count
                    == Set(sendings.map { $0.headers["webhook-timestamp"] }).count
            )
        }
        #expect(try Program.phasegate("ledger", "verify", shop.rollout, "--workspace", shop.workspace.path).status == 0)
    }

    @Test func whatDidNotArriveIsSentLaterAndShownUntilThen() throws {
        let server = try ScriptedHTTPServer(.reply(503, headers: ["Retry-After: 1"]), .reply(200))
        let shop = try harmedShop(server.address)
        let run = try shop("run", environment: environment)
        #expect(run.output.contains("not delivered yet"))
        let deadline = ContinuousClock.now + .seconds(30)
        // The schedule asks for five seconds, the receiver for less.
        while try !shop("status", "--json").output.contains("\"undelivered\" : 0"), ContinuousClock.now < deadline {
            _ = try shop.notices("send", environment: environment)
        }
        #expect(Set(ids(server)).count == 2)
        #expect(try shop("status", "--json").output.contains("\"undelivered\" : 0"))
    }

    /// One receiver takes so long that the other is tried a second time before the call ends.
    @Test func whatFailsAndThenArrivesIsNoFailure() throws {
        let hook = try ScriptedHTTPServer(.reply(200), .reply(200), .reply(503), .reply(200))
        let slow = try ScriptedHTTPServer(.reply(200), .reply(200), .late(7, 200))
        // The first wait is five seconds, give or take a fifth.
        let channel =
            "    - {name: slow, kind: webhook, url: \"\(slow.address)\", secret: \"env:HOOK_SECRET\", timeout: 30 s}"
        let shop = try harmedShop(hook.address, more: channel + "\n  repeat: 1 s")
        #expect(try shop("run", environment: environment).status == 1)
        try #require(hook.requests.count == 2 && slow.requests.count == 2)
        sleep(1)
        let send = try shop.notices("send", environment: environment)
        #expect(hook.requests.count == 4 && slow.requests.count == 3)
        #expect(send.output.contains("not delivered, tried again"))
        #expect(send.status == 0, "\(send.everything)")
    }

    @Test func refusalsAndRedirectsAreGivenUpAndAGoneReceiverIsClosed() throws {
        for (status, answer, expected) in [
            (302, ["Location: http://127.0.0.1:1/"], "dead"), (400, [], "dead"), (410, [], "dead"),
        ] {
            let server = try ScriptedHTTPServer(.reply(status, headers: answer))
            let shop = try harmedShop(server.address)
            _ = try shop("run", environment: environment)
            let list = try shop.notices("list").output
            #expect(list.contains(expected), "\(status): \(list)")
            // After 410 not even the second notice is sent.
            #expect(server.requests.count == (status == 410 ? 1 : 2))
            let report = try String(contentsOfFile: shop.workspace.file("reports/report.html"), encoding: .utf8)
            #expect(report.contains("given up") || report.contains("dead"))
        }
    }

    @Test func acknowledgedAlertsAreNoLongerAskedFor() throws {
        let server = try ScriptedHTTPServer(.reply(200))
        let shop = try harmedShop(server.address)
        _ = try shop("run", environment: environment)
        #expect(try shop("status").output.contains("phasegate ack"))
        let person = ["--by", "Ada", "--because", "looking"]
        #expect(try shop("ack", "S99", person[0], person[1], person[2], person[3]).status == 65)
        #expect(try shop("ack", "S01", person[0], person[1], person[2], person[3]).status == 0)
        #expect(try shop("status").output.contains("taken up by Ada"))
        #expect(try !shop("status").output.contains("phasegate ack"))
        // Taken up anew and put right: the end is told.
        _ = try shop("resume", "--by", "Ada", "--because", "put right")
        _ = try shop("run", environment: environment)
        let bodies = server.requests.map { String(decoding: $0.body, as: UTF8.self) }
        #expect(bodies.contains { $0.contains("notice.resolved") })
    }

    @Test func aTestAlertSaysWhatArrivedAndChangesNothing() throws {
        let server = try ScriptedHTTPServer(.reply(200), .reply(500))
        let shop = try harmedShop(server.address)
        let arrived = try shop.notices("test", environment: environment)
        #expect(arrived.status == 0, "\(arrived.everything)")
        #expect(arrived.output.contains("arrived"))
        let failed = try shop.notices("test", environment: environment)
        #expect(failed.status == 69)
        #expect(failed.output.contains("FAILED"))
        #expect(!FileManager.default.fileExists(atPath: shop.workspace.file(".phasegate/ledger.sqlite")))
        let preview = try shop.notices("test", "--dry-run", environment: environment)
        #expect(preview.status == 0)
        #expect(preview.output.contains("webhook-id"))
        #expect(!preview.everything.contains(String(Self.secret.dropFirst(6))))
        #expect(server.requests.count == 2)
    }

    /// As a timer does: started from elsewhere, all it is given is the rollout file.
    @Test func whereItIsStartedMakesNoDifference() throws {
        let server = try ScriptedHTTPServer(.reply(200))
        let shop = try Shop {
            $0 + """
                notices:
                  channels:
                    - {name: hook, kind: webhook, url: "\(server.address)/hook", secret: "file:hook-secret"}
                    - {name: files, kind: file, directory: told}

                """
        }
        try shop.workspace.write(Self.secret + "\n", to: "hook-secret")
        let elsewhere = try Workspace()
        let run = try Program.phasegate("notices", "test", shop.rollout, in: elsewhere.path)
        #expect(run.status == 0, "\(run.everything)")
        #expect(server.requests.count == 1)
        #expect(try FileManager.default.contentsOfDirectory(atPath: shop.workspace.file("told")).count == 1)
        #expect(try FileManager.default.contentsOfDirectory(atPath: elsewhere.path).isEmpty)
    }

    @Test func aPreviewIsJSONWhereThatIsAskedFor() throws {
        struct Preview: Decodable {
            let channel: String
            let preview: String
        }
        let server = try ScriptedHTTPServer(.reply(200))
        let shop = try harmedShop(server.address)
        let run = try shop.notices("test", "--dry-run", "--json", environment: environment)
        #expect(run.status == 0, "\(run.everything)")
        let previews = try JSONDecoder().decode([Preview].self, from: Data(run.output.utf8))
        #expect(previews.map(\.channel) == ["hook"])
        #expect(previews.first?.preview.contains("webhook-id: ") == true)
        #expect(server.requests.isEmpty)
    }

    @Test func aChannelThatIsNotThereIsNamedInOneSentence() throws {
        let shop = try harmedShop("http://127.0.0.1:9")
        let near = try shop.notices("test", "--channel", "hok", environment: environment)
        #expect(near.status == 65)
        #expect(near.errors.contains("no channel 'hok'; did you mean 'hook'? there are hook"))
        let far = try shop.notices("test", "--channel", "pigeon", environment: environment)
        #expect(far.errors.contains("no channel 'pigeon'; there are hook"))
    }

    @Test func aMissingSecretIsNamedAndNeverTheSecretItself() throws {
        let server = try ScriptedHTTPServer(.reply(200))
        let shop = try harmedShop(server.address)
        let run = try shop.notices("test")
        #expect(run.status == 69)
        #expect(run.output.contains("HOOK_SECRET"))
        #expect(server.requests.isEmpty)
        let literal = try Shop {
            $0
                + "notices: {channels: [{name: hook, kind: webhook, url: \"\(server.address)\", secret: \(Self.secret)}]}\n"
        }
        let refused = try Program.phasegate("validate", literal.rollout)
        #expect(refused.status == 65)
        #expect(!refused.everything.contains(Self.secret))
    }

    @Test func aReceiverThatHangsHoldsUpNoGuard() throws {
        let server = try ScriptedHTTPServer(.hang)
        let shop = try harmedShop(server.address)
        let start = ContinuousClock.now
        #expect(try shop("run", environment: environment).status == 1)
        // The rollback does not wait; only the end does, and no longer than the channel's time-out for each notice.
        #expect(ContinuousClock.now - start < .seconds(15))
        #expect(try shop.workspace.sqlite("flags.sqlite", "SELECT share_bp FROM flags") == "0")
        #expect(try shop.notices("list").output.contains("waiting"))
    }
}

extension Shop {
    /// Runs a verb of the family `notices`.
    fileprivate func notices(_ verb: String, _ arguments: String..., environment: [String: String] = [:]) throws
        -> Program.Run
    {
        try Program.phasegate.run(
            ["notices", verb, rollout, "--workspace", workspace.path, "--reports", workspace.file("reports")]
                + arguments,
            environment: environment
        )
    }
}

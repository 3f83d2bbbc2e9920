import Foundation
import PhasegateTesting
import Testing

/// A shop whose ledger is in a database of its own on a PostgreSQL server.
private struct SharedShop {
    let shop: Shop
    let database = "ledger-\(UUID().uuidString.prefix(13))"
    private let server = PostgreSQLServer.shared

    init(_ change: (String) -> String = { $0 }) async throws {
        shop = try Shop(change)
        try await server.create(database)
    }

    /// Over TCP, with the password in a file.
    func url(lease: String = "30s") -> String {
        "postgresql://phasegate@127.0.0.1:\(server.port)/\(database)?password=file:\(server.directory)/password&lease=\(lease)"
    }

    private func words(_ verb: [String], lease: String) -> [String] {
        let drives = ["check", "advance", "run"].contains(verb[0])
        let reports = drives ? ["--reports", shop.workspace.file("reports")] : []
        return verb + [shop.rollout, "--workspace", shop.workspace.path, "--ledger", url(lease: lease)] + reports
    }

    func callAsFunction(_ verb: String..., lease: String = "30s", fault: String? = nil) throws -> Program.Run {
        try Program.phasegate.run(
            words(verb, lease: lease),
            environment: fault.map { ["PHASEGATE_FAULT": $0] } ?? [:]
        )
    }

    func start(_ verb: String..., lease: String = "30s") throws -> Process {
        try Program.phasegate.start(words(verb, lease: lease))
    }

    func psql(_ sql: String) async throws -> String {
        try await server.psql("SET search_path = phasegate; \(sql)", on: database)
    }

    /// Waits until the ledger answers a question as it should.
    func demand(_ sql: String, _ answer: String) async throws {
        let end = ContinuousClock.now + .seconds(30)
        var seen = ""
        while ContinuousClock.now < end {
            seen = (try? await psql(sql)) ?? ""
            if seen == answer { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        Issue.record("\(sql): \(seen)")
    }

    /// The end of the plan, reached by doing everything once.
    func checkThatAllWasDoneOnce() async throws {
        let verified = try self("ledger", "verify")
        #expect(verified.status == 0, "\(verified.everything)")
        let status = try self("status", "--json")
        #expect(status.output.contains("\"status\" : \"finished\""), "\(status.everything)")
        for kind in ["intended", "acted"] {
            let rows = "SELECT count(*) FROM entries WHERE event LIKE '{\"\(kind)\"%'"
            #expect(try await psql(rows) == "3", "one migration and two shares: \(kind)")
        }
        #expect(try shop.workspace.sqlite("shop.db", "SELECT count(*) FROM phasegate_migrations") == "1")
        #expect(try shop.workspace.sqlite("flags.sqlite", "SELECT share_bp, version FROM flags").hasPrefix("10000|"))
    }
}

@Suite(
    "a ledger that several controllers share",
    .serialized,
    .enabled(if: PostgreSQLServer.isWanted, "PostgreSQL is not installed")
)
struct SharedLedgerTests {
    /// Slow enough to be met on the way.
    private static func slow(_ plan: String) -> String { plan.replacingOccurrences(of: "soak: 0 s", with: "soak: 1 s") }

    private static let isOnItsWay = "SELECT count(*) > 5 AND (SELECT max(token) FROM leases) = 1 FROM entries"

    @Test func allVerbsUseIt() async throws {
        let shop = try await SharedShop()
        #expect(try shop("status").status == 69)
        let run = try shop("run")
        #expect(run.status == 0, "\(run.everything)")
        try await shop.checkThatAllWasDoneOnce()
        for verb in ["history", "explain", "report", "notices"] {
            let run = verb == "notices" ? try shop("notices", "list") : try shop(verb)
            #expect(run.status == 0, "\(verb): \(run.everything)")
        }
        #expect(!FileManager.default.fileExists(atPath: shop.shop.workspace.file(".phasegate/ledger.sqlite")))
        let names = FileManager.default.enumerator(atPath: shop.shop.workspace.path)?.compactMap { $0 as? String } ?? []
        for name in names {
            let data = FileManager.default.contents(atPath: shop.shop.workspace.file(name)) ?? Data()
            #expect(!String(decoding: data, as: UTF8.self).contains(PostgreSQLServer.password), "\(name)")
        }
        #expect(
            !(run.everything + (try await shop.psql("SELECT event FROM entries"))).contains(PostgreSQLServer.password)
        )
    }

    @Test(arguments: ["postgresql://ada:hunter2@127.0.0.1/x", "mysql://ada:hunter2@127.0.0.1/x"])
    func aPasswordInTheURLIsRefused(url: String) throws {
        let shop = try Shop()
        let runs = [
            try shop("status", environment: ["PHASEGATE_LEDGER": url]),
            try Program.phasegate("run", shop.rollout, "--ledger", url, "--workspace", shop.workspace.path),
        ]
        for run in runs {
            #expect(run.status == 64, "\(run.everything)")
            #expect(!run.everything.contains("hunter2"))
        }
    }

    /// One acts, one is turned away, one stands by; the first is killed, and the one that stood by ends it.
    @Test(.timeLimit(.minutes(2))) func whoStandsByTakesOver() async throws {
        let shop = try await SharedShop(Self.slow)
        let first = try shop.start("run")
        try await shop.demand(Self.isOnItsWay, "t")
        let turnedAway = try shop("run")
        #expect(turnedAway.status == 75, "\(turnedAway.everything)")
        #expect(turnedAway.errors.contains("process \(first.processIdentifier)"), "\(turnedAway.everything)")
        let second = try shop.start("run", "--standby")
        try await shop.demand(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'phasegate'",
            "4"
        )
        kill(first.processIdentifier, SIGKILL)
        let killedAt = ContinuousClock.now
        try await shop.demand("SELECT max(token) FROM leases", "2")
        print("take-over by phasegate run --standby after kill -9: \(ContinuousClock.now - killedAt)")
        first.waitUntilExit()
        second.waitUntilExit()
        #expect(second.terminationStatus == 0)
        try await shop.checkThatAllWasDoneOnce()
        #expect(try await shop.psql("SELECT count(DISTINCT actor) FROM entries") == "2")
    }

    /// The same on one machine, with a file.
    @Test(.timeLimit(.minutes(1))) func whoStandsByAtAFileTakesOverToo() throws {
        let shop = try Shop(Self.slow)
        let words = [
            "run", shop.rollout, "--workspace", shop.workspace.path, "--reports", shop.workspace.file("reports"),
        ]
        let first = try Program.phasegate.start(words)
        let token = { (try? shop.workspace.sqlite(".phasegate/ledger.sqlite", "SELECT max(token) FROM leases")) ?? "" }
        try #require(eventually { token() == "1" })
        let second = try Program.phasegate.start(words + ["--standby"])
        kill(first.processIdentifier, SIGKILL)
        try #require(eventually { token() == "2" })
        first.waitUntilExit()
        second.waitUntilExit()
        #expect(second.terminationStatus == 0)
    }

    /// A machine that was suspended wakes up and finds that it was followed.
    @Test(.timeLimit(.minutes(2))) func aFrozenControllerIsFollowedAndFencedOff() async throws {
        let shop = try await SharedShop(Self.slow)
        let first = try shop.start("run", lease: "1s")
        try await shop.demand(Self.isOnItsWay, "t")
        kill(first.processIdentifier, SIGSTOP)
        let second = try shop.start("run", "--standby", lease: "1s")
        try await shop.demand("SELECT max(token) FROM leases", "2")
        kill(first.processIdentifier, SIGCONT)
        first.waitUntilExit()
        #expect(first.terminationStatus == 75)
        second.waitUntilExit()
        #expect(second.terminationStatus == 0)
        try await shop.checkThatAllWasDoneOnce()
    }

    /// Killed at each append in turn, before it, while it is committed and after it.
    @Test(.timeLimit(.minutes(5))) func aKillAtAnyPointLosesAndRepeatsNothing() async throws {
        let shop = try await SharedShop()
        var kills = 0
        var entry = 1
        while true {
            let point = ["before", "committing", "after"][entry % 3]
            let run = try shop("run", fault: "\(point):\(entry)")
            guard run.wasKilled else {
                #expect(run.status == 0, "\(run.everything)")
                break
            }
            kills += 1
            entry += 1
            try #require(kills < 200)
        }
        #expect(kills > 10)
        let verified = try shop("ledger", "verify")
        #expect(verified.status == 0, "\(verified.everything)")
        #expect(try shop.shop.workspace.sqlite("shop.db", "SELECT count(*) FROM phasegate_migrations") == "1")
        #expect(try shop.shop.workspace.sqlite("flags.sqlite", "SELECT share_bp FROM flags") == "10000")
    }
}

import Foundation
import PhasegateTesting
import Testing

/// Ramps that are judged by synthetic users: the controller's own, and those of `phasegate load` who report over HTTP.
@Suite("synthetic users feed a gate", .serialized, .timeLimit(.minutes(5)))
struct LoadTests {
    /// A workload of the users with the change, and what comes of it.
    struct Trial: Sendable {
        /// The rows that a query of theirs counts; 5,000 are those of the others.
        let rows: Int
        /// Requests a second.
        let rate: Int
        let status: Int32
        let share: String
    }

    private static let harmless = Trial(rows: 5000, rate: 100, status: 0, share: "5000")
    // Well below what the machine can do: what takes all of it slows both arms.
    private static let slow = Trial(rows: 100_000, rate: 40, status: 1, share: "0")

    private static func query(_ rows: Int) -> String {
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(rows)) SELECT count(*) FROM n"
    }

    private func plan(candidate: Int, _ source: String) -> String {
        """
        phasegate: 1
        rollout: shop
        title: An index for the shop
        targets:
          main: {engine: sqlite, path: shop.db, fingerprint: {application-id: 7, tables: [orders]}}
        flags:
          new-search: {store: flags.sqlite}
        workloads:
          old: {target: main, concurrency: 4, samples: 10, queries: [{sql: "\(Self.query(5000))"}]}
          new: {target: main, concurrency: 4, samples: 10, queries: [{sql: "\(Self.query(candidate))"}]}
        phases:
          - name: index
            reversibility: reversible
            clock: {interval: 500 ms, steady: 1 s, timeout: 3 min}
            preconditions:
              - {name: sound, source: SHOP-1, probe: {kind: integrity}, must: ok}
            change: {migrations: migrations, versions: 1, target: main}
            ramp:
              flag: new-search
              steps: [50]
              soak: 1 s
              burn-in: 1 s
              unit: request
              observe: {\(source)}
            guards:
              - name: p95
                source: SHOP-2
                probe: {kind: observed-latency, percentile: 95}
                compare: control
                fail: "> 1.3 x control"
                must: "<= 2.5 x control"
            success:
              - {name: orders-kept, source: SHOP-4, probe: {kind: row-count, tables: [orders]}, must: ">= baseline"}

        """
    }

    private func share(_ shop: Shop) throws -> String {
        try shop.workspace.sqlite("flags.sqlite", "SELECT share_bp FROM flags")
    }

    @Test(arguments: [Self.harmless, Self.slow])
    func theControllersOwn(_ trial: Trial) throws {
        let source = "kind: load, candidate: new, control: old, rate: \(trial.rate)/s, users: 20000"
        let shop = try Shop { _ in plan(candidate: trial.rows, source) }
        let run = try shop("run")
        #expect(run.status == trial.status, "\(run.everything)")
        #expect(try share(shop) == trial.share)
    }

    @Test(arguments: [Self.harmless, Self.slow])
    func thoseWhoReportOverHTTP(_ trial: Trial) throws {
        let port = freePort()
        let source = "kind: http, listen: \"127.0.0.1:\(port)\", token: \"env:OBSERVATIONS\""
        let shop = try Shop { _ in plan(candidate: trial.rows, source) }
        let secret = ["OBSERVATIONS": "swordfish"]
        // Begun before the ramp: what comes while nobody listens is told as trouble, and never ends the load.
        let load = try Program.phasegate.start(
            [
                "load", shop.rollout, "index", "--candidate", "new", "--control", "old", "--rate", "\(trial.rate)",
                "--workspace", shop.workspace.path, "--to", "http://127.0.0.1:\(port)/v1/observations", "--token",
                "env:OBSERVATIONS",
            ],
            environment: secret
        )
        defer {
            load.terminate()
            load.waitUntilExit()
        }
        let run = try shop("run", environment: secret)
        #expect(run.status == trial.status, "\(run.everything)")
        #expect(try share(shop) == trial.share)
    }

    @Test func whoHasAnotherTokenIsNotHeard() throws {
        let port = freePort()
        let source = "kind: http, listen: \"127.0.0.1:\(port)\", token: \"env:OBSERVATIONS\""
        let shop = try Shop { _ in plan(candidate: 5000, source).replacing("timeout: 3 min", with: "timeout: 8 s") }
        let load = try Program.phasegate.start(
            [
                "load", shop.rollout, "index", "--candidate", "new", "--control", "old", "--rate", "40",
                "--workspace", shop.workspace.path, "--to", "http://127.0.0.1:\(port)/v1/observations", "--token",
                "env:OBSERVATIONS",
            ],
            environment: ["OBSERVATIONS": "another"]
        )
        defer {
            load.terminate()
            load.waitUntilExit()
        }
        let run = try shop("run", environment: ["OBSERVATIONS": "swordfish"])
        #expect(run.status == 3, "\(run.everything)")
        #expect(!run.everything.contains("swordfish") && !run.everything.contains("another"))
    }
}

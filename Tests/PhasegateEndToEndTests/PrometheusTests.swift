import Foundation
import PhasegateTesting
import Testing

/// A real Prometheus scrapes the driver of load and feeds a gate.
@Suite("Prometheus feeds a gate", .serialized, .enabled(if: PrometheusServer.isWanted), .timeLimit(.minutes(5)))
struct PrometheusTests {
    private static func query(_ rows: Int) -> String {
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(rows)) SELECT count(*) FROM n"
    }

    private func plan(_ prometheus: Int, candidate: Int) -> String {
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
              unit: request
              burn-in: 3 s
              observe:
                kind: prometheus
                url: http://127.0.0.1:\(prometheus)
                histogram: phasegate_requests_seconds
                selector: job="load"
                errors: phasegate_request_errors_total
                users: phasegate_first_exposures_total
                every: 500 ms
                scrape: 1 s
            guards:
              - name: p95
                source: SHOP-2
                probe: {kind: observed-latency, percentile: 95}
                compare: control
                fail: "> 1.5 x control"
                must: "<= 3 x control"
              - {name: errors, source: SHOP-3, probe: {kind: observed-share, of: errors}, compare: limit, fail: "> 5 %", must: "<= 5 %"}
            success:
              - {name: orders-kept, source: SHOP-4, probe: {kind: row-count, tables: [orders]}, must: ">= baseline"}

        """
    }

    /// Runs the rollout with load on it, scraped by a Prometheus.
    private func run(candidate: Int) throws -> (run: Program.Run, share: String) {
        let (metrics, port) = (freePort(), freePort())
        let shop = try Shop { _ in plan(port, candidate: candidate) }
        let load = try Program.phasegate.start([
            "load", shop.rollout, "index", "--candidate", "new", "--control", "old", "--rate", "100", "--metrics",
            "127.0.0.1:\(metrics)", "--workspace", shop.workspace.path, "--to", shop.workspace.file("requests.jsonl"),
        ])
        defer { end(load) }
        let server = try PrometheusServer(in: shop.workspace, scraping: metrics, at: port)
        defer { server.stop() }
        #expect(eventually(within: .seconds(60)) { server.knows("phasegate_requests_seconds_count") })
        let run = try shop("run")
        let share = try shop.workspace.sqlite("flags.sqlite", "SELECT share_bp FROM flags")
        #expect(
            try String(contentsOfFile: shop.workspace.file("requests.jsonl"), encoding: .utf8).contains("candidate")
        )
        return (run, share)
    }

    private func end(_ process: Process) {
        process.terminate()
        process.waitUntilExit()
    }

    @Test func aHarmlessChangePasses() throws {
        let (run, _) = try run(candidate: 5000)
        #expect(run.status == 0, "\(run.everything)")
    }

    @Test func aSlowChangeIsTakenBack() throws {
        // Not more: what takes all of the machine slows both arms.
        let (run, share) = try run(candidate: 25_000)
        #expect(run.status == 1, "\(run.everything)")
        #expect(run.everything.contains("p95"))
        #expect(share == "0")
    }

    @Test func withoutPrometheusNothingPasses() throws {
        let shop = try Shop { _ in
            plan(freePort(), candidate: 5000).replacing("timeout: 3 min", with: "timeout: 5 s")
        }
        let run = try shop("run")
        #expect(run.status == 3, "\(run.everything)")
        #expect(run.everything.contains("Prometheus") || run.everything.contains("p95"))
    }
}

/// Debian's Prometheus on loopback, which goes with the test.
final class PrometheusServer {
    private static let path = "/usr/bin/prometheus"

    /// Where it is missing, what wants it is left out; never in CI.
    static var isWanted: Bool {
        ProcessInfo.processInfo.environment["CI"] == "true" || FileManager.default.isExecutableFile(atPath: path)
    }

    private let process = Process()
    private let port: Int

    init(in workspace: Workspace, scraping metrics: Int, at port: Int) throws {
        self.port = port
        let configuration = """
            global: {scrape_interval: 1s, scrape_timeout: 1s}
            scrape_configs:
              - job_name: load
                static_configs: [{targets: ['127.0.0.1:\(metrics)']}]
            """
        try workspace.write(configuration, to: "prometheus.yml")
        process.executableURL = URL(fileURLWithPath: Self.path)
        process.arguments = [
            "--config.file=" + workspace.file("prometheus.yml"), "--storage.tsdb.path=" + workspace.file("tsdb"),
            "--web.listen-address=127.0.0.1:\(port)", "--log.level=error",
        ]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
    }

    deinit { stop() }

    func stop() {
        guard process.isRunning else { return }
        process.terminate()
        process.waitUntilExit()
    }

    /// Whether it has scraped a metric.
    func knows(_ metric: String) -> Bool {
        guard let url = URL(string: "http://127.0.0.1:\(port)/api/v1/query?query=\(metric)"),
            let answer = try? String(contentsOf: url, encoding: .utf8)
        else { return false }
        return answer.contains("\"metric\"")
    }
}

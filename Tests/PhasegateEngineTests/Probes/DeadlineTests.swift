import PhasegateCore
import PhasegateProbes
import Testing

@Suite("deadlines of probes")
struct DeadlineTests {
    private static let endless =
        "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n)"

    private static let slow: [ProbeSample] = [
        ProbeSample(kind: "sql", settings: ["query": .text("SELECT \(endless)")]),
        ProbeSample(kind: "row-count", settings: ["tables": .texts("trades"), "where": .text("id < \(endless)")]),
        ProbeSample(kind: "content-hash", settings: ["tables": .texts("trades"), "where": .text("id < \(endless)")]),
        ProbeSample(kind: "latency", settings: ["workload": .text("endless")]),
        ProbeSample(
            kind: "latency",
            settings: ["workload": .text("reads"), "against": .map(["workload": .text("endless")])]
        ),
        ProbeSample(kind: "throughput", settings: ["workload": .text("endless"), "for": .text("20 ms")]),
        ProbeSample(
            kind: "flag",
            settings: ["flag": .text("f"), "measure": .text("observed"), "query": .text("SELECT 1, \(endless)")]
        ),
        ProbeSample(kind: "command", settings: ["run": .texts("sleep", "600")]),
    ]

    private static func workload(_ name: WorkloadName, _ sql: String, samples: Int) -> Workload {
        Workload(
            name: name,
            target: "main",
            queries: [Workload.Query(sql: sql, parameters: [:], weight: 1)],
            concurrency: 1,
            warmup: 0,
            samples: samples
        )
    }

    @Test(arguments: slow)
    func areKept(sample: ProbeSample) async throws {
        let bench = try Bench(workloads: [
            ProbeSample.workload, Self.workload("endless", "SELECT \(Self.endless)", samples: 10),
        ])
        try await bench.make("main", ProbeSample.script)
        let begin = ContinuousClock.now
        let error = await #expect(throws: ProbeError.self) {
            try await bench.measure(sample.kind, sample.settings, in: bench.context(within: .milliseconds(200)))
        }
        #expect(error?.why == .timedOut, "\(String(describing: error))")
        #expect(ContinuousClock.now - begin < .seconds(5))
        #expect(bench.names(in: "scratch") == [])
    }

    /// Each block alone is fast enough; together they are not, and the criterion has one deadline.
    @Test func manyBlocksShareOne() async throws {
        let counting =
            "SELECT count(*) FROM (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
            + "WHERE i < 20000) SELECT i FROM n)"
        let bench = try Bench(workloads: [Self.workload("slow", counting, samples: 200)])
        try await bench.make("main", ProbeSample.script)
        let begin = ContinuousClock.now
        let error = await #expect(throws: ProbeError.self) {
            try await bench.measure(
                "latency",
                ["workload": .text("slow"), "against": .map([:]), "blocks": .whole(200)],
                in: bench.context(within: .milliseconds(200))
            )
        }
        #expect(error?.why == .timedOut)
        #expect(ContinuousClock.now - begin < .seconds(2))
    }

    /// The long way round: thorough checks and backups of something that takes more than a moment.
    @Test(arguments: ["integrity", "backup"] as [ProbeName])
    func stopLongChecks(kind: ProbeName) async throws {
        let bench = try Bench()
        try await bench.make(
            "main",
            """
            CREATE TABLE trades (id INTEGER PRIMARY KEY, symbol TEXT);
            CREATE INDEX by_symbol ON trades(symbol);
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
            INSERT INTO trades SELECT i, 'S' || (i % 1000) FROM n;
            """
        )
        // Opened before the clock runs, so that the check is what takes the time.
        _ = try await bench.sessions.session(on: "main")
        let error = await #expect(throws: ProbeError.self) {
            try await bench.measure(kind, [:], in: bench.context(within: .milliseconds(2)))
        }
        #expect(error?.why == .timedOut, "\(String(describing: error))")
        #expect(bench.names(in: "backups") == [])
    }

    @Test func aCancelledRoundIsNotMeasured() async throws {
        let bench = try Bench()
        try await bench.make("main", ProbeSample.script)
        let runner = ProbeRunner(
            rollout: bench.rollout,
            baseDirectory: bench.path,
            planDirectory: bench.path,
            scratchDirectory: bench.path(of: "scratch"),
            sessions: bench.sessions,
            flags: FixedFlags([:]),
            now: { Bench.now }
        )
        let criterion = Criterion(
            name: "rows",
            role: .success,
            probe: Criterion.ProbeSpec(kind: "row-count", settings: .map(["tables": .texts("trades")])),
            bounds: Criterion.Bounds(demand: try Bound("> 0 rows"))
        )
        let request = ProbeRequest(
            phase: "one",
            criteria: [criterion],
            phaseEnteredAt: Bench.now,
            gateOpenedAt: Bench.now,
            attestations: []
        )
        let task = Task {
            // Until the cancellation has arrived, whichever comes first.
            while !Task.isCancelled { await Task.yield() }
            return await runner.readings(for: request)
        }
        task.cancel()
        let readings = await task.value
        guard case .unavailable(.cancelled, _) = readings.first?.outcome else {
            Issue.record("\(readings)")
            return
        }
    }
}

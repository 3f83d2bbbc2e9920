import PhasegateCore
import PhasegateProbes
import Testing

@Suite("latency probe")
struct LatencyProbeTests {
    private static func workload(
        _ name: WorkloadName,
        _ sql: String,
        _ parameters: [String: Workload.Source] = [:],
        samples: Int = 200,
        concurrency: Int = 1
    ) -> Workload {
        Workload(
            name: name,
            target: "main",
            queries: [Workload.Query(sql: sql, parameters: parameters, weight: 1)],
            concurrency: concurrency,
            warmup: 10,
            samples: samples
        )
    }

    private static let counting =
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) "
        + "SELECT count(*) FROM n"

    private func bench() async throws -> Bench {
        let bench = try Bench(workloads: [
            ProbeSample.workload,
            Self.workload("mixed", "SELECT abs(:n)", ["n": .range(1, 100)], samples: 203, concurrency: 4),
            Self.workload("slow", Self.counting),
            Self.workload("wrong", "SELECT * FROM nowhere"),
            Self.workload("sometimes", "SELECT abs(:n)", ["n": .values([.whole(1), .whole(.min)])]),
            Self.workload("unbound", "SELECT price FROM trades WHERE id = :id"),
            Self.workload("empty", "SELECT :id", ["id": .query("SELECT id FROM trades WHERE id < 0")]),
            Workload(name: "nothing", target: "main", queries: [], concurrency: 1, warmup: 0, samples: 10),
            Self.workload("none", "SELECT 1", samples: 0),
        ])
        try await bench.make("main", ProbeSample.script)
        return bench
    }

    @Test func percentilesComeFromOneRunOfARound() async throws {
        let bench = try await bench()
        let context = bench.context()
        var runs: [Measurement] = []
        for percentile in [50, 95, 99, 100] as [Int64] {
            runs.append(
                try await bench.measure(
                    "latency",
                    ["workload": .text("reads"), "percentile": .whole(percentile)],
                    in: context
                )
            )
        }
        let numbers = runs.compactMap(\.number)
        #expect(numbers.count == 4 && numbers == numbers.sorted() && numbers[0] > 0)
        #expect(Set(runs.map(\.notes)).count == 1)
        #expect(runs.allSatisfy { $0.samples == 50 && $0.parts[0].quantity.unit == .milliseconds })
        let interval = try #require(runs[0].interval)
        #expect(interval.low <= numbers[0] * 1.001 && interval.high >= numbers[0] * 0.999)
        let another = try await bench.measure("latency", ["workload": .text("reads")])
        #expect(another.notes != runs[0].notes)
    }

    @Test func allSamplesAreTakenWhateverTheConcurrency() async throws {
        let measurement = try await bench().measure("latency", ["workload": .text("mixed")])
        #expect(measurement.samples == 203)
    }

    @Test(arguments: [
        ("wrong", Reading.Unavailability.failed), ("sometimes", .failed), ("unbound", .failed), ("empty", .noData),
        ("nothing", .noData), ("none", .noData), ("gone", .failed),
    ])
    func whatFailsIsNotFast(workload: String, why: Reading.Unavailability) async throws {
        let bench = try await bench()
        let error = await #expect(throws: ProbeError.self) {
            try await bench.measure("latency", ["workload": .text(workload)])
        }
        #expect(error?.why == why, "\(String(describing: error))")
    }

    @Test func aRatioComesWithAnInterval() async throws {
        let bench = try await bench()
        let faster = try await bench.measure(
            "latency",
            ["workload": .text("reads"), "percentile": .whole(50), "against": .map(["workload": .text("slow")])]
        )
        let interval = try #require(faster.interval)
        let ratio = try #require(faster.number)
        #expect(faster.parts[0].quantity.unit == .times)
        #expect(ratio < 0.8 && interval.low <= ratio && ratio <= interval.high && interval.high < 1)
        let slower = try await bench.measure(
            "latency",
            ["workload": .text("slow"), "percentile": .whole(50), "against": .map(["workload": .text("reads")])]
        )
        #expect(try #require(slower.interval).low > 1)
    }

    @Test func aRatioNeedsBothSides() async throws {
        let bench = try await bench()
        for other in ["wrong", "gone", "empty"] {
            await #expect(throws: ProbeError.self, "\(other)") {
                try await bench.measure(
                    "latency",
                    ["workload": .text("reads"), "against": .map(["workload": .text(other)])]
                )
            }
        }
        await #expect(throws: ProbeError.self) {
            try await bench.measure(
                "latency",
                ["workload": .text("reads"), "against": .map(["target": .text("copy")])]
            )
        }
    }
}

import PhasegateCore
import PhasegateHashing
import PhasegateProbes
import Testing

@Suite("throughput probe")
struct ThroughputProbeTests {
    private static func workload(_ name: WorkloadName, _ queries: [(String, Int)]) -> Workload {
        Workload(
            name: name,
            target: "main",
            queries: queries.map { Workload.Query(sql: $0.0, parameters: ["n": .range(1, 9)], weight: $0.1) },
            concurrency: 1,
            warmup: 1,
            samples: 1
        )
    }

    private static let insert = "INSERT INTO trades (symbol, price) VALUES ('new', :n)"

    private func bench() async throws -> Bench {
        let bench = try Bench(workloads: [
            Self.workload("writes", [(Self.insert, 1)]),
            // One in ten breaks the primary key.
            Self.workload("some-fail", [(Self.insert, 9), ("INSERT INTO trades (id, price) VALUES (1, :n)", 1)]),
            Self.workload("all-fail", [("INSERT INTO trades (id, price) VALUES (1, :n)", 1)]),
        ])
        try await bench.make("main", ProbeSample.script)
        return bench
    }

    @Test func theTargetStaysAsItIsAndTheCopyGoes() async throws {
        let bench = try await bench()
        let before = try sha256(ofFile: bench.file())
        let measurement = try await bench.measure("throughput", ["workload": .text("writes"), "for": .text("100 ms")])
        #expect(try #require(measurement.number) > 0)
        #expect(try #require(measurement.samples) >= 50)
        #expect(measurement.parts[0].quantity.unit == .perMinute)
        #expect(try sha256(ofFile: bench.file()) == before)
        #expect(bench.names(in: "scratch") == [])
        #expect(bench.names(in: ".") == ["main.db", "scratch"])
    }

    @Test func errorsOverTheCeilingSpoilTheRate() async throws {
        let bench = try await bench()
        let strict = await #expect(throws: ProbeError.self) {
            try await bench.measure("throughput", ["workload": .text("some-fail"), "for": .text("50 ms")])
        }
        #expect(strict?.why == .failed)
        #expect(strict?.message.contains("UNIQUE") == true)
        let lenient = try await bench.measure(
            "throughput",
            ["workload": .text("some-fail"), "for": .text("50 ms"), "error-ceiling": .whole(50)]
        )
        #expect(try #require(lenient.number) > 0)
        #expect(bench.names(in: "scratch") == [])
    }

    @Test func failuresAloneAreNoRate() async throws {
        let bench = try await bench()
        let error = await #expect(throws: ProbeError.self) {
            try await bench.measure(
                "throughput",
                ["workload": .text("all-fail"), "for": .text("50 ms"), "error-ceiling": .whole(100)]
            )
        }
        #expect(error?.why == .noData)
        await #expect(throws: ProbeError.self) {
            try await bench.measure("throughput", ["workload": .text("gone"), "for": .text("50 ms")])
        }
    }
}

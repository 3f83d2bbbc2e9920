import PhasegateCore
import Testing

@testable import PhasegateProbes

@Suite("latency quantiles")
struct LatencyQuantilesTests {
    @Test(
        arguments: [
            (0, []), (1, [100]), (3, [50, 100]), (4, [25, 50, 75, 100]), (10, [10, 25, 50, 75, 90, 100]),
            (19, [10, 25, 50, 75, 90, 100]), (20, [5, 10, 25, 50, 75, 90, 95, 100]),
            (99, [5, 10, 25, 50, 75, 90, 95, 100]), (100, [1, 5, 10, 25, 50, 75, 90, 95, 99, 100]),
            (999, [1, 5, 10, 25, 50, 75, 90, 95, 99, 100]), (1000, [1, 5, 10, 25, 50, 75, 90, 95, 99, 99.9, 100]),
        ] as [(Int, [Double])]
    )
    func aTailNeedsAnObservationBeyondIt(samples: Int, percents: [Double]) {
        #expect(drawnPercents(forSamples: samples) == percents)
    }

    private func bench() async throws -> Bench {
        let bench = try Bench(workloads: [ProbeSample.workload])
        try await bench.make("main", ProbeSample.script)
        return bench
    }

    @Test func whatIsJudgedLiesOnTheCurve() async throws {
        // 50 executions.
        let measurement = try await bench().measure("latency", ["workload": .text("reads"), "percentile": .whole(90)])
        let quantiles = try #require(measurement.quantiles)
        #expect(quantiles.map(\.percent) == [5, 10, 25, 50, 75, 90, 95, 100])
        #expect(quantiles.map(\.value) == quantiles.map(\.value).sorted() && quantiles.allSatisfy { $0.value > 0 })
        #expect(quantiles.first { $0.percent == 90 }?.value == measurement.parts.first?.quantity.number)
    }

    @Test func aRatioHasNoCurve() async throws {
        let measurement = try await bench().measure(
            "latency",
            ["workload": .text("reads"), "against": .map(["workload": .text("reads")])]
        )
        #expect(measurement.quantiles == nil)
    }
}

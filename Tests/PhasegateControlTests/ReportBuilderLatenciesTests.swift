import PhasegateCore
import PhasegateTesting
import Testing

@testable import PhasegateControl

@Suite("Latency before and now")
struct ReportBuilderLatenciesTests {
    private func criterion(
        _ name: CriterionName,
        _ role: Criterion.Role,
        _ bound: String,
        _ settings: [String: Setting]
    )
        throws -> Criterion
    {
        Criterion(
            name: name,
            role: role,
            probe: Criterion.ProbeSpec(kind: "latency", settings: .map(settings)),
            bounds: Criterion.Bounds(failure: try Bound(bound))
        )
    }

    private func measured(_ value: Int64, _ unit: Unit, _ quantiles: [Double]) -> ScriptedProber.Answer {
        .measured(
            Measurement(
                Quantity(value, unit),
                samples: 200,
                quantiles: zip([50, 95, 100], quantiles).map { .init(percent: $0, value: $1) }
            )
        )
    }

    private func bench() throws -> Bench {
        let hotPath: [String: Setting] = ["workload": .text("hot-path")]
        let bench = Bench(
            makeRollout([
                makePhase(
                    "p",
                    criteria: [
                        try makeCriterion("disk", .precondition, demand: ">= 10 %"),
                        try criterion("regression", .guarding, "> 1.5 x baseline", hotPath),
                        try criterion("p95", .success, "> 1 s", hotPath),
                        try criterion(
                            "slowest",
                            .success,
                            "> 2 s",
                            ["workload": .text("hot-path"), "percentile": .whole(100)]
                        ),
                        try criterion(
                            "ratio",
                            .success,
                            "> 2 x",
                            ["workload": .text("other"), "against": .map(["workload": .text("hot-path")])]
                        ),
                    ],
                    migrations: [1],
                    ramp: makeRamp("f", [100])
                )
            ])
        )
        // In seconds before, in milliseconds since.
        bench.prober.answer(
            "regression",
            measured(1, .seconds, [0.5, 1, 4]),
            measured(900, .milliseconds, [300, 900, 950])
        )
        bench.prober.answer("p95", measured(800, .milliseconds, [200, 800, 1000]))
        bench.prober.answer("slowest", measured(1000, .milliseconds, [200, 800, 1000]))
        bench.prober.answer("ratio", Quantity(1, .times))
        return bench
    }

    @Test("what was frozen beside what was read last, with the limits of that percentile")
    func curves() async throws {
        let bench = try bench()
        try await bench.run()
        #expect(try await bench.state.status == .finished)
        let curves = try await bench.report().latencies
        #expect(curves.map(\.name) == ["hot-path", "hot-path"], "a ratio has no curve")
        #expect(curves.map(\.percentile) == [95, 100])
        let first = try #require(curves.first)
        #expect(first.phase == "p" && first.unit == "ms")
        #expect(first.baseline.map(\.percent) == [50, 95, 100] && first.baseline.map(\.value) == [500, 1000, 4000])
        // Both criteria were weighed in the last round; the first of them stands for it.
        #expect(first.now.map(\.value) == [300, 900, 950])
        #expect(
            first.limits == [
                .init(kind: .fail, value: 1500, isCeiling: true), .init(kind: .fail, value: 1000, isCeiling: true),
            ]
        )
        #expect(curves.last?.baseline.isEmpty == true && curves.last?.limits.map(\.value) == [2000])
    }

    @Test("a baseline alone is a curve, and a reading that could not be taken leaves the last one standing")
    func partly() async throws {
        let bench = try bench()
        let controller = bench.controller()
        while try await bench.state.baselines.isEmpty {
            if case .wait(let moment) = try await controller.tick() { bench.clock.set(moment) }
        }
        let frozen = try await bench.report().latencies
        #expect(frozen.map { $0.baseline.map(\.value) } == [[0.5, 1, 4]])
        #expect(frozen.map(\.unit) == ["s"] && frozen.allSatisfy { $0.now.isEmpty })
        while try await bench.state.gate?.rounds != 1 { try await bench.tick() }
        bench.prober.answer("regression", .unavailable(.timedOut))
        bench.clock.advance(by: .seconds(10))
        try await bench.tick()
        let report = try await bench.report()
        #expect(try report.criterion("regression", of: "p").finding?.outcome == .unknown)
        #expect(report.latencies.map { $0.now.map(\.value) } == [[300, 900, 950]])
    }

    @Test("a rollout without latencies has no curves")
    func none() async throws {
        let bench = Bench(try Plans.twoPhases())
        try await bench.run()
        #expect(try await bench.report().latencies.isEmpty)
    }
}

import Foundation
import PhasegateControl
import PhasegateCore
import PhasegateFlagTables
import PhasegateFlags
import PhasegateLedger
import PhasegateProbes
import PhasegateStatistics
import PhasegateTesting
import Synchronization
import Testing

@testable import PhasegateObservations

/// A source that says nothing by itself; the test hands batches to the observer.
private struct SilentSource: ObservationSource {
    static let declaration = ObservationSourceDeclaration(
        kind: "silent",
        summary: "A test.",
        settings: [],
        namesUsers: true
    )
    let sentence = "the test"

    func observe(_ deliver: @Sendable (ObservationBatch) async -> Void) async throws(ObservationError) {
        while !Task.isCancelled { try? await Task.sleep(for: .seconds(3600)) }
    }
}

/// From the arrival of the observation that decides to every place confirmed at nobody.
///
/// Through a real ledger, controller, store and sinks. `Benchmarks/run.sh kills` asks for a thousand.
@Suite("latency of rollbacks", .serialized, .timeLimit(.minutes(30)))
struct RollbackLatencyTests {
    private static let count = ProcessInfo.processInfo.environment["BENCH_ROLLBACKS"].flatMap { Int($0) } ?? 3

    private static let phase: Phase = {
        func criterion(_ name: CriterionName) -> Criterion {
            Criterion(
                name: name,
                role: .guarding,
                probe: Criterion.ProbeSpec(kind: "observed-latency", settings: .map([:])),
                bounds: Criterion.Bounds(
                    demand: Bound(.atMost, .control(times: 1.2, plusPercent: 0)),
                    failure: Bound(.greater, .control(times: 1.1, plusPercent: 0))
                ),
                comparison: .control
            )
        }
        return Phase(
            name: "reads",
            title: "Reads",
            reversibility: .reversible,
            clock: GateClock(interval: .seconds(10), timeout: .seconds(600)),
            criteria: [criterion("p95")],
            ramp: Ramp(
                flag: "reads",
                steps: [BasisPoints(rawValue: 2500), .all],
                soak: .seconds(60),
                observation: ObservationPlan(
                    source: ObservationPlan.Source(kind: "silent", settings: .map([:])),
                    unit: .request,
                    burnIn: .zero,
                    checksAssignment: false
                )
            )
        )
    }()

    /// One ramp up to its rollback.
    ///
    /// - Returns: milliseconds from the batch that decided to the end of the rollback.
    private func rollback(_ number: Int, in bench: Bench) async throws -> Double {
        let rollout = Rollout(
            name: RolloutName(rawValue: "ramp-\(number)"),
            title: "Ramp",
            targets: bench.rollout.targets,
            phases: [Self.entered]
        )
        let alarm = Alarm()
        let clock = Mutex(Duration.zero)
        let observer = RampObserver(
            rollout: rollout,
            alarm: alarm,
            elapsed: { clock.withLock { $0 } },
            pause: { _ in try? await Task.sleep(for: .seconds(3600)) },
            makeSource: { (_, _) throws(Diagnostic) in SilentSource() }
        )
        let ledger = try SQLiteLedger(path: bench.path(of: "ledger-\(number).db"))
        try await ledger.takeLease(on: rollout.name, holder: "bench", at: Bench.now)
        let tables = SessionFlagTables(sessions: bench.sessions)
        let context = FlagSinkContext(baseDirectory: bench.path, tables: tables)
        let sinks = try ["flagd-file", "gofeatureflag-file", "sql-table"].map { kind in
            try FlagSinks.sink(
                from: .init(
                    name: kind,
                    kind: kind,
                    settings: .map(
                        kind == "sql-table"
                            ? ["target": .text("main")] : ["path": .text("\(kind).json"), "poll": .text("0 s")]
                    )
                ),
                of: "reads",
                in: context
            )
        }
        let location = FlagLocation(store: bench.path(of: "flags.db"), salt: "reads", sinks: sinks)
        let controller = RolloutController(
            charge: RolloutController.Charge(
                rollout: rollout,
                opening: Opening(planDigest: "plan", title: "Ramp", file: "r.yaml", timeScale: 1, version: "test"),
                actor: "bench"
            ),
            ledger: ledger,
            prober: ProbeRunner(
                rollout: rollout,
                kinds: ProbeKinds.every,
                baseDirectory: bench.path,
                planDirectory: bench.path,
                scratchDirectory: bench.path,
                sessions: bench.sessions,
                flags: NoFlags(),
                observations: observer,
                now: { Bench.now }
            ),
            runners: [FlagStepRunner(flags: ["reads": location], actor: "bench") { Bench.now }],
            alarm: alarm,
            now: { Bench.now },
            digest: { $0 }
        )
        while case .onward = try await controller.tick() {}
        let entered = try await ledger.state(of: rollout.name)
        try #require(entered.stage == "gate-at-25%", "\(entered.lastDecision?.reason ?? "")")
        var generator = SeededGenerator(seed: UInt64(number))
        for _ in 0..<1000 {
            clock.withLock { $0 += .milliseconds(200) }
            let batch = ObservationBatch.requests(
                (0..<400).map { index in
                    let arm: Arm = index % 4 == 0 ? .candidate : .control
                    let base = Double.random(in: 10_000...20_000, using: &generator)
                    return Observation(arm: arm, microseconds: arm == .candidate ? base * 2 : base)
                }
            )
            let begin = ContinuousClock.now
            await observer.take(batch)
            guard alarm.isRung else { continue }
            await alarm.wait()
            while case .onward = try await controller.tick() {}
            let took = ContinuousClock.now - begin
            let state = try await ledger.state(of: rollout.name)
            #expect(state.status == .rolledBack)
            #expect(try FlagStore(path: location.store).record(of: "reads")?.share == BasisPoints.none)
            await observer.stop()
            await ledger.releaseLease()
            return took / .milliseconds(1)
        }
        throw ObservationError("a candidate twice as slow was not noticed")
    }

    /// The phase behind an entry gate that is open at once.
    private static let entered: Phase = Phase(
        name: phase.name,
        title: phase.title,
        reversibility: .reversible,
        clock: phase.clock,
        criteria: [
            Criterion(
                name: "room",
                role: .precondition,
                probe: Criterion.ProbeSpec(kind: "disk", settings: .map(["measure": .text("free")])),
                bounds: Criterion.Bounds(demand: Bound(.greater, .value(Quantity(0, .bytes))))
            )
        ] + phase.criteria,
        ramp: phase.ramp
    )

    @Test func everyPlaceIsConfirmedWithinATenthOfASecond() async throws {
        let bench = try Bench(on: .sqlite)
        try await bench.make("main", "CREATE TABLE users (id INTEGER PRIMARY KEY)")
        var times: [Double] = []
        for number in 0..<Self.count { times.append(try await rollback(number, in: bench)) }
        times.sort()
        func quantile(_ share: Double) -> String {
            String(format: "%.1f", times[min(times.count - 1, Int(Double(times.count) * share))])
        }
        print(
            "kill by evidence, store and three sinks: n \(times.count), p50 \(quantile(0.5)), p99 \(quantile(0.99)), "
                + "max \(quantile(1)) ms"
        )
        let bound = Self.count >= 1000 ? 100.0 : 5000
        #expect(times[min(times.count - 1, times.count * 99 / 100)] < bound)
    }
}

/// Nobody reads a flag back in a probe here.
private struct NoFlags: FlagReading {
    func share(of flag: FlagKey) async throws(ProbeError) -> BasisPoints? { nil }
}

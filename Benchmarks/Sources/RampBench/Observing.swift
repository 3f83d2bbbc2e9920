import PhasegateCore
import PhasegateObservations
import PhasegateProbes
import PhasegateStatistics

/// What a request costs on its whole way: from the source into the judge, its user counted, its look judged.
enum Observing {
    /// A source that has everything ready, in batches.
    private struct Prepared: ObservationSource {
        static let declaration = ObservationSourceDeclaration(
            kind: "prepared",
            summary: "A benchmark.",
            settings: [],
            namesUsers: true
        )
        let batches: [ObservationBatch]
        let rounds: Int
        let done: Alarm
        var sentence: String { "a benchmark" }

        func observe(_ deliver: @Sendable (ObservationBatch) async -> Void) async throws(ObservationError) {
            for _ in 0..<rounds {
                for batch in batches { await deliver(batch) }
            }
            done.ring()
            while !Task.isCancelled { try? await Task.sleep(for: .seconds(1)) }
        }
    }

    /// Nanoseconds a request, of a million requests of a hundred thousand users against two criteria.
    static func cost(unit: ObservationPlan.Unit) async -> Double {
        var traffic = Traffic(Scenario(name: "", share: 0.25), seed: 3)
        var generator = SeededGenerator(seed: 3)
        let batches = (0..<200).map { _ in
            ObservationBatch.requests(
                (0..<1000).map { _ in
                    let user = generator.below(100_000)
                    return Observation(
                        arm: user % 4 == 0 ? .candidate : .control,
                        user: Observation.User("user-\(user)"),
                        microseconds: traffic.draw()
                    )
                }
            )
        }
        let done = Alarm()
        let source = Prepared(batches: batches, rounds: 5, done: done)
        let phase = phase(unit: unit)
        let rollout = rollout(phase)
        let observer = RampObserver(rollout: rollout, alarm: Alarm()) { (_, _) throws(Diagnostic) in source }
        guard let gate = phase.gates.first(where: { $0.position == .exposed(BasisPoints(rawValue: 2500)) }) else {
            return .infinity
        }
        let request = ProbeRequest(
            phase: phase.name,
            gate: gate,
            criteria: gate.criteria,
            phaseEnteredAt: Moment(milliseconds: 0),
            gateOpenedAt: Moment(milliseconds: 0),
            attestations: []
        )
        let begin = ContinuousClock.now
        _ = try? await observer.measurement(of: gate.criteria[0], for: request)
        await done.wait()
        let took = (ContinuousClock.now - begin) / .nanoseconds(1)
        await observer.stop()
        return took / 1_000_000
    }

    private static func phase(unit: ObservationPlan.Unit) -> Phase {
        func criterion(_ name: CriterionName, _ kind: ProbeName, _ settings: [String: Setting]) -> Criterion {
            Criterion(
                name: name,
                role: .guarding,
                probe: Criterion.ProbeSpec(kind: kind, settings: .map(settings)),
                bounds: Criterion.Bounds(
                    demand: Bound(.atMost, .control(times: 1.2, plusPercent: 0)),
                    failure: Bound(.greater, .control(times: 1.1, plusPercent: 0))
                ),
                comparison: .control
            )
        }
        return Phase(
            name: "change",
            title: "Change",
            criteria: [
                criterion("p95", "observed-latency", [:]),
                criterion("errors", "observed-share", ["of": .text("errors")]),
            ],
            ramp: Ramp(
                flag: "flag",
                steps: [BasisPoints(rawValue: 2500), .all],
                soak: .seconds(60),
                observation: ObservationPlan(
                    source: ObservationPlan.Source(kind: "prepared", settings: .map([:])),
                    unit: unit,
                    burnIn: .zero
                )
            )
        )
    }

    private static func rollout(_ phase: Phase) -> Rollout {
        Rollout(
            name: "bench",
            title: "Bench",
            document: nil,
            sources: [],
            targets: [],
            workloads: [],
            thresholds: [],
            flags: [],
            components: [],
            phases: [phase],
            register: .empty,
            notices: .byDefault
        )
    }
}

import PhasegateCore

extension RolloutReport {
    /// A rollout as large as they get: its criteria in four phases, each with a number for every round.
    ///
    /// - Parameters:
    ///   - criteria: how many there are.
    ///   - rounds: how often each was weighed.
    /// - Returns: a report whose log has a line a round.
    static func large(criteria: Int, rounds: Int) -> RolloutReport {
        let outcomes: [Finding.Outcome] = [.pass, .pass, .pass, .pass, .pass, .pass, .pass, .warn, .unknown, .fail]
        let all = (0..<criteria).map { number in
            let outcome = outcomes[number % outcomes.count]
            return CriterionReport.make(
                CriterionName(rawValue: "criterion-\(number)"),
                .guarding,
                "latency",
                "fail > 100 ms, warn > 50 ms",
                ["S4-\(number % 90)"],
                ["R003"],
                outcome,
                "\(40 + number % 20).\(number % 10) ms",
                "\(40 + number % 20).\(number % 10) ms was held against 'fail > 100 ms, warn > 50 ms'",
                baseline: "44.1 ms",
                samples: 1_000 + number,
                query: "SELECT t.symbol, t.price FROM trades AS t WHERE t.user_id = 'u-\(number)' LIMIT 50;",
                notes: ["p50 12.1 ms, p95 54.6 ms, p99 81.0 ms"],
                rounds: rounds,
                failures: rounds / 10,
                history: (0..<rounds).map { 40 + Double(($0 * 37 + number * 11) % 701) / 10 },
                unit: "ms",
                limits: [.warn(above: 50), .fail(above: 100)],
                interval: Measurement.Interval(low: 41.2, high: 61.8, confidence: 0.95),
                boundaryRule: "50 ms itself passes, 100 ms itself warns"
            )
        }
        let size = max(1, (criteria + 3) / 4)
        let phases: [PhaseReport] = [.coreInfrastructure, .queryOptimisation, .migrationSystem, .advancedFeatures]
        return RolloutReport.sample.with(
            phases: phases.enumerated().map { index, phase in
                phase.with(criteria: Array(all.dropFirst(index * size).prefix(size)))
            },
            log: (0..<rounds).map { round in
                LogLine(
                    sequence: round + 1,
                    at: at("2026-11-20T00:00:00Z") + .seconds(60 * round),
                    actor: "controller",
                    phase: "query-optimisation",
                    stage: "gate-at-25%",
                    kind: "decided",
                    sentence: "hold \u{2192} wait: 'criterion-9': 49.9 ms was held against 'fail > 100 ms'",
                    repeats: 1
                )
            }
        )
    }
}

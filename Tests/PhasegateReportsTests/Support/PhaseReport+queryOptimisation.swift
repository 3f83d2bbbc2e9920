import PhasegateCore

extension RolloutReport.PhaseReport {
    static let queryOptimisation = RolloutReport.PhaseReport(
        name: "query-optimisation",
        title: "Query optimisation",
        progress: .present,
        reversibility: .reversible,
        window: Window(from: "week 3", to: "week 4"),
        effort: nil,
        from: RolloutReport.at("2026-11-16T08:30:00Z"),
        to: nil,
        risks: ["R003", "R005"],
        mitigations: [
            Mitigation(text: "Users are exposed in steps, and a guard watches each of them.", sources: ["S4-64"])
        ],
        sources: ["S4-63"],
        stages: [
            .gate(
                "entry",
                .passed,
                "2026-11-16T08:30:00Z",
                "2026-11-16T08:31:10Z",
                rounds: 7,
                .go,
                "all 1 criteria hold in one round"
            ),
            .baselines(.passed, "2026-11-16T08:31:10Z", "2026-11-16T08:31:10Z"),
            .step(
                "migration-2",
                .passed,
                "2026-11-16T08:31:10Z",
                "2026-11-16T08:31:24Z",
                "apply migration 2 to 'main'",
                StepOutcome(
                    observed: "schema version is 2, 4 indexes are there",
                    evidence: ["backup": ".phasegate/backups/main-0002.sqlite", "took": "13.6 s"]
                )
            ),
            .step(
                "expose-5%",
                .passed,
                "2026-11-18T15:20:10Z",
                "2026-11-18T15:20:10Z",
                "set flag 'optimised-reads' to 5 %",
                StepOutcome(observed: "flag 'optimised-reads' reads 5 %")
            ),
            .gate(
                "gate-at-5%",
                .passed,
                "2026-11-18T15:20:10Z",
                "2026-11-19T15:41:33Z",
                rounds: 266,
                .conditionalGo,
                "'error-rate': 0.58 % meets the warning '> 0.5 %'",
                conditions: ["'error-rate': 0.58 % meets the warning '> 0.5 %'"]
            ),
            .step(
                "expose-25%",
                .passed,
                "2026-11-19T15:41:33Z",
                "2026-11-19T15:41:33Z",
                "set flag 'optimised-reads' to 25 %",
                StepOutcome(observed: "flag 'optimised-reads' reads 25 %")
            ),
            .gate(
                "gate-at-25%",
                .present,
                "2026-11-19T15:41:33Z",
                nil,
                rounds: 377,
                .hold,
                "'p95-regression': hot-path: 54.6 ms breaks 'fail > 1.2 x baseline' (1 of 3 rounds in a row)"
            ),
            .step("expose-100%", .ahead, nil, nil, "set flag 'optimised-reads' to 100 %", nil),
            .gate("gate-at-100%", .ahead, nil, nil, rounds: 0, nil, ""),
            .gate("exit", .ahead, nil, nil, rounds: 0, nil, ""),
        ],
        criteria: [
            .make(
                "indexes-fit",
                .precondition,
                "disk-space",
                "must >= 2 GB",
                ["S4-42"],
                ["R005"],
                .pass,
                "38.2 GB",
                "38.2 GB satisfies 'must >= 2 GB'",
                rounds: 7
            ),
            .make(
                "p95-regression",
                .guarding,
                "latency",
                "fail > 1.2 x baseline",
                ["S4-77"],
                ["R003"],
                .fail,
                "hot-path: 54.6 ms",
                "hot-path: 54.6 ms breaks 'fail > 1.2 x baseline' (1 of 3 rounds in a row)",
                baseline: "44.1 ms",
                samples: 1_180,
                query:
                    """
                    SELECT t.symbol, t.price, t.timestamp
                    FROM trades AS t
                    WHERE t.user_id = 'u-01742' AND t.timestamp >= '2026-11-20'
                    ORDER BY t.timestamp DESC
                    LIMIT 50;
                    """,
                notes: ["p50 12.1 ms, p95 54.6 ms, p99 81.0 ms", "95 % interval of p95: 51.9 ms to 57.8 ms"],
                rounds: 377,
                failures: 1,
                history: [
                    44.0, 45.1, 43.6, 44.9, 62.3, 44.6, 43.8, 44.2, 43.2, 42.8, 44.5, 43.9, 45.2, 44.1, 43.0, 46.8,
                    45.5, 44.4, 43.7, 47.9, 46.2, 45.1, 44.8, 48.3,
                    47.0, 46.1, 49.4, 54.6,
                ],
                isUnconfirmed: true,
                unit: "ms",
                limits: [.fail(above: 52.92)],
                interval: Measurement.Interval(low: 51.9, high: 57.8, confidence: 0.95),
                boundaryRule: "52.92 ms itself passes",
                tookMilliseconds: 8_412
            ),
            .make(
                "error-rate",
                .guarding,
                "rate",
                "fail > 1 %, warn > 0.5 %",
                ["S4-29"],
                ["R002", "R003"],
                .warn,
                "0.62 %",
                "0.62 % meets the warning '> 0.5 %'",
                samples: 24_310,
                rounds: 377,
                failures: 131,
                history: (0..<96).map { index in
                    let drift = 0.36 + 0.003 * Double(index)
                    return ((drift + 0.08 * Double((index * 37) % 11 - 5) / 5) * 100).rounded() / 100
                },
                unit: "%",
                limits: [.warn(above: 0.5), .fail(above: 1)],
                interval: Measurement.Interval(low: 0.53, high: 0.73, confidence: 0.95),
                boundaryRule: "0.5 % itself passes, 1 % itself warns",
                tookMilliseconds: 96
            ),
            .make(
                "replica-lag",
                .guarding,
                "lag",
                "must <= 5 s",
                ["S4-31"],
                [],
                .unknown,
                nil,
                "could not reach what it measures: connection to 'replica' refused",
                query: "SELECT extract(epoch FROM now() - pg_last_xact_replay_timestamp());",
                rounds: 377,
                failures: 4,
                waivedBy: "l.brandt"
            ),
            .make(
                "cache-hits",
                .success,
                "rate",
                "should >= 85 %",
                ["S4-79"],
                [],
                .fail,
                "81.4 %",
                "81.4 % breaks 'should >= 85 %'",
                samples: 52_300,
                rounds: 377,
                failures: 377,
                history: [70.2, 74.8, 77.1, 79.6, 80.3, 80.9, 81.4],
                unit: "%",
                limits: [.fail(below: 85)],
                boundaryRule: "85 % itself passes"
            ),
            .make("p95", .success, "latency", "fail > 100 ms, warn > 50 ms", ["S4-77"], ["R003"], nil, nil, ""),
        ],
        needs: ["core-infrastructure"],
        interruptions: [
            RolloutReport.Interruption(
                kind: .undoing,
                from: RolloutReport.at("2026-11-18T10:02:41Z"),
                to: RolloutReport.at("2026-11-18T10:03:05Z"),
                reason: "'p95-regression': hot-path: 71.3 ms breaks 'fail > 1.2 x baseline'"
            ),
            RolloutReport.Interruption(
                kind: .held,
                from: RolloutReport.at("2026-11-18T10:03:05Z"),
                to: RolloutReport.at("2026-11-18T15:18:00Z"),
                reason: "the phase was taken back; a person is needed"
            ),
            RolloutReport.Interruption(
                kind: .held,
                from: RolloutReport.at("2026-11-21T09:29:40Z"),
                to: nil,
                reason: "'p95-regression' is not settled"
            ),
        ]
    )
}

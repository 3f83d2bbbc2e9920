import PhasegateCore

extension RolloutReport.PhaseReport {
    static let coreInfrastructure = RolloutReport.PhaseReport(
        name: "core-infrastructure",
        title: "Core infrastructure",
        progress: .finished,
        reversibility: .reversible,
        window: Window(from: "week 1", to: "week 2"),
        effort: "2 people",
        from: RolloutReport.at("2026-11-02T08:00:01Z"),
        to: RolloutReport.at("2026-11-13T16:05:02Z"),
        risks: ["R001", "R002"],
        mitigations: [
            Mitigation(text: "A backup is restored and compared before anything is changed.", sources: ["S4-25"]),
            Mitigation(text: "Every migration runs in one transaction and has its rollback file.", sources: ["S4-26"]),
        ],
        sources: ["S4-60", "S4-61"],
        stages: [
            .gate(
                "entry",
                .passed,
                "2026-11-02T08:00:01Z",
                "2026-11-02T10:41:20Z",
                rounds: 213,
                .go,
                "all 2 criteria hold in one round"
            ),
            .baselines(.passed, "2026-11-02T10:41:20Z", "2026-11-02T10:41:20Z"),
            .step(
                "migration-1",
                .passed,
                "2026-11-02T10:41:20Z",
                "2026-11-02T10:41:27Z",
                "apply migration 1 to 'main'",
                StepOutcome(
                    observed: "schema version is 1, 5 tables hold the rows they held before",
                    evidence: [
                        "backup": ".phasegate/backups/main-0001.sqlite",
                        "backup-sha256": "9b2f41c07de85a36f1d24c7ab9035e6842f7c10db6a9e35f8d41c27b06ea593f",
                        "rows": "trades 50000, portfolio 8000, orders 12000, users 2000",
                        "took": "6.81 s",
                    ]
                )
            ),
            .gate(
                "exit",
                .passed,
                "2026-11-02T10:41:27Z",
                "2026-11-13T16:05:02Z",
                rounds: 402,
                .go,
                "all 3 criteria hold in one round"
            ),
        ],
        criteria: [
            .make(
                "backup-restores",
                .precondition,
                "backup",
                "must content",
                ["S4-25"],
                ["R001"],
                .pass,
                "content",
                "content satisfies 'must content'",
                notes: ["restored into a scratch database in 2.4 s", "5 tables, 72000 rows, hashes equal"],
                rounds: 213,
                seen: "2026-11-02T10:41:09Z"
            ),
            .make(
                "integrity",
                .precondition,
                "integrity",
                "must = 0",
                ["S4-72"],
                ["R001"],
                .pass,
                "0",
                "0 satisfies 'must = 0'",
                rounds: 213,
                history: [0, 0, 0, 0, 0, 0],
                seen: "2026-11-02T10:41:09Z"
            ),
            .make(
                "rows-kept",
                .success,
                "row-count",
                "must = baseline",
                ["S4-71"],
                ["R001"],
                .pass,
                "trades: 50000 rows",
                "trades: 50000 rows satisfies 'must = baseline'",
                baseline: "50000 rows",
                query: "SELECT count(*) FROM \"trades\";\nSELECT count(*) FROM \"portfolio\";",
                rounds: 402,
                seen: "2026-11-13T16:04:58Z"
            ),
            .make(
                "downtime",
                .guarding,
                "availability",
                "must < 5 min",
                ["S2-61"],
                ["R002"],
                .pass,
                "0 s",
                "0 s satisfies 'must < 5 min'",
                samples: 8_640,
                rounds: 402,
                history: [0, 0, 0, 0.4, 0, 0, 0],
                seen: "2026-11-13T16:04:58Z"
            ),
            .make(
                "point-query",
                .success,
                "latency",
                "must <= 50 ms",
                ["S4-77"],
                ["R003"],
                .pass,
                "41.9 ms",
                "41.9 ms satisfies 'must <= 50 ms'",
                samples: 2_000,
                rounds: 402,
                history: [47.1, 46.2, 46.9, 44.8, 45.1, 43.7, 44.0, 42.6, 43.1, 41.9],
                seen: "2026-11-13T16:04:58Z",
                unit: "ms",
                limits: [.fail(above: 50)],
                boundaryRule: "50 ms itself passes"
            ),
        ]
    )
}

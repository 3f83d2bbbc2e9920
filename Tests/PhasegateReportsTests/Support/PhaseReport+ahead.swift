import PhasegateCore

extension RolloutReport.PhaseReport {
    static let migrationSystem = RolloutReport.PhaseReport(
        name: "migration-system",
        title: "Migration system",
        progress: .ahead,
        reversibility: .compensable,
        window: Window(from: "week 5", to: "week 6"),
        effort: nil,
        from: nil,
        to: nil,
        risks: ["R001", "R004"],
        mitigations: [],
        sources: ["S4-65"],
        stages: [
            .gate("entry", .ahead, nil, nil, rounds: 0, nil, ""),
            .step("migration-3", .ahead, nil, nil, "apply migration 3 to 'main'", nil),
            .gate("exit", .ahead, nil, nil, rounds: 0, nil, ""),
        ],
        criteria: [
            .make("rollback-rehearsed", .precondition, "attestation", "must yes", ["S4-67"], ["R004"], nil, nil, ""),
            .make("schema-equal", .success, "schema", "must equal", ["S4-66"], ["R004"], nil, nil, ""),
        ],
        needs: ["query-optimisation"]
    )

    static let advancedFeatures = RolloutReport.PhaseReport(
        name: "advanced-features",
        title: "Advanced features",
        progress: .ahead,
        reversibility: .irreversible,
        window: Window(from: "week 7", to: "week 8"),
        effort: nil,
        from: nil,
        to: nil,
        risks: [],
        mitigations: [],
        sources: [],
        stages: [
            .gate("entry", .ahead, nil, nil, rounds: 0, nil, ""), .gate("exit", .ahead, nil, nil, rounds: 0, nil, ""),
        ],
        criteria: [.make("archive-verified", .kill, "checksum", "must = baseline", ["S4-69"], [], nil, nil, "")],
        needs: ["migration-system"]
    )
}

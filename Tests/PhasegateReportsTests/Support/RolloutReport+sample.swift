import PhasegateCore

extension RolloutReport {
    /// A rollout on its way: one phase through, one held at 25 %, two ahead.
    static let sample = RolloutReport(
        rollout: "quantumleap",
        title: "QuantumLeap: database optimisation and migration",
        document: "database optimisation and migration design",
        generatedAt: at("2026-11-21T09:30:00Z"),
        version: "0.1.0",
        status: .held,
        verdict: .hold,
        headline: "Not yet: 25 % of users stay where they are until 'p95-regression' is settled.",
        reason: "'p95-regression': hot-path: 54.6 ms breaks 'fail > 1.2 x baseline' (1 of 3 rounds in a row)",
        phase: "query-optimisation",
        stage: "gate-at-25%",
        openedAt: at("2026-11-02T08:00:00Z"),
        timeScale: 1,
        planDigest: "5f0c6a3bb2d9e1478c02b7a96d4ef31590aa7c18e3f64b2d7c9015e8af23b460",
        ledgerLength: 1487,
        ledgerHead: "c1a94e07d35b628ff0be71d2c48a9630e57d1f8b4426a3c90d7e5b18f2a6c3d4",
        phases: [.coreInfrastructure, .queryOptimisation, .migrationSystem, .advancedFeatures],
        grid: .sample,
        risks: RiskAppraisal.samples,
        planFindings: [
            Diagnostic(
                .warning,
                rule: "declared-derived",
                "risk 'R005' is declared 'HIGH' but its likelihood and impact derive 'MEDIUM'",
                hint: "correct the register, or have the difference signed",
                at: Place(file: "phases/quantumleap/risks.yaml", line: 58, column: 13)
            ),
            Diagnostic(
                .warning,
                rule: "unassigned-risk",
                "risk 'R009' belongs to no phase and stands at no gate",
                hint: "name it under 'risks:' of a phase or mark it 'standing: true'",
                at: Place(file: "phases/quantumleap/risks.yaml", line: 97, column: 5)
            ),
        ],
        exposures: [
            ExposurePoint(at: at("2026-11-17T09:12:04Z"), flag: "optimised-reads", share: BasisPoints(rawValue: 500)),
            ExposurePoint(at: at("2026-11-18T10:02:41Z"), flag: "optimised-reads", share: .none),
            ExposurePoint(at: at("2026-11-18T15:20:10Z"), flag: "optimised-reads", share: BasisPoints(rawValue: 500)),
            ExposurePoint(at: at("2026-11-19T15:41:33Z"), flag: "optimised-reads", share: BasisPoints(rawValue: 2500)),
        ],
        log: LogLine.samples,
        threats: Threat.samples,
        countdowns: Countdown.samples,
        changes: Changes(
            since: at("2026-11-20T16:00:00Z"),
            ledgerLength: 1322,
            sentences: [
                "the gate 'gate-at-25%' said conditional-go and now says hold",
                "'p95-regression' passed and now fails: 54.6 ms",
                "risk 'R003' is raised", "the waiver of 'disk-latency' by l.brandt has expired",
                "R003 was acknowledged by m.okafor",
            ]
        ),
        latencies: LatencyCurve.samples,
        signatures: Signature.samples,
        notices: NoticeReport.samples,
        seeds: ["workload 'hot-path'": "20261121", "interval of 'p95-regression'": "7"]
    )

    /// A moment from its text; the epoch where the test itself is wrong.
    static func at(_ text: String) -> Moment { Moment(text) ?? Moment(milliseconds: 0) }
}

extension RiskGrid {
    static let sample = RiskGrid(
        id: "risk-assessment",
        version: 1,
        likelihoods: [
            Likelihood(word: "Low", from: 0, to: 20),
            Likelihood(word: "Medium", from: 20, to: 50),
            Likelihood(word: "High", from: 50, to: 100),
        ],
        impacts: ["Low", "Medium", "High", "Critical"],
        levels: ["LOW", "MEDIUM", "HIGH"],
        cells: [
            ["LOW", "LOW", "MEDIUM", "HIGH"],
            ["LOW", "MEDIUM", "MEDIUM", "HIGH"],
            ["MEDIUM", "HIGH", "HIGH", "HIGH"],
        ]
    )
}

extension RiskAppraisal {
    static let samples: [RiskAppraisal] = [
        appraisal(
            "R001",
            "Data loss during optimisation",
            "Low",
            10,
            "Critical",
            "HIGH",
            "P0",
            "HIGH",
            in: ["core-infrastructure", "migration-system"],
            inherent: Risk.Position(likelihood: "High", impact: "Critical"),
            target: Risk.Position(likelihood: "Low", impact: "High"),
            owner: "data platform"
        ),
        appraisal(
            "R002",
            "Application downtime",
            "Medium",
            30,
            "High",
            "HIGH",
            "P0",
            "MEDIUM",
            in: ["core-infrastructure"],
            inherent: Risk.Position(likelihood: "Medium", impact: "Critical"),
            target: Risk.Position(likelihood: "Low", impact: "Medium"),
            owner: "operations"
        ),
        appraisal(
            "R003",
            "Performance regression",
            "Medium",
            25,
            "High",
            "HIGH",
            "P1",
            "MEDIUM",
            raisedBy: ["p95-regression"],
            in: ["query-optimisation"],
            inherent: Risk.Position(likelihood: "High", impact: "High"),
            target: Risk.Position(likelihood: "Low", impact: "Medium"),
            owner: "m.okafor"
        ),
        appraisal(
            "R004",
            "Migration conflicts",
            "High",
            60,
            "Medium",
            "HIGH",
            "P1",
            "HIGH",
            in: ["migration-system"],
            target: Risk.Position(likelihood: "Low", impact: "Medium"),
            isMeasured: false,
            owner: "l.brandt"
        ),
        appraisal(
            "R005",
            "Index creation failure",
            "Medium",
            20,
            "High",
            "HIGH",
            "P1",
            "MEDIUM",
            in: ["query-optimisation"]
        ),
        appraisal("R009", "Team knowledge gaps", "Low", nil, "Medium", "LOW", nil, "LOW", in: [], isMeasured: false),
    ]

    private static func appraisal(
        _ id: RiskID,
        _ title: String,
        _ likelihood: String,
        _ percent: Double?,
        _ impact: String,
        _ level: String,
        _ priority: String?,
        _ derived: String,
        raisedBy: [CriterionName] = [],
        in phases: [PhaseName],
        inherent: Risk.Position? = nil,
        target: Risk.Position? = nil,
        isMeasured: Bool = true,
        owner: String? = nil
    ) -> RiskAppraisal {
        RiskAppraisal(
            id: id,
            title: title,
            declared: Risk.Declared(
                likelihood: likelihood,
                percent: percent,
                impact: impact,
                level: level,
                priority: priority
            ),
            derivedLevel: derived,
            level: RiskGrid.sample.stricter(level, derived),
            disagreement: level == derived ? nil : "declared \(level), derived \(derived)",
            raisedBy: raisedBy,
            phases: phases,
            inherent: inherent,
            target: target,
            isMeasured: isMeasured,
            owner: owner
        )
    }
}

extension RolloutReport.LogLine {
    static let samples: [RolloutReport.LogLine] = [
        line(
            1,
            "2026-11-02T08:00:00Z",
            "controller",
            nil,
            nil,
            "opened",
            "the rollout was begun with plan 5f0c6a3bb2d9"
        ),
        line(2, "2026-11-02T08:00:01Z", "controller", "core-infrastructure", "entry", "entered", "arrived at 'entry'"),
        line(
            4,
            "2026-11-02T08:00:11Z",
            "controller",
            "core-infrastructure",
            "entry",
            "weighed",
            "hold: waits for 1 of 1 approvals for this plan and evidence",
            212
        ),
        line(
            218,
            "2026-11-02T10:41:09Z",
            "m.okafor",
            "core-infrastructure",
            "entry",
            "approved",
            "backup restored and compared by me, tables match"
        ),
        line(
            221,
            "2026-11-02T10:41:20Z",
            "controller",
            "core-infrastructure",
            "migration-1",
            "intended",
            "apply migration 1 to 'main'"
        ),
        line(
            222,
            "2026-11-02T10:41:27Z",
            "controller",
            "core-infrastructure",
            "migration-1",
            "acted",
            "schema version is 1, 5 tables hold the rows they held before"
        ),
        line(
            640,
            "2026-11-13T16:05:02Z",
            "controller",
            "core-infrastructure",
            "exit",
            "finished",
            "all 5 criteria hold in one round"
        ),
        line(
            702,
            "2026-11-17T09:12:04Z",
            "controller",
            "query-optimisation",
            "expose-5%",
            "acted",
            "flag 'optimised-reads' reads 5 %"
        ),
        line(
            811,
            "2026-11-18T10:02:41Z",
            "controller",
            "query-optimisation",
            "gate-at-5%",
            "decided",
            "recycle \u{2192} rollback: 'p95-regression': hot-path: 71.3 ms breaks 'fail > 1.2 x baseline'"
        ),
        line(
            840,
            "2026-11-18T15:18:00Z",
            "l.brandt",
            "query-optimisation",
            nil,
            "resumed",
            "the nightly export ran by day; it has been moved back"
        ),
        line(
            1105,
            "2026-11-19T15:41:33Z",
            "controller",
            "query-optimisation",
            "gate-at-5%",
            "decided",
            "conditional-go \u{2192} advance: 'error-rate': 0.58 % meets the warning '> 0.5 %'"
        ),
        line(
            1106,
            "2026-11-19T15:41:33Z",
            "controller",
            "query-optimisation",
            "expose-25%",
            "acted",
            "flag 'optimised-reads' reads 25 %"
        ),
        line(
            1107,
            "2026-11-19T15:41:50Z",
            "controller",
            "query-optimisation",
            "gate-at-25%",
            "weighed",
            "conditional-go: 'error-rate': 0.62 % meets the warning '> 0.5 %'",
            376
        ),
        line(
            1486,
            "2026-11-21T09:29:40Z",
            "controller",
            "query-optimisation",
            "gate-at-25%",
            "decided",
            "hold \u{2192} wait: 'p95-regression': hot-path: 54.6 ms breaks 'fail > 1.2 x baseline' (1 of 3 rounds in a row)"
        ),
        line(
            1487,
            "2026-11-21T09:29:41Z",
            "controller",
            nil,
            nil,
            "noticed",
            "people were told through 'file': RISK ALERT: R003 - Performance regression"
        ),
    ]

    private static func line(
        _ sequence: Int,
        _ at: String,
        _ actor: String,
        _ phase: PhaseName?,
        _ stage: StageName?,
        _ kind: String,
        _ sentence: String,
        _ repeats: Int = 1
    ) -> RolloutReport.LogLine {
        RolloutReport.LogLine(
            sequence: sequence,
            at: RolloutReport.at(at),
            actor: actor,
            phase: phase,
            stage: stage,
            kind: kind,
            sentence: sentence,
            repeats: repeats
        )
    }
}

import PhasegateCore

extension RolloutReport {
    /// A rollout for reviews: one phase through, one at 25 % after a rollback, one ahead.
    ///
    /// The week before the report begins on 2026-11-14 at 09:30.
    ///
    /// Every text from outside has the poison behind it.
    static func reviewed(
        _ poison: String = "",
        log: [LogLine]? = nil,
        without dropped: NoticeID? = nil
    ) -> RolloutReport {
        let sample = ReviewSample(poison: poison)
        return RolloutReport(
            rollout: sample.name("quantumleap"),
            title: sample.text("QuantumLeap"),
            document: sample.text("design"),
            generatedAt: at("2026-11-21T09:30:00Z"),
            version: "0.1.0",
            status: .held,
            verdict: .hold,
            headline: sample.text("Not yet: 25 % of users stay where they are."),
            reason: sample.text("'p95-regression': 54.6 ms breaks 'fail > 1.2 x baseline'"),
            phase: sample.name("query-optimisation"),
            stage: sample.name("gate-at-25%"),
            openedAt: at("2026-11-02T08:00:00Z"),
            timeScale: 1,
            planDigest: sample.text("5f0c6a3b"),
            ledgerLength: 1487,
            ledgerHead: sample.text("c1a94e07"),
            phases: [sample.finishedPhase, sample.presentPhase, sample.aheadPhase],
            grid: RiskGrid(
                id: sample.text("grid"),
                version: 1,
                likelihoods: [],
                impacts: [],
                levels: ["LOW", "MEDIUM", "HIGH"].map(sample.text),
                cells: []
            ),
            risks: sample.risks,
            planFindings: [
                Diagnostic(
                    .warning,
                    rule: "declared-derived",
                    sample.text("risk 'R005' is declared otherwise"),
                    hint: sample.text("correct the register")
                )
            ],
            exposures: [
                ExposurePoint(at: at("2026-11-17T09:12:04Z"), flag: sample.name("reads"), share: share(5)),
                ExposurePoint(at: at("2026-11-18T10:02:41Z"), flag: sample.name("reads"), share: .none),
                ExposurePoint(at: at("2026-11-19T15:41:33Z"), flag: sample.name("reads"), share: share(25)),
            ],
            log: log ?? sample.log,
            threats: [
                Threat(
                    criterion: sample.name("error-rate"),
                    phase: sample.name("query-optimisation"),
                    outcome: .warn,
                    headroom: 0.38,
                    sentence: sample.text("above 1 % the exposure is taken back")
                )
            ],
            countdowns: [
                Countdown(
                    kind: .approvals,
                    label: sample.text("gate-at-25%"),
                    deadline: nil,
                    left: sample.text("1 of 2")
                ),
                Countdown(
                    kind: .soak,
                    label: sample.text("gate-at-25%"),
                    deadline: at("2026-11-22T15:41:33Z"),
                    left: sample.text("1 d 6 h")
                ),
                Countdown(
                    kind: .condition,
                    label: sample.text("gate-at-5%"),
                    phase: "query-optimisation",
                    deadline: nil,
                    left: sample.text("'error-rate' has to come down")
                ),
            ],
            signatures: [
                Signature(
                    kind: .waiver,
                    subject: sample.text("replica-lag"),
                    phase: sample.name("query-optimisation"),
                    by: sample.text("l.brandt"),
                    because: sample.text("the replica is rebuilt"),
                    evidence: nil,
                    at: at("2026-11-20T08:00:00Z"),
                    expires: at("2026-11-25T08:00:00Z"),
                    standing: "in force"
                )
            ],
            notices: sample.notices.filter { $0.notice.id != dropped }
        )
    }

    private static func share(_ percent: Int) -> BasisPoints { BasisPoints(rawValue: percent * 100) }
}

/// The parts of the sample, each text with the poison behind it.
private struct ReviewSample {
    let poison: String

    func text(_ text: String) -> String { text + poison }

    func name<N: Name>(_ text: String) -> N { N(rawValue: text + poison) }

    // MARK: Phases

    var finishedPhase: RolloutReport.PhaseReport {
        RolloutReport.PhaseReport(
            name: name("core-infrastructure"),
            title: text("Core infrastructure"),
            progress: .finished,
            reversibility: .reversible,
            window: Window(from: text("week 1"), to: text("week 2")),
            effort: text("2 people"),
            from: RolloutReport.at("2026-11-02T08:00:00Z"),
            to: RolloutReport.at("2026-11-17T08:00:00Z"),
            risks: [name("R001")],
            mitigations: [
                Mitigation(text: text("A backup is restored and compared."), sources: [text("S4-25")]),
                Mitigation(text: text("Every migration has its rollback file."), sources: [text("S4-26")]),
            ],
            sources: [],
            stages: [
                stage("entry", .gate, .passed, rounds: 213, verdict(.go, "all hold")),
                stage("migration-1", .step, .passed, rounds: 0, nil),
            ],
            criteria: [
                criterion("backup-restores", ["S4-25"], .pass, "content", seen: "2026-11-16T16:00:00Z", rounds: 213),
                criterion("rows-kept", ["S4-71"], .pass, "50000 rows", seen: "2026-11-10T16:00:00Z", rounds: 402),
            ],
            interruptions: [
                stop(.held, "2026-11-04T08:00:00Z", "2026-11-04T09:00:00Z", "the backup was being moved"),
                // Begun an hour before the week of the report.
                stop(.held, "2026-11-14T08:30:00Z", "2026-11-14T10:30:00Z", "no operator on duty"),
            ]
        )
    }

    var presentPhase: RolloutReport.PhaseReport {
        RolloutReport.PhaseReport(
            name: name("query-optimisation"),
            title: text("Query optimisation"),
            progress: .present,
            reversibility: .reversible,
            window: Window(from: "week 3", to: "week 4"),
            effort: nil,
            from: RolloutReport.at("2026-11-17T08:30:00Z"),
            to: nil,
            risks: [name("R003")],
            mitigations: [Mitigation(text: text("A guard watches each step."), sources: [text("S4-64")])],
            sources: [],
            stages: [
                stage(
                    "gate-at-5%",
                    .gate,
                    .passed,
                    rounds: 266,
                    verdict(.conditionalGo, "a warning is met", ["'error-rate' has to come down"])
                ), stage("gate-at-25%", .gate, .present, rounds: 377, verdict(.hold, "p95 is above its bound")),
            ],
            criteria: [
                criterion(
                    "p95-regression",
                    ["S4-77"],
                    .fail,
                    "54.6 ms",
                    bound: "fail > 1.2 x baseline",
                    baseline: "44.1 ms",
                    rounds: 377,
                    failures: 2,
                    history: [sample("2026-11-18T10:02:00Z", 71.3), sample("2026-11-21T09:29:40Z", 54.6)]
                ),
                criterion("error-rate", ["S4-29"], .warn, "0.62 %", rounds: 377, failures: 131),
                criterion("replica-lag", ["S4-31"], .unknown, nil, rounds: 377, failures: 4, waivedBy: "l.brandt"),
                criterion("cache-hits", ["S4-79"], nil, nil),
            ],
            interruptions: [stop(.undoing, "2026-11-18T10:02:41Z", "2026-11-18T10:03:41Z", "p95 rose by 61 %")]
        )
    }

    var aheadPhase: RolloutReport.PhaseReport {
        RolloutReport.PhaseReport(
            name: name("migration-system"),
            title: "",
            progress: .ahead,
            reversibility: .compensable,
            window: Window(from: text("2026-11-20"), to: text("some day")),
            effort: nil,
            from: nil,
            to: nil,
            risks: [],
            mitigations: [],
            sources: [],
            stages: [],
            criteria: [],
            needs: [name("query-optimisation")]
        )
    }

    private func stage(
        _ name: String,
        _ kind: RolloutReport.StageReport.Kind,
        _ progress: RolloutReport.StageReport.Progress,
        rounds: Int,
        _ verdict: Verdict?
    ) -> RolloutReport.StageReport {
        RolloutReport.StageReport(
            name: self.name(name),
            kind: kind,
            progress: progress,
            from: nil,
            to: nil,
            rounds: rounds,
            verdict: verdict,
            outcome: nil,
            sentence: ""
        )
    }

    private func verdict(_ outcome: GateOutcome, _ reason: String, _ conditions: [String] = []) -> Verdict {
        Verdict(
            outcome: outcome,
            reason: text(reason),
            findings: [],
            conditions: conditions.map(text),
            evidenceDigest: ""
        )
    }

    private func sample(_ at: String, _ value: Double) -> RolloutReport.Sample {
        RolloutReport.Sample(at: RolloutReport.at(at), value: value)
    }

    private func criterion(
        _ name: String,
        _ sources: [String],
        _ outcome: Finding.Outcome?,
        _ observed: String?,
        bound: String = "must = baseline",
        baseline: String? = nil,
        seen: String = "2026-11-21T09:29:40Z",
        rounds: Int = 0,
        failures: Int = 0,
        history: [RolloutReport.Sample] = [],
        waivedBy: String? = nil
    ) -> RolloutReport.CriterionReport {
        RolloutReport.CriterionReport(
            name: self.name(name),
            role: .guarding,
            strength: .must,
            probe: "latency",
            bound: text(bound),
            sources: sources.map(text),
            risks: [self.name("R003")],
            finding: outcome.map {
                Finding(
                    criterion: self.name(name),
                    role: .guarding,
                    strength: .must,
                    outcome: $0,
                    reason: text("'\(name)' stands so"),
                    observed: observed.map(text),
                    bound: text(bound),
                    baseline: baseline.map(text),
                    observedAt: RolloutReport.at(seen),
                    waivedBy: waivedBy.map(text)
                )
            },
            notes: [],
            rounds: rounds,
            failures: failures,
            history: history,
            unit: "ms",
            limits: [RolloutReport.Limit(kind: .fail, value: 52.92, isCeiling: true)]
        )
    }

    private func stop(
        _ kind: RolloutReport.Interruption.Kind,
        _ from: String,
        _ to: String,
        _ reason: String
    ) -> RolloutReport.Interruption {
        RolloutReport.Interruption(
            kind: kind,
            from: RolloutReport.at(from),
            to: RolloutReport.at(to),
            reason: text(reason)
        )
    }

    // MARK: Risks

    var risks: [RiskAppraisal] {
        [
            risk("R001", "Data loss", "HIGH", derived: "HIGH", of: "core-infrastructure"),
            risk(
                "R003",
                "Performance regression",
                "HIGH",
                derived: "HIGH",
                of: "query-optimisation",
                raisedBy: "p95-regression",
                owner: "dba-lead"
            ), risk("R005", "Index creation failure", "HIGH", derived: "MEDIUM", of: "query-optimisation"),
            risk("R009", "Knowledge gaps", "LOW", derived: "LOW", of: "query-optimisation", isMeasured: false),
        ]
    }

    private func risk(
        _ id: String,
        _ title: String,
        _ level: String,
        derived: String,
        of phase: String,
        raisedBy: String? = nil,
        owner: String? = nil,
        isMeasured: Bool = true
    ) -> RiskAppraisal {
        RiskAppraisal(
            id: name(id),
            title: text(title),
            declared: Risk.Declared(
                likelihood: text("Low"),
                percent: nil,
                impact: text("High"),
                level: text(level),
                priority: nil
            ),
            derivedLevel: text(derived),
            level: text(level),
            disagreement: level == derived ? nil : text("declared \(level), derived \(derived)"),
            raisedBy: raisedBy.map { [name($0)] } ?? [],
            phases: [name(phase)],
            isMeasured: isMeasured,
            owner: owner.map(text)
        )
    }

    // MARK: Log

    var log: [RolloutReport.LogLine] {
        [
            line(1, "2026-11-02T08:00:00Z", nil, "opened", "began with plan 5f0c6a3b"),
            line(811, "2026-11-18T10:02:41Z", "query-optimisation", "decided", "recycle → rollback: p95 rose"),
            line(812, "2026-11-18T10:02:41Z", "query-optimisation", "rollback", "takes the phase back in 1 steps"),
            line(830, "2026-11-18T10:03:41Z", "query-optimisation", "settled", "rolled-back: p95 rose"),
            line(840, "2026-11-18T15:18:00Z", "query-optimisation", "resumed", "resumed by l.brandt: export moved"),
            line(1486, "2026-11-21T09:29:40Z", "query-optimisation", "decided", "hold → wait: p95 is above"),
        ]
    }

    private func line(
        _ sequence: Int,
        _ at: String,
        _ phase: String?,
        _ kind: String,
        _ sentence: String
    ) -> RolloutReport.LogLine {
        RolloutReport.LogLine(
            sequence: sequence,
            at: RolloutReport.at(at),
            actor: text("controller"),
            phase: phase.map { name($0) },
            stage: nil,
            kind: kind,
            sentence: text(sentence),
            repeats: 1
        )
    }

    // MARK: Notices

    /// An alert long ago, one with a rollback in its episode, a false alarm, one unanswered, and a test.
    var notices: [RolloutReport.NoticeReport] {
        [
            notice(1, .fired, "R001", "2026-11-04T08:00:00Z", [.arrived]),
            notice(2, .resolved, "R001", "2026-11-04T09:00:00Z", [.arrived]),
            notice(3, .fired, "R003", "2026-11-18T10:02:41Z", [.arrived], until: 15, answeredBy: "l.brandt"),
            notice(4, .resolved, "R003", "2026-11-18T15:18:00Z", [.arrived]),
            notice(
                5,
                .fired,
                "R005",
                "2026-11-19T03:00:00Z",
                [.arrived],
                until: 15,
                about: "rows-kept",
                of: "core-infrastructure"
            ), notice(6, .resolved, "R005", "2026-11-19T03:10:00Z", [.arrived], of: "core-infrastructure"),
            notice(7, .fired, "R003", "2026-11-21T09:29:40Z", [.waiting, .dead], until: 15, about: "p95-regression"),
            notice(8, .test, "R003", "2026-11-21T09:29:50Z", []),
        ]
    }

    private func notice(
        _ number: Int,
        _ kind: Notice.Kind,
        _ risk: String,
        _ raisedAt: String,
        _ carriers: [RolloutReport.NoticeReport.Carrier.Progress],
        until minutes: Int? = nil,
        answeredBy: String? = nil,
        about criterion: String? = nil,
        of phase: String? = nil
    ) -> RolloutReport.NoticeReport {
        let at = RolloutReport.at(raisedAt)
        // The notice that resolves an alert comes right after it.
        let episode: EpisodeKey = name("quantumleap/\(risk)/\((number + 1) / 2)")
        return RolloutReport.NoticeReport(
            notice: Notice(
                id: name("quantumleap.\(number)"),
                episode: episode,
                kind: kind,
                reason: text("it became real"),
                level: text("HIGH"),
                rollout: name("quantumleap"),
                phase: name(phase ?? (risk == "R001" ? "core-infrastructure" : "query-optimisation")),
                risk: name(risk),
                criteria: criterion.map { [name($0)] } ?? [],
                audience: [text("team-lead")],
                title: text("RISK ALERT \(risk)"),
                body: text("RISK ALERT \(risk)"),
                startedAt: at,
                raisedAt: at,
                acknowledgeBy: minutes.map { at + .seconds($0 * 60) }
            ),
            carriers: carriers.enumerated().map { index, progress in
                RolloutReport.NoticeReport.Carrier(
                    channel: name("channel-\(index)"),
                    progress: progress,
                    attempts: 2,
                    at: at,
                    answer: text("503")
                )
            },
            acknowledgement: answeredBy.map {
                Acknowledgement(episode: episode, by: text($0), because: text("rolled back"), at: at + .seconds(60))
            }
        )
    }
}

import PhasegateCore

extension RolloutReport.Threat {
    static let samples: [Self] = [
        Self(
            criterion: "p95-regression",
            phase: "query-optimisation",
            outcome: .fail,
            headroom: 0,
            sentence: "two more rounds like the last one take 'query-optimisation' back"
        ),
        Self(
            criterion: "replica-lag",
            phase: "query-optimisation",
            outcome: .unknown,
            headroom: nil,
            sentence: "the waiver by l.brandt ends in 2 h 30 min; after that, not knowing closes the gate"
        ),
        Self(
            criterion: "error-rate",
            phase: "query-optimisation",
            outcome: .warn,
            headroom: 0.38,
            sentence: "above 1 % the phase is taken back; now 0.62 %"
        ),
    ]
}

extension RolloutReport.Countdown {
    static let samples: [Self] = [
        Self(kind: .soak, label: "gate-at-25%", deadline: nil, left: "24 h of 24 h, begins when all criteria hold"),
        Self(
            kind: .timeout,
            label: "gate-at-25%",
            deadline: RolloutReport.at("2026-11-22T15:41:33Z"),
            left: "30 h 11 min"
        ),
        Self(kind: .approvals, label: "exit of query-optimisation", deadline: nil, left: "1 of 2 given"),
        Self(
            kind: .waiver,
            label: "replica-lag",
            deadline: RolloutReport.at("2026-11-21T12:00:00Z"),
            left: "2 h 30 min"
        ),
        Self(
            kind: .acknowledgement,
            label: "quantumleap/query-optimisation/R002",
            deadline: RolloutReport.at("2026-11-21T09:44:40Z"),
            left: "14 min 40 s"
        ),
    ]
}

extension RolloutReport.LatencyCurve {
    static let samples: [Self] = [
        Self(
            name: "hot-path",
            phase: "query-optimisation",
            unit: "ms",
            baseline: quantiles([11.8, 18.4, 29.5, 44.1, 66.9, 91.2]),
            now: quantiles([12.1, 19.9, 34.2, 54.6, 81.0, 118.4]),
            limits: [.fail(above: 52.92)],
            percentile: 95
        ),
        Self(
            name: "portfolio-summary",
            phase: "query-optimisation",
            unit: "ms",
            baseline: quantiles([410, 620, 1_180, 2_400, 6_900, 14_200]),
            now: quantiles([3.1, 4.4, 8.9, 21.5, 77, 240]),
            limits: [.warn(above: 50), .fail(above: 100)],
            percentile: 95
        ),
    ]

    private static func quantiles(_ values: [Double]) -> [Measurement.Quantile] {
        zip([50, 75, 90, 95, 99, 99.9], values).map { Measurement.Quantile(percent: $0, value: $1) }
    }
}

extension RolloutReport.Signature {
    static let samples: [Self] = [
        Self(
            kind: .approval,
            subject: "entry",
            phase: "core-infrastructure",
            by: "m.okafor",
            because: "backup restored and compared by me, tables match",
            evidence: nil,
            at: RolloutReport.at("2026-11-02T10:41:09Z"),
            expires: nil,
            standing: "in force"
        ),
        Self(
            kind: .attestation,
            subject: "support-briefed",
            phase: "query-optimisation",
            by: "s.lind",
            because: "two briefings held, the second one recorded",
            evidence: "minutes 2026-11-13, page 2",
            at: RolloutReport.at("2026-11-13T15:20:00Z"),
            expires: RolloutReport.at("2026-12-13T15:20:00Z"),
            standing: "in force"
        ),
        Self(
            kind: .waiver,
            subject: "disk-latency",
            phase: "query-optimisation",
            by: "l.brandt",
            because: "the array was being rebuilt; the vendor gave an end date",
            evidence: nil,
            at: RolloutReport.at("2026-11-17T08:00:00Z"),
            expires: RolloutReport.at("2026-11-20T18:00:00Z"),
            standing: "expired"
        ),
        Self(
            kind: .waiver,
            subject: "replica-lag",
            phase: "query-optimisation",
            by: "l.brandt",
            because: "the replica is being moved; nobody reads from it this morning",
            evidence: nil,
            at: RolloutReport.at("2026-11-21T08:00:00Z"),
            expires: RolloutReport.at("2026-11-21T12:00:00Z"),
            standing: "in force"
        ),
        Self(
            kind: .approval,
            subject: "exit",
            phase: "query-optimisation",
            by: "s.lind",
            because: "reviewed the plan before the last change of it",
            evidence: nil,
            at: RolloutReport.at("2026-11-16T08:00:00Z"),
            expires: nil,
            standing: "void: the plan has changed"
        ),
    ]
}

extension RolloutReport.NoticeReport {
    static let samples: [Self] = [
        Self(
            notice: notice(
                "n-0001",
                .fired,
                "R003",
                "RISK ALERT: R003 - Performance regression",
                "'p95-regression' fails for the first time",
                at: "2026-11-18T10:02:41Z"
            ),
            carriers: [
                carrier("alertmanager", .arrived, 1, "2026-11-18T10:02:42Z", "200"),
                carrier("mail", .arrived, 3, "2026-11-18T10:09:12Z", "250 queued as 4F1C2"),
            ],
            acknowledgement: Acknowledgement(
                episode: "quantumleap/query-optimisation/R003",
                by: "m.okafor",
                because: "looking at the plans of the three slowest queries",
                at: RolloutReport.at("2026-11-18T10:11:30Z")
            )
        ),
        Self(
            notice: notice(
                "n-0002",
                .resolved,
                "R003",
                "RESOLVED: R003 - Performance regression",
                "'p95-regression' has passed for 3 rounds",
                at: "2026-11-18T15:31:00Z"
            ),
            carriers: [
                carrier("alertmanager", .arrived, 1, "2026-11-18T15:31:01Z", "200"),
                carrier("mail", .arrived, 1, "2026-11-18T15:31:03Z", "250 queued as 51D07"),
            ],
            acknowledgement: nil
        ),
        Self(
            notice: notice(
                "n-0003",
                .escalated,
                "R002",
                "RISK ALERT: R002 - Application downtime",
                "nobody answered within 15 minutes",
                at: "2026-11-21T09:29:40Z",
                until: "2026-11-21T09:44:40Z",
                rung: 1
            ),
            carriers: [
                carrier("alertmanager", .arrived, 1, "2026-11-21T09:29:41Z", "200"),
                carrier("mail", .waiting, 2, "2026-11-21T09:31:10Z", "451 try again later"),
                carrier("team-webhook", .dead, 8, "2026-11-21T09:29:59Z", "410 gone"),
                carrier("night-desk", .dropped, 0, nil, "quiet hours"),
            ],
            acknowledgement: nil
        ),
    ]

    private static func notice(
        _ id: NoticeID,
        _ kind: Notice.Kind,
        _ risk: RiskID,
        _ title: String,
        _ reason: String,
        at: String,
        until: String? = nil,
        rung: Int = 0
    ) -> Notice {
        Notice(
            id: id,
            episode: EpisodeKey(rawValue: "quantumleap/query-optimisation/\(risk)"),
            kind: kind,
            reason: reason,
            level: "HIGH",
            rollout: "quantumleap",
            phase: "query-optimisation",
            risk: risk,
            criteria: ["p95-regression"],
            rung: rung,
            audience: rung == 0 ? ["on-call"] : ["head of operations", "on-call"],
            title: title,
            body: "\(title)\nPhase: query-optimisation\nProbability: 25 %\nImmediate actions:\n1. Lower the exposure.",
            facts: [Notice.Fact("observed", "54.6 ms"), Notice.Fact("bound", "fail > 1.2 x baseline")],
            startedAt: RolloutReport.at(at),
            raisedAt: RolloutReport.at(at),
            acknowledgeBy: until.flatMap { Moment($0) }
        )
    }

    private static func carrier(
        _ channel: ChannelName,
        _ progress: Carrier.Progress,
        _ attempts: Int,
        _ at: String?,
        _ answer: String
    ) -> Carrier {
        Carrier(channel: channel, progress: progress, attempts: attempts, at: at.flatMap { Moment($0) }, answer: answer)
    }
}

import PhasegateCore

extension RolloutReport.StageReport {
    static func gate(
        _ name: StageName,
        _ progress: Progress,
        _ from: String?,
        _ to: String?,
        rounds: Int,
        _ outcome: GateOutcome?,
        _ reason: String,
        conditions: [String] = []
    ) -> Self {
        Self(
            name: name,
            kind: .gate,
            progress: progress,
            from: from.flatMap { Moment($0) },
            to: to.flatMap { Moment($0) },
            rounds: rounds,
            verdict: outcome.map {
                Verdict(outcome: $0, reason: reason, findings: [], conditions: conditions, evidenceDigest: "e3b0c442")
            },
            outcome: nil,
            sentence: ""
        )
    }

    static func baselines(_ progress: Progress, _ from: String?, _ to: String?) -> Self {
        Self(
            name: "baselines",
            kind: .baselines,
            progress: progress,
            from: from.flatMap { Moment($0) },
            to: to.flatMap { Moment($0) },
            rounds: 0,
            verdict: nil,
            outcome: nil,
            sentence: "freeze the readings that later bounds refer to"
        )
    }

    static func step(
        _ name: StageName,
        _ progress: Progress,
        _ from: String?,
        _ to: String?,
        _ sentence: String,
        _ outcome: StepOutcome?
    ) -> Self {
        Self(
            name: name,
            kind: .step,
            progress: progress,
            from: from.flatMap { Moment($0) },
            to: to.flatMap { Moment($0) },
            rounds: 0,
            verdict: nil,
            outcome: outcome,
            sentence: sentence
        )
    }
}

extension RolloutReport.CriterionReport {
    /// A criterion seen 20 seconds before the sample report, or never weighed where there is no outcome.
    static func make(
        _ name: CriterionName,
        _ role: Criterion.Role,
        _ probe: ProbeName,
        _ bound: String,
        _ sources: [String],
        _ risks: [RiskID],
        _ outcome: Finding.Outcome?,
        _ observed: String?,
        _ reason: String,
        baseline: String? = nil,
        samples: Int? = nil,
        query: String? = nil,
        notes: [String] = [],
        rounds: Int = 0,
        failures: Int = 0,
        history: [Double] = [],
        isUnconfirmed: Bool = false,
        waivedBy: String? = nil,
        seen: String = "2026-11-21T09:29:40Z",
        unit: String = "",
        limits: [RolloutReport.Limit] = [],
        interval: Measurement.Interval? = nil,
        boundaryRule: String = "",
        tookMilliseconds: Int64? = nil
    ) -> Self {
        let strength: Criterion.Strength = bound.hasPrefix("should") ? .should : .must
        let finding = outcome.map {
            Finding(
                criterion: name,
                role: role,
                strength: strength,
                outcome: $0,
                reason: reason,
                observed: observed,
                bound: bound,
                baseline: baseline,
                samples: samples,
                observedAt: RolloutReport.at(seen),
                resolvedQuery: query,
                isUnconfirmed: isUnconfirmed,
                waivedBy: waivedBy
            )
        }
        return Self(
            name: name,
            role: role,
            strength: strength,
            probe: probe,
            bound: bound,
            sources: sources,
            risks: risks,
            finding: finding,
            notes: notes,
            rounds: rounds,
            failures: failures,
            history: history.samples(until: RolloutReport.at(seen)),
            unit: unit,
            limits: limits,
            interval: interval,
            boundaryRule: boundaryRule,
            tookMilliseconds: tookMilliseconds
        )
    }
}

extension [Double] {
    /// The numbers as samples five minutes apart, the last one at a moment.
    func samples(until moment: Moment) -> [RolloutReport.Sample] {
        enumerated().map { index, value in
            RolloutReport.Sample(at: moment + .seconds(300 * (index + 1 - count)), value: value)
        }
    }
}

extension RolloutReport.Limit {
    static func fail(above value: Double) -> Self { Self(kind: .fail, value: value, isCeiling: true) }
    static func warn(above value: Double) -> Self { Self(kind: .warn, value: value, isCeiling: true) }
    static func fail(below value: Double) -> Self { Self(kind: .fail, value: value, isCeiling: false) }
}

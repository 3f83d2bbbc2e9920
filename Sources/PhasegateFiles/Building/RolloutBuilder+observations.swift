import PhasegateCore

extension RolloutBuilder {
    /// Reports what nothing can be concluded from: comparisons without users, limits or a control.
    mutating func checkObservations(
        of rollout: Rollout,
        probes: [ProbeDeclaration],
        sources: [ObservationSourceDeclaration]
    ) {
        for phase in rollout.phases {
            for criterion in phase.criteria {
                let kind = probes.first { $0.name == criterion.probe.kind }
                let isObserved = kind?.comparisons.isEmpty == false
                guard isObserved || criterion.comparison != nil else { continue }
                let place = places["phases/\(phase.name)/\(criterion.name)"]
                if let problem = objection(to: criterion, of: phase, isObserved: isObserved, kind) {
                    problems.report(
                        "bad-comparison",
                        "criterion '\(criterion.name)' \(problem.0)",
                        hint: problem.1,
                        at: place
                    )
                }
            }
            checkRamp(of: phase, sources)
        }
    }

    private mutating func checkRamp(of phase: Phase, _ sources: [ObservationSourceDeclaration]) {
        guard let ramp = phase.ramp else { return }
        let place = places["phases/\(phase.name)/ramp"]
        if let observation = ramp.observation, observation.unit == .user,
            sources.first(where: { $0.kind == observation.source.kind })?.namesUsers == false
        {
            problems.report(
                "bad-ramp",
                "'\(observation.source.kind)' does not say which user a request was of, so that users cannot be counted",
                hint: "write 'unit: request', and read docs/statistics.md on what that costs",
                at: place
            )
        }
        guard ramp.holdBack != nil else { return }
        if ramp.steps.last != .all {
            problems.report(
                "bad-ramp",
                "'hold-back' keeps users from a last step of 100 %, and there is none",
                at: place
            )
        } else if ramp.shares == ramp.steps {
            problems.report("bad-ramp", "the share that is left by 'hold-back' is a step already", at: place)
        } else if let most = ramp.shares.dropLast().last, let before = ramp.steps.dropLast().last, most <= before {
            problems.report("bad-ramp", "'hold-back' keeps more users back than the step of \(before) does", at: place)
        }
    }

    /// What is wrong with a criterion, and what to do.
    private func objection(
        to criterion: Criterion,
        of phase: Phase,
        isObserved: Bool,
        _ kind: ProbeDeclaration?
    ) -> (String, String)? {
        guard criterion.role == .guarding || criterion.role == .kill || (isObserved && criterion.role == .success)
        else {
            return ("observes users, and there are none before the ramp", "make it a guard")
        }
        guard let observation = phase.ramp?.observation else {
            return (
                "observes users, and the ramp of phase '\(phase.name)' does not say how",
                "add 'observe: {kind: json-lines, path: requests.jsonl}' to the ramp"
            )
        }
        guard let comparison = criterion.comparison else { return nil }
        guard kind?.comparisons.contains(comparison) == true else {
            let able = kind?.comparisons.map { "'compare: \($0.rawValue)'" } ?? []
            return (
                "cannot be compared with a \(comparison.rawValue)",
                able.isEmpty
                    ? "use a probe that observes, as observed-latency" : "it can \(able.joined(separator: " or "))"
            )
        }
        guard criterion.role != .success else {
            return ("is compared, which is over with the last step of the ramp", "make it a guard")
        }
        if criterion.threshold != nil || criterion.confirm > 1 || criterion.bounds.warning != nil
            || criterion.strength != .must
        {
            return (
                "is compared, and takes no 'should', 'warn', 'threshold' or 'confirm'",
                "state 'fail' and 'must'; both are shown by evidence, or not yet"
            )
        }
        return limitObjection(criterion, comparison, observation, isScore: criterion.probe.kind == "observed-score")
    }

    private func limitObjection(
        _ criterion: Criterion,
        _ comparison: Criterion.Comparison,
        _ observation: ObservationPlan,
        isScore: Bool
    ) -> (String, String)? {
        let example =
            switch comparison {
            case .control: "write 'fail: \"> 1.1 x control\"' and 'must: \"<= 1.2 x control\"'"
            case .limit where isScore: "write 'fail: \"< 0.85\"' and 'must: \">= 0.85\"'"
            case .limit: "write 'fail: \"> 1 %\"' and 'must: \"<= 1 %\"'"
            }
        guard let fail = criterion.bounds.failure, let pass = criterion.bounds.demand else {
            return ("is compared, and needs to say from where on it fails and up to where it passes", example)
        }
        let failsAbove = fail.comparison == .greater || fail.comparison == .atLeast
        let passesBelow = pass.comparison == .less || pass.comparison == .atMost
        let failsBelow = fail.comparison == .less || fail.comparison == .atMost
        let passesAbove = pass.comparison == .greater || pass.comparison == .atLeast
        guard isScore ? failsBelow && passesAbove : failsAbove && passesBelow else {
            return ("is compared, and its limits point the wrong way", example)
        }
        guard let lower = fail.comparedLimit(comparison), let upper = pass.comparedLimit(comparison) else {
            return ("is compared with a \(comparison.rawValue), and its limits are of another kind", example)
        }
        guard isScore ? upper.value <= lower.value : lower.value <= upper.value else {
            return ("would pass where it fails already", "the limit to pass must not be stricter than the one to fail")
        }
        switch comparison {
        case .control:
            guard lower.value >= 1 else { return ("fails although it is better than the control", example) }
            guard
                lower.slack + upper.slack == 0
                    || (observation.unit == .request && criterion.probe.kind == "observed-share")
            else { return ("allows a share on top, which only shares counted by request can have", "leave it out") }
        case .limit:
            guard lower.value > 0, lower.value < 1, upper.value > 0, upper.value < 1 else {
                return ("has a limit that everything or nothing keeps", example)
            }
        }
        return nil
    }
}

extension Bound {
    /// The limit as a factor of the control, or as a share from 0 to 1; nothing where it is of another kind.
    fileprivate func comparedLimit(_ comparison: Criterion.Comparison) -> (value: Double, slack: Double)? {
        switch (comparison, limit) {
        case (.control, .control(let times, let percent)): return (times, percent)
        case (.limit, .value(let quantity)):
            return quantity.number.map { (quantity.unit == .percent ? $0 / 100 : $0, 0) }
        default: return nil
        }
    }
}

import PhasegateCore
import PhasegateRisk

/// Something people have to hear of as long as it is so: a risk that has become real, or a rollout that waits for them.
struct Concern: Hashable {
    let key: EpisodeKey
    let level: String
    let phase: PhaseName
    let stage: StageName?
    /// Nothing for a rollout that only waits.
    let risk: RiskID?
    let criteria: [CriterionName]
    /// How the rollout stands, in one word.
    let standing: String
    /// How things stand, as one sentence.
    let status: String
}

extension Concern {
    /// What a state gives people cause to hear of; a pure function, so that a crash forgets nothing.
    ///
    /// - Parameters:
    ///   - state: the fold of the ledger.
    ///   - rollout: the plan.
    /// - Returns: in the order of the register; one per risk and phase.
    static func standing(in state: RolloutState, of rollout: Rollout) -> [Concern] {
        guard let name = state.phase, let phase = rollout.phase(name) else { return [] }
        if let undoing = state.undoing {
            let standing = undoing.action == .compensate ? "compensating" : "rolling-back"
            return concerns(
                of: phase,
                standing,
                failing: state.lastFailures,
                otherwise: phase.risks,
                because: undoing.reason,
                state,
                rollout
            )
        }
        switch state.status {
        case .running, .finished:
            return []
        case .held:
            return concerns(
                of: phase,
                state.status.rawValue,
                failing: state.gate?.lastVerdict?.criteriaNotMet ?? [],
                otherwise: [],
                because: state.lastDecision?.reason ?? "a person is needed",
                state,
                rollout
            )
        case .stopped, .rolledBack, .compensated, .frozen, .killed:
            // A phase that came to a bad end puts all its risks in question where no criterion names one.
            return concerns(
                of: phase,
                state.status.rawValue,
                failing: state.lastFailures,
                otherwise: phase.risks,
                because: state.restReason ?? "",
                state,
                rollout
            )
        }
    }

    private static func concerns(
        of phase: Phase,
        _ standing: String,
        failing: [CriterionName],
        otherwise: [RiskID],
        because reason: String,
        _ state: RolloutState,
        _ rollout: Rollout
    ) -> [Concern] {
        let criteria = phase.criteria.filter { failing.contains($0.name) }
        let named = Set(criteria.flatMap(\.risks))
        let touched = named.isEmpty ? Set(otherwise) : named
        let status = "\(standing) in phase '\(phase.name)': \(reason)"
        let risks = rollout.register.risks.filter { touched.contains($0.id) }
        if risks.isEmpty {
            let levels = rollout.register.grid.levels
            return [
                Concern(
                    key: EpisodeKey(rawValue: "\(rollout.name)/\(phase.name)/people"),
                    // Waiting for a signature is no danger; a bad end without a risk to blame is unknown danger.
                    level: state.status == .held ? levels.first ?? "LOW" : levels.last ?? "HIGH",
                    phase: phase.name,
                    stage: state.stage,
                    risk: nil,
                    criteria: failing,
                    standing: standing,
                    status: status
                )
            ]
        }
        return risks.map { risk in
            Concern(
                key: EpisodeKey(rawValue: "\(rollout.name)/\(phase.name)/\(risk.id)"),
                level: PhasegateRisk.level(of: risk, in: rollout.register),
                phase: phase.name,
                stage: state.stage,
                risk: risk.id,
                criteria: criteria.filter { $0.risks.contains(risk.id) }.map(\.name),
                standing: standing,
                status: status
            )
        }
    }
}

extension Verdict {
    /// Criteria that fail or are not known, waived ones left out.
    fileprivate var criteriaNotMet: [CriterionName] {
        findings.filter { ($0.outcome == .fail || $0.outcome == .unknown) && $0.waivedBy == nil }.map(\.criterion)
    }
}

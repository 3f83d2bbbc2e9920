public import PhasegateCore

/// A baseline must have been frozen before a criterion refers to it.
public struct BaselineBeforePhase: LintRule {
    /// The rule's name.
    public static let name = "baseline-before-phase"

    /// Makes the rule.
    public init() {}

    /// Finds criteria whose baseline will not be there when they are judged.
    public func findings(in rollout: Rollout, places: [String: Place]) -> [Diagnostic] {
        let ancestry = Ancestry(of: rollout)
        return rollout.phases.flatMap { phase in
            phase.criteria.compactMap { criterion -> Diagnostic? in
                problem(with: criterion, in: phase, ancestry: ancestry, rollout: rollout).map { message, hint in
                    Diagnostic(
                        rule: Self.name,
                        "criterion '\(criterion.name)' \(message)",
                        hint: hint,
                        at: places["phases/\(phase.name)/\(criterion.name)"]
                    )
                }
            }
        }
    }

    private func problem(
        with criterion: Criterion,
        in phase: Phase,
        ancestry: Ancestry,
        rollout: Rollout
    ) -> (message: String, hint: String)? {
        let owner = criterion.baselineOf ?? phase.name
        if owner == phase.name {
            guard criterion.role == .precondition, criterion.needsBaseline else { return nil }
            return (
                "refers to a baseline of its own phase, which is frozen only after the preconditions",
                "name an earlier phase with 'baseline-of'"
            )
        }
        guard let other = rollout.phase(owner) else { return nil }
        guard ancestry.ancestors(of: phase.name).contains(owner) else {
            return (
                "refers to the baseline of phase '\(owner)', which need not be finished by then",
                "let phase '\(phase.name)' need '\(owner)'"
            )
        }
        guard criterion.needsBaseline else { return nil }
        guard let frozen = other.criteria.first(where: { $0.name == criterion.name }), other.freezesBaseline(frozen)
        else {
            return (
                "refers to the baseline of phase '\(owner)', which freezes none under this name",
                "give phase '\(owner)' a guard or success criterion '\(criterion.name)' with a baseline"
            )
        }
        return nil
    }
}

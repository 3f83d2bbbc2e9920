public import PhasegateCore

/// A threshold cannot be measured before the phase that puts its measuring in place.
public struct ThresholdBeforeProvider: LintRule {
    /// The rule's name.
    public static let name = "threshold-before-provider"

    /// Makes the rule.
    public init() {}

    /// Finds criteria whose threshold is provided by a phase that is not finished by then.
    public func findings(in rollout: Rollout, places: [String: Place]) -> [Diagnostic] {
        let ancestry = Ancestry(of: rollout)
        let thresholds = Dictionary(rollout.thresholds.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        return rollout.phases.flatMap { phase in
            phase.criteria.compactMap { criterion -> Diagnostic? in
                guard let name = criterion.threshold, let provider = thresholds[name]?.providedBy,
                    rollout.phase(provider) != nil, provider != phase.name,
                    !ancestry.ancestors(of: phase.name).contains(provider)
                else { return nil }
                return Diagnostic(
                    rule: Self.name,
                    "criterion '\(criterion.name)' uses threshold '\(name)', which phase '\(provider)' provides later",
                    hint: "let phase '\(phase.name)' need '\(provider)', or use another threshold",
                    at: places["phases/\(phase.name)/\(criterion.name)"]
                )
            }
        }
    }
}

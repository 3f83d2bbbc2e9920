public import PhasegateCore

/// Users must not be exposed while nothing watches for harm.
public struct SoakWithoutGuards: LintRule {
    /// The rule's name.
    public static let name = "soak-without-guards"

    /// Makes the rule.
    public init() {}

    /// Finds phases that expose users and have no guard.
    public func findings(in rollout: Rollout, places: [String: Place]) -> [Diagnostic] {
        rollout.phases.compactMap { phase in
            guard phase.ramp != nil, !phase.criteria.contains(where: { $0.role == .guarding }) else { return nil }
            return Diagnostic(
                rule: Self.name,
                "phase '\(phase.name)' exposes users, but no guard watches for harm",
                hint: "add what must stay true meanwhile under 'guards'",
                at: places["phases/\(phase.name)/ramp"] ?? places["phases/\(phase.name)"]
            )
        }
    }
}

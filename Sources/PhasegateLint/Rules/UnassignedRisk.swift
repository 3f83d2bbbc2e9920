public import PhasegateCore

/// A risk that no phase carries is watched by nobody.
public struct UnassignedRisk: LintRule {
    /// The rule's name.
    public static let name = "unassigned-risk"

    /// Makes the rule.
    public init() {}

    /// Finds risks that neither stand at every gate nor belong to a phase.
    public func findings(in rollout: Rollout, places: [String: Place]) -> [Diagnostic] {
        let assigned = Set(rollout.phases.flatMap(\.risks))
        return rollout.register.risks.compactMap { risk in
            guard !risk.isStanding, !assigned.contains(risk.id) else { return nil }
            return Diagnostic(
                rule: Self.name,
                "risk '\(risk.id)' belongs to no phase",
                hint: "name it under 'risks' of a phase, or mark it 'standing: true'",
                at: places["risks/\(risk.id)"]
            )
        }
    }
}

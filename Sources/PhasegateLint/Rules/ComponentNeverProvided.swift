public import PhasegateCore

/// A part of the system that no phase provides will be missing at the end.
public struct ComponentNeverProvided: LintRule {
    /// The rule's name.
    public static let name = "component-never-provided"

    /// Makes the rule.
    public init() {}

    /// Finds components that no phase provides.
    public func findings(in rollout: Rollout, places: [String: Place]) -> [Diagnostic] {
        rollout.components.compactMap { component in
            let isProvided = component.providedBy.map { rollout.phase($0) != nil } ?? false
            guard !isProvided, rollout.phase(PhaseName(rawValue: component.name)) == nil else { return nil }
            return Diagnostic(
                .warning,
                rule: Self.name,
                "component '\(component.name)' is provided by no phase",
                hint: "name the phase under 'provided-by'",
                at: places["components/\(component.name)"]
            )
        }
    }
}

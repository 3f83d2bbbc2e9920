public import PhasegateCore

/// A threshold that no criterion takes its conditions from decides nothing.
public struct UnusedThreshold: LintRule {
    /// The rule's name.
    public static let name = "unused-threshold"

    /// Makes the rule.
    public init() {}

    /// Finds thresholds that no criterion names.
    public func findings(in rollout: Rollout, places: [String: Place]) -> [Diagnostic] {
        let used = Set(rollout.phases.flatMap(\.criteria).compactMap(\.threshold))
        return rollout.thresholds.filter { !used.contains($0.name) }.map {
            Diagnostic(
                .warning,
                rule: Self.name,
                "threshold '\($0.name)' is not used",
                hint: "remove it, or let a criterion name it under 'threshold'",
                at: places["thresholds/\($0.name)"]
            )
        }
    }
}

public import PhasegateCore

/// A flag that no ramp moves is not part of the rollout.
public struct UnusedFlag: LintRule {
    /// The rule's name.
    public static let name = "unused-flag"

    /// Makes the rule.
    public init() {}

    /// Finds flags that no ramp or probe names.
    public func findings(in rollout: Rollout, places: [String: Place]) -> [Diagnostic] {
        let moved = rollout.phases.compactMap { $0.ramp?.flag.rawValue }
        let used = Set(moved + rollout.namesInProbes(under: "flag"))
        return rollout.flags.filter { !used.contains($0.key.rawValue) }.map {
            Diagnostic(
                .warning,
                rule: Self.name,
                "flag '\($0.key)' is not used",
                hint: "remove it, or move it with a ramp",
                at: places["flags/\($0.key)"]
            )
        }
    }
}

public import PhasegateCore

/// A workload that nothing measures is probably a slip of the pen.
public struct UnusedWorkload: LintRule {
    /// The rule's name.
    public static let name = "unused-workload"

    /// Makes the rule.
    public init() {}

    /// Finds workloads that no probe names.
    public func findings(in rollout: Rollout, places: [String: Place]) -> [Diagnostic] {
        let used = Set(rollout.namesInProbes(under: "workload"))
        return rollout.workloads.filter { !used.contains($0.name.rawValue) }.map {
            Diagnostic(
                .warning,
                rule: Self.name,
                "workload '\($0.name)' is not used",
                hint: "remove it, or measure it with a probe",
                at: places["workloads/\($0.name)"]
            )
        }
    }
}

public import PhasegateCore

/// A database that nothing reads or changes is probably a slip of the pen.
public struct UnusedTarget: LintRule {
    /// The rule's name.
    public static let name = "unused-target"

    /// Makes the rule.
    public init() {}

    /// Finds targets that no migration, workload or probe names.
    public func findings(in rollout: Rollout, places: [String: Place]) -> [Diagnostic] {
        let changed = rollout.phases.flatMap { [$0.change?.target, $0.compensation?.target].compactMap(\.self) }
        let read = rollout.workloads.map(\.target)
        let probed = rollout.namesInProbes(under: "target").map(TargetName.init(rawValue:))
        let observed = rollout.phases.compactMap { $0.ramp?.observation?.source.settings["target"]?.text }
            .map(TargetName.init(rawValue:))
        // Probes take the database of this name without being told.
        let used = Set(changed + read + probed + observed + ["main"])
        return rollout.targets.filter { !used.contains($0.name) }.map {
            Diagnostic(
                .warning,
                rule: Self.name,
                "target '\($0.name)' is not used",
                hint: "remove it, or name it where it is meant",
                at: places["targets/\($0.name)"]
            )
        }
    }
}

public import PhasegateCore

/// A change that can only be made good needs the migrations that make it good.
public struct CompensationMissing: LintRule {
    /// The rule's name.
    public static let name = "compensation-missing"

    /// Makes the rule.
    public init() {}

    /// Finds compensable phases without a compensation, and compensations that would never run.
    public func findings(in rollout: Rollout, places: [String: Place]) -> [Diagnostic] {
        rollout.phases.compactMap { phase in
            let place = places["phases/\(phase.name)/compensation"] ?? places["phases/\(phase.name)"]
            if phase.reversibility == .compensable, phase.change != nil, phase.compensation == nil {
                return Diagnostic(
                    rule: Self.name,
                    "phase '\(phase.name)' is compensable, but has no compensation",
                    hint: "add 'compensation' with the migrations that make it good",
                    at: place
                )
            }
            if phase.reversibility != .compensable, phase.compensation != nil {
                return Diagnostic(
                    .warning,
                    rule: Self.name,
                    "the compensation of phase '\(phase.name)' never runs, because the phase is \(phase.reversibility.rawValue)",
                    hint: "write 'reversibility: compensable', or remove it",
                    at: place
                )
            }
            return nil
        }
    }
}

public import PhasegateCore

/// A gate without criteria never opens, because what is not measured does not pass.
public struct PhaseWithoutCriteria: LintRule {
    /// The rule's name.
    public static let name = "phase-without-criteria"

    /// Makes the rule.
    public init() {}

    /// Finds phases with a gate that has nothing to weigh.
    public func findings(in rollout: Rollout, places: [String: Place]) -> [Diagnostic] {
        rollout.phases.flatMap { phase -> [Diagnostic] in
            let place = places["phases/\(phase.name)"]
            if phase.criteria.isEmpty {
                return [
                    Diagnostic(
                        rule: Self.name,
                        "phase '\(phase.name)' has no criteria, so its gates never open",
                        hint: "add 'preconditions' and 'success'",
                        at: place
                    )
                ]
            }
            var findings: [Diagnostic] = []
            if !phase.criteria.contains(where: { $0.role == .precondition }) {
                findings.append(
                    Diagnostic(
                        rule: Self.name,
                        "phase '\(phase.name)' has no precondition, so its entry gate never opens",
                        hint: "add what must be true before anything is changed under 'preconditions'",
                        at: place
                    )
                )
            }
            if !phase.criteria.contains(where: { $0.role != .precondition }) {
                findings.append(
                    Diagnostic(
                        rule: Self.name,
                        "phase '\(phase.name)' has only preconditions, so its exit gate never opens",
                        hint: "add what must be true at the end under 'success'",
                        at: place
                    )
                )
            }
            // Gates that only lack what is compared: with everybody exposed there is nobody to compare with.
            if findings.isEmpty {
                findings = phase.gates.filter(\.criteria.isEmpty).map { gate in
                    Diagnostic(
                        rule: Self.name,
                        "nothing but comparisons is left for gate '\(gate.name)' of phase '\(phase.name)', and there is "
                            + "nobody to compare with, so it never opens",
                        hint: gate.position == .exit
                            ? "add what must be true at the end under 'success'"
                            : "add a guard with a threshold or 'compare: limit'",
                        at: place
                    )
                }
            }
            return findings
        }
    }
}

public import PhasegateCore

/// An alert with a gap is never sent, only a plain notice in its place, so a risk has to say what its alert would.
public struct IncompleteAlert: LintRule {
    /// The rule's name.
    public static let name = "incomplete-alert"

    /// Makes the rule.
    public init() {}

    /// Finds risks without an owner, a channel or actions.
    public func findings(in rollout: Rollout, places: [String: Place]) -> [Diagnostic] {
        rollout.register.risks.compactMap { risk in
            let missing = [
                ("owner", risk.owner.isFilled), ("channel", risk.channel.isFilled),
                ("actions", !risk.actions.isEmpty && risk.actions.allSatisfy { Optional($0).isFilled }),
            ]
            .filter { !$0.1 }.map { "'\($0.0)'" }
            guard !missing.isEmpty else { return nil }
            return Diagnostic(
                .warning,
                rule: Self.name,
                "risk '\(risk.id)' has no \(missing.joined(separator: " and no ")), so its alert cannot be filled in",
                hint: "say who answers for it, where they are reached, and what is done at once",
                at: places["risks/\(risk.id)"]
            )
        }
    }
}

extension String? {
    /// Whether there is something in it.
    fileprivate var isFilled: Bool { self.map { !$0.trimmingBlanks().isEmpty } ?? false }
}

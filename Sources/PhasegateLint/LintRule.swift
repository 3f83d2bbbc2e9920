public import PhasegateCore

/// One static check over a rollout; a rule is one file and one line in `LintRules.builtIn`.
public protocol LintRule: Sendable {
    /// The rule's name, as `unassigned-risk`.
    static var name: String { get }

    /// Looks for breaches of the rule.
    ///
    /// - Parameters:
    ///   - rollout: what was loaded, possibly with errors.
    ///   - places: where things stand, by path as `phases/NAME`.
    /// - Returns: one diagnostic for each breach, in the order of the file.
    func findings(in rollout: Rollout, places: [String: Place]) -> [Diagnostic]
}

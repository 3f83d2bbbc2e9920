public import PhasegateCore

/// What a register declares is kept; where its own grid says otherwise, people are told.
public struct RiskLevelDisagrees: LintRule {
    /// The rule's name.
    public static let name = "risk-level-disagrees"

    /// Makes the rule.
    public init() {}

    /// Finds risks whose declared level or likelihood is not the grid's.
    public func findings(in rollout: Rollout, places: [String: Place]) -> [Diagnostic] {
        let grid = rollout.register.grid
        return rollout.register.risks.flatMap { risk -> [Diagnostic] in
            let declared = risk.declared
            let place = places["risks/\(risk.id)"]
            var findings: [Diagnostic] = []
            if let level = declared.level,
                let derived = grid.level(likelihood: declared.likelihood, impact: declared.impact), level != derived
            {
                findings.append(
                    Diagnostic(
                        .warning,
                        rule: Self.name,
                        "risk '\(risk.id)' is declared \(level), but the grid says \(derived) for likelihood "
                            + "\(declared.likelihood) and impact \(declared.impact)",
                        hint: "the stricter of both counts until one of them is put right",
                        at: place
                    )
                )
            }
            if let percent = declared.percent, let word = grid.likelihood(forPercent: percent),
                word != declared.likelihood
            {
                findings.append(
                    Diagnostic(
                        .warning,
                        rule: Self.name,
                        "risk '\(risk.id)' is declared \(declared.likelihood), but \(shortDecimal(percent)) % stands for \(word)",
                        hint: "put the word or the figure right",
                        at: place
                    )
                )
            }
            return findings
        }
    }
}

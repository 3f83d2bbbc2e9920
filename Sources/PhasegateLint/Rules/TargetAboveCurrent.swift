public import PhasegateCore

/// What is done against a risk makes it smaller: its target is not above where it stands, nor that above its beginning.
public struct TargetAboveCurrent: LintRule {
    /// The rule's name.
    public static let name = "target-above-current"

    /// Makes the rule.
    public init() {}

    /// Finds targets at a higher level than the present one, and beginnings at a lower.
    public func findings(in rollout: Rollout, places: [String: Place]) -> [Diagnostic] {
        rollout.register.risks.flatMap { risk -> [Diagnostic] in
            let scale = rollout.register.grid
            let declared = risk.declared
            let voices = [declared.level, scale.level(likelihood: declared.likelihood, impact: declared.impact)]
            guard let present = voices.compactMap({ scale.rank(of: $0) }).max() else { return [] }
            let current = scale.levels[present]
            var findings: [Diagnostic] = []
            if let inherent = scale.rank(of: risk.inherent), inherent < present {
                let problem = "begins at \(scale.levels[inherent]), below the \(current) where it stands"
                findings.append(finding(risk, "inherent", problem, places))
            }
            if let target = scale.rank(of: risk.target), target > present {
                let problem = "is meant to come to \(scale.levels[target]), above the \(current) where it stands"
                findings.append(finding(risk, "target", problem, places))
            }
            return findings
        }
    }

    private func finding(_ risk: Risk, _ key: String, _ problem: String, _ places: [String: Place]) -> Diagnostic {
        Diagnostic(
            .warning,
            rule: Self.name,
            "risk '\(risk.id)' \(problem)",
            hint: "put the position under '\(key)' or the present one right",
            at: places["risks/\(risk.id)/\(key)"]
        )
    }
}

extension RiskGrid {
    /// Position of a level on the scale, 0 for the lowest; words that are not on it have been reported by the loader.
    fileprivate func rank(of level: String?) -> Int? { level.flatMap { levels.firstIndex(of: $0) } }

    fileprivate func rank(of position: Risk.Position?) -> Int? {
        position.flatMap { rank(of: level(likelihood: $0.likelihood, impact: $0.impact)) }
    }
}

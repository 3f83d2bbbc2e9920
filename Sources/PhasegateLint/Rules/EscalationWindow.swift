public import PhasegateCore

/// At every moment exactly one rule of the escalation says who decides.
///
/// A window has its first moment and not its last, so that a window may begin
/// where another one ends.
public struct EscalationWindow: LintRule {
    /// The rule's name.
    public static let name = "escalation-window"

    /// Makes the rule.
    public init() {}

    /// Finds windows that overlap, and times that belong to none.
    public func findings(in rollout: Rollout, places: [String: Place]) -> [Diagnostic] {
        let windows = rollout.register.escalation.enumerated().filter { $0.element.from < $0.element.to }
            .sorted { ($0.element.from, $0.offset) < ($1.element.from, $1.offset) }
        var findings: [Diagnostic] = []
        var end = Duration.zero
        var last: EscalationRule?
        for (number, rule) in windows {
            if rule.from != end {
                let problem =
                    if let last, rule.from < end {
                        "the windows of \(last.level) and \(rule.level) overlap"
                    } else if last == nil {
                        "nobody decides in the first \(rule.from.forPeople)"
                    } else {
                        "nobody decides from \(end.forPeople) to \(rule.from.forPeople)"
                    }
                findings.append(
                    Diagnostic(
                        .warning,
                        rule: Self.name,
                        problem,
                        hint: "let each window begin where the one before it ends, the first at 0 min",
                        at: places["escalation/\(number)"]
                    )
                )
            }
            if rule.to > end || last == nil { last = rule }
            end = max(end, rule.to)
        }
        return findings
    }
}

public import PhasegateCore

/// A role that decides must be somebody, or nobody answers.
public struct UnresolvedRole: LintRule {
    /// The rule's name.
    public static let name = "unresolved-role"

    /// Makes the rule.
    public init() {}

    /// Finds deciders and emergency roles without a person, where the file says who fills which role.
    ///
    /// Those of the highest level and of the emergency are errors: after them nobody else is called.
    public func findings(in rollout: Rollout, places: [String: Place]) -> [Diagnostic] {
        let plan = rollout.notices
        guard !plan.roles.isEmpty else { return [] }
        let highest = rollout.register.grid.levels.last
        let deciders = rollout.register.escalation.enumerated().flatMap { number, rule in
            rule.deciders.compactMap { role in
                problem(with: role, in: plan).map { message, hint in
                    Diagnostic(
                        rule.level == highest ? .error : .warning,
                        rule: Self.name,
                        "'\(role)' decides about \(rule.level), but \(message)",
                        hint: hint,
                        at: places["escalation/\(number)/\(role)"]
                    )
                }
            }
        }
        let emergency = plan.emergency.compactMap { role in
            problem(with: role, in: plan).map { message, hint in
                Diagnostic(
                    rule: Self.name,
                    "'\(role)' is called in an emergency, but \(message)",
                    hint: hint,
                    at: places["notices/emergency/\(role)"]
                )
            }
        }
        return deciders + emergency
    }

    private func problem(with role: String, in plan: NoticePlan) -> (message: String, hint: String)? {
        guard let found = plan.roles.first(where: { $0.name == role }) else {
            let right = nearest(to: role, among: plan.roles.map(\.name))
            return (
                "no such role is filled",
                right.map { "did you mean '\($0)'?" } ?? "add it with its person under 'roles'"
            )
        }
        return found.person == nil ? ("nobody fills the role", "name its 'person' under 'roles'") : nil
    }
}

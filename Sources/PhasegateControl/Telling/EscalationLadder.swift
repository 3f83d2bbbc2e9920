import PhasegateCore

/// Who is told one after the other while nobody answers: first those of the level, then those of each stricter
/// level, last the emergency team (S2-108…S2-111).
///
/// A level without a rule of its own begins with whoever owns the risk, so that it does not borrow the urgency of the
/// next stricter one.
struct EscalationLadder {
    /// Who is told together, and how long they have.
    struct Rung: Hashable {
        /// The level whose rule it is; routes go by it.
        let level: String
        /// Roles that decide, with the people who fill them.
        let audience: [String]
        /// Channels of those people beside the routes.
        let channels: [ChannelName]
        /// Time to answer, its end excluded; nothing where nobody has set one.
        let window: Duration?
    }

    let rungs: [Rung]

    /// The rungs for a level; never empty.
    init(level: String, owner: String?, register: RiskRegister, plan: NoticePlan) {
        let levels = register.grid.levels
        let start = levels.firstIndex(of: level) ?? 0
        let stricter = levels.isEmpty ? [level] : Array(levels[start...])
        var rungs = stricter.compactMap { level in
            register.escalation.first { $0.level == level }.map { rule in
                Rung(
                    level: level,
                    audience: rule.deciders.map(plan.person) + [rule.audience],
                    channels: plan.channels(of: rule.deciders),
                    window: rule.to
                )
            }
        }
        if rungs.first?.level != level {
            rungs.insert(
                Rung(level: level, audience: [owner].compactMap(\.self), channels: [], window: nil),
                at: 0
            )
        }
        if !plan.emergency.isEmpty {
            rungs.append(
                Rung(
                    level: levels.last ?? level,
                    audience: plan.emergency.map(plan.person),
                    channels: plan.channels(of: plan.emergency),
                    window: nil
                )
            )
        }
        self.rungs = rungs
    }

    /// The rung of a number; the last one beyond it.
    subscript(number: Int) -> Rung { rungs[min(max(0, number), rungs.count - 1)] }

    /// Whether there is somebody after a rung.
    func hasRung(after number: Int) -> Bool { number + 1 < rungs.count }
}

extension NoticePlan {
    /// A role with the people who fill it, as `Incident Commander (Ada, deputy Grace)`.
    fileprivate func person(_ role: String) -> String {
        guard let found = roles.first(where: { $0.name == role }), let person = found.person else { return role }
        return "\(role) (\(person)\(found.deputy.map { ", deputy \($0)" } ?? ""))"
    }

    fileprivate func channels(of roles: [String]) -> [ChannelName] {
        self.roles.filter { roles.contains($0.name) }.flatMap(\.channels)
    }
}

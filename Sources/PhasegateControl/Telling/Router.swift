import PhasegateCore

/// Which channels carry a notice, and from when on.
struct Router {
    let plan: NoticePlan
    /// The level that quiet hours never silence.
    let highest: String

    /// Assigns a firing notice.
    ///
    /// A notice that no route takes goes everywhere: better told twice than not at all.
    ///
    /// - Parameters:
    ///   - level: of the notice, or of the rung if that is stricter.
    ///   - phase: what routes may ask for.
    ///   - risk: what routes may ask for.
    ///   - direct: channels of the people who are called by name.
    ///   - closed: channels whose receiver is gone.
    ///   - moment: now.
    /// - Returns: in the order of the plan; empty only where no channel is left.
    func assignments(
        level: String,
        phase: PhaseName,
        risk: RiskID?,
        direct: [ChannelName],
        closed: [ChannelName],
        at moment: Moment
    ) -> [Assignment] {
        let taking = plan.routes.filter { $0.takes(level: level, phase: phase, risk: risk, at: moment) }
        let routed = taking.flatMap(\.channels)
        let wanted = Set(routed + direct).subtracting(closed)
        let known = plan.channels.map(\.name).filter { !closed.contains($0) }
        let chosen = known.filter(wanted.contains)
        return assignments(to: chosen.isEmpty ? known : chosen, level: level, at: moment)
    }

    /// Assigns a notice to given channels.
    func assignments(to channels: [ChannelName], level: String, at moment: Moment) -> [Assignment] {
        let dueAt =
            if let quiet = plan.quietHours, level != highest, quiet.contains(moment) {
                quiet.end(after: moment)
            } else {
                moment
            }
        return channels.map { Assignment(channel: $0, dueAt: dueAt) }
    }
}

extension NoticePlan.Route {
    fileprivate func takes(level: String, phase: PhaseName, risk: RiskID?, at moment: Moment) -> Bool {
        (levels.isEmpty || levels.contains(level))
            && (phases.isEmpty || phases.contains(phase))
            && (risks.isEmpty || risk.map(risks.contains) == true)
            && hours?.contains(moment) != false
    }
}

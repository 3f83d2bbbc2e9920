public import PhasegateCore
import PhasegateRisk

/// Tells people when a rollout came to rest otherwise than finished.
public struct Announcer: Sendable {
    private let channels: [any NoticeChannel]
    private let render: @Sendable (RiskAlert) throws -> Notice

    /// Makes an announcer.
    ///
    /// - Parameters:
    ///   - channels: where notices go.
    ///   - render: writes an alert out, or refuses one that is not filled.
    public init(channels: [any NoticeChannel], render: @escaping @Sendable (RiskAlert) throws -> Notice) {
        self.channels = channels
        self.render = render
    }

    /// Sends one alert for each risk that the last verdict's failures point at.
    ///
    /// - Returns: what was sent and what was not, for the ledger.
    func announce(_ state: RolloutState, of rollout: Rollout, at moment: Moment) async -> [LedgerEvent] {
        var events: [LedgerEvent] = []
        for alert in alerts(for: state, of: rollout, at: moment) {
            do {
                let notice = try render(alert)
                for channel in channels {
                    do {
                        try await channel.send(notice)
                        events.append(.noticed(channel: channel.name, title: notice.title, body: notice.body))
                    } catch {
                        events.append(
                            .noticed(channel: channel.name, title: "not delivered: \(notice.title)", body: "\(error)")
                        )
                    }
                }
            } catch {
                events.append(.noticed(channel: "none", title: "refused: alert for \(alert.riskID)", body: "\(error)"))
            }
        }
        return events
    }

    private func alerts(for state: RolloutState, of rollout: Rollout, at moment: Moment) -> [RiskAlert] {
        guard let name = state.phase, let phase = rollout.phase(name) else { return [] }
        let failing = Set(state.lastFailures)
        let named = Set(phase.criteria.filter { failing.contains($0.name) }.flatMap(\.risks))
        let touched = named.isEmpty ? Set(phase.risks) : named
        return rollout.register.risks.filter { touched.contains($0.id) }.map { risk in
            let level = rollout.register.level(of: risk)
            let rule = rollout.register.escalation.first { $0.level == level }
            return RiskAlert(
                riskID: risk.id,
                riskName: risk.title,
                severity: level,
                probability: risk.declared.percent.map { shortDecimal($0) + " %" } ?? risk.declared.likelihood,
                impact: risk.declared.impact,
                status: "\(state.status.rawValue) in phase '\(phase.name)': \(state.restReason ?? "")",
                actions: risk.actions,
                resolutionTime: rule.map { "\((moment + $0.to).forPeople) UTC" } ?? "",
                nextUpdate: rule.map { "\((moment + max($0.from, .seconds(900))).forPeople) UTC" } ?? "",
                contact: risk.owner ?? "",
                channel: risk.channel ?? ""
            )
        }
    }
}

extension RiskRegister {
    /// The stricter of the declared and the derived level.
    func level(of risk: Risk) -> String {
        let derived = grid.level(likelihood: risk.declared.likelihood, impact: risk.declared.impact)
        switch (risk.declared.level, derived) {
        case (let declared?, let derived?): return grid.stricter(declared, derived)
        case (let declared?, nil): return declared
        case (nil, let derived?): return derived
        case (nil, nil): return grid.levels.last ?? ""
        }
    }
}

import PhasegateCore

// What the formats say of what would stop a rollout, in the same words.
extension RolloutReport {
    /// Why nothing is named that would stop it.
    var noThreatsSentence: String {
        switch status {
        case .finished: "It is finished: there is nothing left to stop."
        case .rolledBack, .compensated, .stopped, .frozen, .killed:
            "It is at rest: nothing goes on that could be stopped."
        case .running, .held:
            if openedAt == nil {
                "It has not begun."
            } else if phases.contains(where: { $0.name == phase && $0.interruptions.contains(where: \.isTakingBack) }) {
                "A phase is being taken back: there is nothing to stop until that has ended."
            } else {
                "Nothing is named. That is no promise: what was not measured is not known."
            }
        }
    }
}

extension RolloutReport.Threat {
    /// How much of the way to its bound is left; empty where there is no such way.
    var room: String {
        guard let headroom, headroom.isFinite else { return "" }
        if outcome == .fail { return "beyond its bound" }
        return headroom <= 0 ? "at its bound" : "\(shortDecimal((headroom * 1000).rounded() / 10)) % of the way left"
    }
}

extension RolloutReport.Interruption {
    /// Whether it is a taking back that has not ended.
    fileprivate var isTakingBack: Bool { kind == .undoing && to == nil }
}

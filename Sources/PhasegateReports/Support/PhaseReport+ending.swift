import PhasegateCore

// When a phase ended, finished or not.
extension RolloutReport.PhaseReport {
    /// Whether it was begun, is not finished and does not go on.
    var isAtRest: Bool { progress == .rolledBack || progress == .failed }

    /// When it was finished or came to rest; nothing while it goes on, and where the record has no such moment.
    ///
    /// The stage at which a rollout settles is left at that moment, and a rollback ends with it.
    var endedAt: Moment? {
        if let to { return to }
        guard isAtRest else { return nil }
        let moments = stages.compactMap(\.to) + interruptions.filter { $0.kind == .undoing }.compactMap(\.to)
        return moments.max()
    }

    /// How it ended, as a verb.
    var endingVerb: String {
        switch progress {
        case .rolledBack: "rolled back"
        case .failed: "failed"
        case .finished, .present, .ahead: "ended"
        }
    }
}

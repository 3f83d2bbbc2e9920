import PhasegateCore

// What would stop the rollout.
extension ReportBuilder {
    private static let mostThreats = 10

    private struct Candidate {
        let criterion: Criterion
        let record: CriterionHistory?
        let headroom: Double?
        /// Failing before unknown before passing, and there kills and guards before the rest.
        let rank: Int
    }

    /// What would stop the present phase: what already fails or is unknown, then guards and kill criteria, nearest to
    /// their bounds first.
    ///
    /// Waived criteria and those that only put a condition on the gate stop nothing.
    ///
    /// - Returns: the nearest, and how many more there are; none when nothing goes on.
    func threats(_ state: RolloutState, _ history: LedgerHistory) -> (nearest: [RolloutReport.Threat], further: Int) {
        guard !state.isAtRest, state.undoing == nil, let name = state.phase, let phase = rollout.phase(name) else {
            return ([], 0)
        }
        let candidates = phase.criteria.compactMap { candidate($0, of: phase, state, history) }
        let sorted = candidates.enumerated().sorted { left, right in
            let (a, b) = (left.element, right.element)
            if a.rank != b.rank { return a.rank < b.rank }
            // Known room before none, so that what can be drawn near is seen first.
            let (roomA, roomB) = (a.headroom ?? .infinity, b.headroom ?? .infinity)
            return roomA != roomB ? roomA < roomB : left.offset < right.offset
        }
        let nearest = sorted.prefix(Self.mostThreats).map { _, candidate in
            RolloutReport.Threat(
                criterion: candidate.criterion.name,
                phase: phase.name,
                outcome: candidate.record?.last?.outcome,
                headroom: candidate.headroom,
                sentence: sentence(for: candidate, of: phase, state)
            )
        }
        return (nearest, sorted.count - nearest.count)
    }

    private func candidate(_ criterion: Criterion, of phase: Phase, _ state: RolloutState, _ history: LedgerHistory)
        -> Candidate?
    {
        let isDangerous = criterion.role == .kill || criterion.role == .guarding
        guard criterion.role == .kill || criterion.strength == .must else { return nil }
        let record = history.criteria[LedgerHistory.CriterionKey(phase: phase.name, criterion: criterion.name)]
        if criterion.role != .kill, record?.last?.waivedBy != nil { return nil }
        let weight = criterion.role == .kill ? 0 : isDangerous ? 1 : 2
        let rank: Int
        switch record?.last?.outcome {
        case .fail: rank = weight
        case .unknown: rank = 3 + weight
        case .pass, .warn: rank = 6
        case nil: rank = 7
        }
        guard rank < 6 || isDangerous else { return nil }
        let measurement = record?.last?.outcome == .unknown ? nil : record?.measurement
        let judged = record?.judged ?? criterion
        let baseline = record?.baseline ?? baseline(of: judged, in: phase.name, state)
        return Candidate(
            criterion: criterion,
            record: record,
            headroom: measurement.flatMap { judged.headroom(of: $0, baseline: baseline) },
            rank: rank
        )
    }

    // MARK: Words

    private func sentence(for candidate: Candidate, of phase: Phase, _ state: RolloutState) -> String {
        let criterion = candidate.criterion
        let consequence = consequence(of: criterion, failing: candidate.record?.last, in: phase, state)
        guard let finding = candidate.record?.last else {
            return "'\(criterion.name)' has not been weighed yet: if it fails, \(consequence)"
        }
        return switch finding.outcome {
        case .fail, .unknown: "'\(criterion.name)': \(finding.reason): \(consequence)"
        case .pass, .warn:
            "'\(criterion.name)' is at \(finding.observed ?? "?"): if it breaks '\(finding.bound)', \(consequence)"
        }
    }

    private func consequence(of criterion: Criterion, failing finding: Finding?, in phase: Phase, _ state: RolloutState)
        -> String
    {
        let isUnknown = finding?.outcome == .unknown
        switch criterion.role {
        case .kill where !isUnknown:
            return "\(action(after: phase, state, isFinal: true)), and the rollout would end for good"
        case .guarding where !isUnknown:
            return action(after: phase, state, isFinal: false)
        case .kill, .guarding, .precondition, .success:
            let atTimeout = timeout(of: criterion, in: phase, state, isUnknown)
            return "the gate would stay closed, and at its timeout \(atTimeout)"
        }
    }

    /// What failing would do; a guard that is weighed only later is asked as of then.
    private func action(after phase: Phase, _ state: RolloutState, isFinal: Bool) -> String {
        var then = state
        if then.done.isEmpty {
            then.done = phase.stages.compactMap { if case .act(let step) = $0 { step } else { nil } }
        }
        return failure(of: phase, state: then, because: "", isFinal: isFinal).action.consequence
    }

    private func timeout(of criterion: Criterion, in phase: Phase, _ state: RolloutState, _ isUnknown: Bool) -> String {
        switch phase.clock.onTimeout {
        case .rollback where criterion.role == .precondition:
            Decision.Action.stop.consequence
        case .rollback:
            action(after: phase, state, isFinal: false)
        case .hold:
            criterion.role == .precondition && !isUnknown
                ? Decision.Action.stop.consequence : Decision.Action.hold.consequence
        }
    }
}

extension Decision.Action {
    /// What would happen, as a sentence part.
    fileprivate var consequence: String {
        switch self {
        case .rollback: "the phase would be rolled back"
        case .compensate: "the phase would be made good by its compensation"
        case .freeze: "everything would be left as it is and a person called"
        case .stop: "the phase would be stopped before anything is changed"
        case .hold: "the rollout would be held for a person"
        case .wait, .advance: "nothing would happen"
        }
    }
}

import PhasegateCore

// Doing what was decided, apart from steps.
extension RolloutController {
    func follow(_ decision: Decision, in phase: Phase, _ state: RolloutState, after events: [LedgerEvent]) async throws
        -> Pace
    {
        let said = events + [.decided(decision)]
        switch decision.action {
        case .advance:
            return .onward
        case .wait:
            _ = try await append(said)
            return .wait(until: decision.wakeAt ?? now())
        case .hold:
            _ = try await append(said)
            return .held(until: decision.wakeAt ?? now())
        case .stop:
            return try await settle(decision.isFinal ? .killed : .stopped, because: decision.reason, before: said)
        case .freeze:
            return try await settle(decision.isFinal ? .killed : .frozen, because: decision.reason, before: said)
        case .rollback, .compensate:
            let steps = phase.stepsBack(from: state.done, action: decision.action)
            let begun = LedgerEvent.undoing(
                steps: steps,
                action: decision.action,
                reason: decision.reason,
                isFinal: decision.isFinal
            )
            _ = try await append(said + [begun])
            observe(.undoing(steps: steps.count, reason: decision.reason))
            return .onward
        }
    }

    func settle(_ status: RolloutStatus, because reason: String, before events: [LedgerEvent]) async throws -> Pace {
        _ = try await append(events + [.settled(status, reason: reason)])
        observe(.settled(status, reason))
        return .rest(status)
    }
}

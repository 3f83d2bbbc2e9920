/// Reads the decision off the state and the verdict: a pure function.
///
/// - Parameters:
///   - phase: the phase the rollout stands in.
///   - gate: the gate it stands at.
///   - state: the fold of the ledger, this round's verdict included.
///   - verdict: what the gate said in this round.
///   - moment: now.
/// - Returns: what to do. Harm observed while users are exposed acts at once; anything else may still come right
///   until the gate's timeout.
public func decide(
    phase: Phase,
    gate: Gate,
    state: RolloutState,
    verdict: Verdict,
    at moment: Moment
) -> Decision {
    let progress = state.gate
    if verdict.outcome == .kill {
        return failure(of: phase, state: state, because: verdict.reason, isFinal: true)
    }
    if let request = state.request {
        switch request.kind {
        case .kill:
            return failure(of: phase, state: state, because: request.sentence, isFinal: true)
        case .rollback:
            return failure(of: phase, state: state, because: request.sentence, isFinal: false)
        case .hold:
            if let harm = verdict.harm {
                return failure(of: phase, state: state, because: harm, isFinal: false)
            }
            return Decision(.hold, because: request.sentence, wakeAt: moment + gate.clock.interval)
        }
    }
    if let harm = verdict.harm {
        return failure(of: phase, state: state, because: harm, isFinal: false)
    }
    let opened = progress?.openedAt ?? moment
    if verdict.outcome.isOpen, let since = progress?.passingSince {
        let held = moment - since
        let isLongEnough = held >= gate.clock.steady
        let isMoreThanOnce = gate.clock.steady == .zero || (progress?.passingRounds ?? 0) >= 2
        if isLongEnough, isMoreThanOnce {
            return Decision(.advance, because: verdict.reason)
        }
        let left = max(gate.clock.steady - held, .zero)
        return Decision(
            .wait,
            because: "all criteria hold, \(left.forPeople) of \(gate.clock.steady.forPeople) left to hold together",
            wakeAt: moment + min(gate.clock.interval, max(left, .milliseconds(50)))
        )
    }
    if moment - opened >= gate.clock.timeout {
        return timeout(of: phase, gate: gate, state: state, verdict: verdict)
    }
    if verdict.waitsForPeople(at: gate) {
        return Decision(.hold, because: verdict.reason, wakeAt: moment + gate.clock.interval)
    }
    return Decision(.wait, because: verdict.reason, wakeAt: moment + gate.clock.interval)
}

private func timeout(of phase: Phase, gate: Gate, state: RolloutState, verdict: Verdict) -> Decision {
    let reason = "not open after \(gate.clock.timeout.forPeople): \(verdict.reason)"
    if gate.clock.onTimeout == .rollback {
        return failure(of: phase, state: state, because: reason, isFinal: false)
    }
    return gate.position == .entry && verdict.outcome == .recycle
        ? Decision(.stop, because: reason) : Decision(.hold, because: reason)
}

/// What failing means here: by the phase's reversibility, once something has been changed.
///
/// - Parameters:
///   - phase: the phase that failed.
///   - state: the fold of the ledger; nothing done means nothing to undo.
///   - reason: why, as one sentence.
///   - isFinal: whether the rollout ends with it.
/// - Returns: what to do.
public func failure(
    of phase: Phase,
    state: RolloutState,
    because reason: String,
    isFinal: Bool
) -> Decision {
    guard !state.done.isEmpty else {
        return Decision(.stop, because: reason, isFinal: isFinal)
    }
    switch phase.reversibility {
    case .reversible: return Decision(.rollback, because: reason, isFinal: isFinal)
    case .compensable: return Decision(.compensate, because: reason, isFinal: isFinal)
    case .irreversible: return Decision(.freeze, because: reason, isFinal: isFinal)
    }
}

extension Verdict {
    /// Whether everything that keeps the gate closed is for people to do: to approve or to attest.
    fileprivate func waitsForPeople(at gate: Gate) -> Bool {
        guard outcome == .hold, !findings.isEmpty else { return false }
        let attested = Set(gate.criteria.filter { $0.probe.kind == "attestation" }.map(\.name))
        return findings.allSatisfy {
            $0.waivedBy != nil || attested.contains($0.criterion) || ($0.outcome != .unknown && !$0.isUnconfirmed)
        }
    }

    /// A confirmed failure of a guard, which is harm being done to users.
    public var harm: String? {
        guard outcome == .recycle else { return nil }
        return findings.first {
            $0.role == .guarding && $0.strength == .must && $0.waivedBy == nil && $0.isConfirmedFailure
        }
        .map { "'\($0.criterion)': \($0.reason)" }
    }
}

extension Phase {
    /// The steps that take back what was done, in the order they are run.
    ///
    /// Exposure goes to zero before anything else: it is the quickest and stops
    /// the harm. Then the database has to prove that it is sound before a
    /// migration is taken back, because a rollback of a broken database breaks
    /// it further.
    ///
    /// - Parameters:
    ///   - done: steps that have taken effect in this phase, in order.
    ///   - action: `rollback` or `compensate`; anything else undoes nothing.
    /// - Returns: the steps; empty when there is nothing to undo.
    public func stepsBack(from done: [Step], action: Decision.Action) -> [Step] {
        guard action == .rollback || action == .compensate else { return [] }
        var steps: [Step] = []
        if let ramp, done.contains(where: { if case .expose = $0 { true } else { false } }) {
            steps.append(.expose(ExposureStep(flag: ramp.flag, share: .none)))
        }
        let migrations = done.compactMap { if case .migrate(let step) = $0 { step } else { nil } }
        guard let target = migrations.first?.target else { return steps }
        steps.append(.checkHealth(target))
        if action == .compensate, let compensation {
            steps += compensation.versions.map { .migrate(MigrationStep(of: compensation, version: $0)) }
        } else if action == .rollback {
            steps += migrations.reversed().map { .unmigrate($0) }
        }
        return steps
    }
}

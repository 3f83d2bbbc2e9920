import PhasegateCore

// What runs out, and what waits for people.
extension ReportBuilder {
    /// The clocks of the present gate, what people have yet to do, and what they said that ends.
    func countdowns(_ state: RolloutState, _ history: LedgerHistory, at moment: Moment) -> [RolloutReport.Countdown] {
        var countdowns: [RolloutReport.Countdown] = []
        if !state.isAtRest, state.undoing == nil, let progress = state.gate {
            countdowns += clocks(of: progress, state, at: moment)
            countdowns += missingApprovals(progress, state, at: moment)
            countdowns += missingAttestations(progress, state, at: moment)
        }
        countdowns += conditions(state, history)
        countdowns += waiversInForce(state, at: moment)
        countdowns += missingAcknowledgements(state, at: moment)
        return countdowns
    }

    // MARK: The gate's clock

    private func clocks(of progress: RolloutState.GateProgress, _ state: RolloutState, at moment: Moment)
        -> [RolloutReport.Countdown]
    {
        let gate = progress.definition.gate
        var clocks: [RolloutReport.Countdown] = []
        let steady = gate.clock.steady
        if steady > .zero {
            let since = passingSince(progress, state, at: moment)
            let left = since.map { min(max(.zero, $0 + steady - moment), steady) } ?? steady
            clocks.append(
                RolloutReport.Countdown(
                    kind: .soak,
                    label: gate.name.rawValue,
                    deadline: since.map { $0 + steady },
                    left: "\(left.forPeople) of \(steady.forPeople)"
                        + (since == nil ? ", from when all criteria hold" : "")
                )
            )
        }
        let end = progress.openedAt + gate.clock.timeout
        let left = min(max(.zero, end - moment), gate.clock.timeout)
        clocks.append(
            RolloutReport.Countdown(
                kind: .timeout,
                label: gate.name.rawValue,
                deadline: end,
                left: "\(left.forPeople) of \(gate.clock.timeout.forPeople)"
            )
        )
        return clocks
    }

    /// Since when all criteria hold, as a round that is weighed now would find it.
    ///
    /// Asked of the fold itself: a gap too long or a clock that stepped back begins the time anew.
    private func passingSince(
        _ progress: RolloutState.GateProgress,
        _ state: RolloutState,
        at moment: Moment
    ) -> Moment? {
        guard progress.passingSince != nil, let verdict = progress.lastVerdict else { return nil }
        let next = state.foreseeing(.weighed(GateRound(readings: [], at: moment), verdict), at: moment)
        return next.gate?.passingSince == progress.passingSince ? progress.passingSince : nil
    }

    // MARK: People

    private func missingApprovals(_ progress: RolloutState.GateProgress, _ state: RolloutState, at moment: Moment)
        -> [RolloutReport.Countdown]
    {
        let gate = progress.definition.gate
        guard gate.approvals > 0 else { return [] }
        // As the gate counts them: for this plan and for the evidence as it is.
        let people = Set(
            state.approvals.filter {
                $0.phase == progress.definition.phase && $0.gate == gate.name
                    && $0.planDigest == progress.definition.planDigest
                    && $0.evidenceDigest == progress.lastVerdict?.evidenceDigest && $0.at <= moment
            }.map(\.by)
        )
        let missing = gate.approvals - people.count
        guard missing > 0 else { return [] }
        return [
            RolloutReport.Countdown(
                kind: .approvals,
                label: gate.name.rawValue,
                deadline: nil,
                left: "\(missing) of \(gate.approvals)"
            )
        ]
    }

    private func missingAttestations(_ progress: RolloutState.GateProgress, _ state: RolloutState, at moment: Moment)
        -> [RolloutReport.Countdown]
    {
        var asked: Set<String> = []
        return progress.definition.gate.criteria.compactMap { criterion in
            guard criterion.probe.kind == "attestation", let statement = criterion.probe.settings["statement"]?.text,
                !waivers(in: state, at: moment).contains(where: {
                    $0.phase == progress.definition.phase && $0.criterion == criterion.name
                }), asked.insert(statement).inserted
            else { return nil }
            let said = state.attestations.last { $0.statement == statement && $0.planDigest == state.planDigest }
            let left: String
            var deadline: Moment?
            if let said, said.expires <= moment {
                left = "expired \((moment - said.expires).forPeople) ago"
                deadline = said.expires
            } else if let said, said.evidence == nil, criterion.probe.settings["evidence"]?.truth ?? true {
                left = "without evidence"
            } else if said == nil {
                left = "missing"
            } else {
                return nil
            }
            return RolloutReport.Countdown(kind: .attestation, label: statement, deadline: deadline, left: left)
        }
    }

    private func missingAcknowledgements(_ state: RolloutState, at moment: Moment) -> [RolloutReport.Countdown] {
        let waiting = state.outbox.episodes.filter { $0.value.acknowledgement == nil }
        return waiting.sorted { ($0.value.startedAt, $0.key) < ($1.value.startedAt, $1.key) }.map { key, episode in
            let left =
                episode.acknowledgeBy.map { end in
                    moment < end
                        ? "\((end - moment).forPeople) left" : "overdue for \((moment - end).forPeople)"
                } ?? "nobody has answered"
            return RolloutReport.Countdown(
                kind: .acknowledgement,
                label: key.rawValue,
                deadline: episode.acknowledgeBy,
                left: left
            )
        }
    }

    // MARK: What people answered for

    private func waiversInForce(_ state: RolloutState, at moment: Moment) -> [RolloutReport.Countdown] {
        waivers(in: state, at: moment).map { waiver in
            RolloutReport.Countdown(
                kind: .waiver,
                label: waiver.criterion.rawValue,
                deadline: waiver.expires,
                left: "\((waiver.expires - moment).forPeople) left"
            )
        }
    }

    private func waivers(in state: RolloutState, at moment: Moment) -> [Waiver] {
        state.waivers.filter { $0.planDigest == state.planDigest && $0.at <= moment && $0.expires > moment }
    }

    /// Conditions that gates opened under and that no later round has found put right.
    private func conditions(_ state: RolloutState, _ history: LedgerHistory) -> [RolloutReport.Countdown] {
        var seen: Set<String> = []
        return rollout.orderedPhases.flatMap { phase -> [RolloutReport.Countdown] in
            // What was taken back or stopped has nothing left to put right.
            if phase.name == state.phase, state.isAtRest, state.status != .finished { return [] }
            return phase.gates.flatMap { gate -> [RolloutReport.Countdown] in
                let key = LedgerHistory.StageKey(phase: phase.name, stage: gate.name)
                guard let verdict = history.stages[key]?.verdict, verdict.outcome == .conditionalGo else { return [] }
                // A verdict has one condition for each finding that does not pass, in the same order.
                return zip(verdict.findings.filter { $0.outcome != .pass }, verdict.conditions)
                    .compactMap { finding, condition in
                        let key = LedgerHistory.CriterionKey(phase: phase.name, criterion: finding.criterion)
                        guard history.criteria[key]?.last?.outcome != .pass,
                            seen.insert("\(phase.name)/\(finding.criterion)").inserted
                        else { return nil }
                        return RolloutReport.Countdown(
                            kind: .condition,
                            label: gate.name.rawValue,
                            phase: phase.name,
                            deadline: nil,
                            left: condition
                        )
                    }
            }
        }
    }
}

import PhasegateCore

// Weighing gates and freezing what later bounds refer to.
extension RolloutController {
    func weigh(_ gate: Gate, of phase: Phase, _ before: RolloutState, acting: Bool) async throws -> Pace {
        var state = before
        let definition = GateDefinition(
            phase: phase.name,
            gate: gate,
            planDigest: charge.opening.planDigest,
            baselines: baselines(for: gate, of: phase, state)
        )
        if state.gate?.definition != definition { state = try await append([.gateDefined(definition)]) }
        guard let progress = state.gate else { return .onward }
        let due = max(
            progress.openedAt + gate.clock.delay,
            progress.lastRoundAt.map { $0 + gate.clock.interval } ?? progress.openedAt
        )
        if acting, isAlarmed, let pace = try await answerAlarm(at: progress, of: phase, state) {
            return pace
        }
        let moment = now()
        // A clock that stepped back must not make us wait for it to catch up.
        if acting, state.request == nil, moment < due, due - moment <= max(gate.clock.interval, gate.clock.delay) {
            if !isSteadyNow(progress, at: moment) { return .wait(until: due) }
        }
        observe(.measuring(phase.name, gate.name, criteria: gate.criteria.count))
        guard let readings = await readings(of: gate.criteria, at: progress, of: phase, state) else { return .onward }
        let round = round(of: readings, at: progress, state)
        let verdict = definition.weigh(round, digest: digest)
        // The decision is read off the state with this round folded in.
        state = try await ledger.state(of: rollout.name)
        let foreseen = state.foreseeing(.weighed(round, verdict), at: round.at)
        let decision = decide(phase: phase, gate: gate, state: foreseen, verdict: verdict, at: round.at)
        observe(.weighed(phase.name, gate.name, verdict, decision))
        guard acting else {
            _ = try await append([.weighed(round, verdict)])
            return .wait(until: round.at + gate.clock.interval)
        }
        if decision.action == .advance {
            return try await moveOn(
                from: .gate(gate),
                of: phase,
                before: [.weighed(round, verdict), .decided(decision)]
            )
        }
        return try await follow(decision, in: phase, foreseen, after: [.weighed(round, verdict)])
    }

    /// Measures criteria of a gate.
    ///
    /// - Returns: nothing when the alarm was rung meanwhile: a slow probe must not keep users in harm.
    private func readings(
        of criteria: [Criterion],
        at progress: RolloutState.GateProgress,
        of phase: Phase,
        _ state: RolloutState
    ) async -> [Reading]? {
        let request = request(for: criteria, at: progress, of: phase, state)
        guard let alarm, criteria.contains(where: { $0.comparison != nil }) else {
            return await prober.readings(for: request)
        }
        let (first, outcome) = AsyncStream.makeStream(of: [Reading]?.self)
        let measuring = Task { [prober] in outcome.yield(await prober.readings(for: request)) }
        let listening = Task {
            await alarm.wait()
            outcome.yield(nil)
        }
        defer {
            measuring.cancel()
            listening.cancel()
        }
        for await readings in first { return readings }
        return nil
    }

    /// What is weighed now: readings with all that people have said.
    private func round(
        of readings: [Reading],
        at progress: RolloutState.GateProgress,
        _ state: RolloutState
    ) -> GateRound {
        GateRound(
            readings: readings,
            streaks: progress.streaks,
            waivers: state.waivers,
            approvals: state.approvals,
            at: now()
        )
    }

    private func request(
        for criteria: [Criterion],
        at progress: RolloutState.GateProgress,
        of phase: Phase,
        _ state: RolloutState
    ) -> ProbeRequest {
        ProbeRequest(
            phase: phase.name,
            gate: progress.definition.gate,
            criteria: criteria,
            phaseEnteredAt: state.phases[phase.name]?.enteredAt ?? progress.openedAt,
            gateOpenedAt: progress.openedAt,
            lastVerdict: progress.lastVerdict,
            attestations: state.attestations.filter { $0.planDigest == charge.opening.planDigest }
        )
    }

    /// Weighs what is compared by itself when harm was shown between two rounds, and acts on it.
    ///
    /// What passes needs all criteria in one round; what harms does not.
    ///
    /// - Returns: nothing when there is no harm after all, and the round is taken as if nothing had been.
    private func answerAlarm(
        at progress: RolloutState.GateProgress,
        of phase: Phase,
        _ state: RolloutState
    ) async throws -> Pace? {
        let compared = progress.definition.gate.criteria.filter { $0.comparison != nil }
        guard !compared.isEmpty else { return nil }
        let readings = await prober.readings(for: request(for: compared, at: progress, of: phase, state))
        let round = round(of: readings, at: progress, state)
        let verdict = progress.definition.weigh(round, digest: digest)
        guard verdict.outcome == .kill || verdict.harm != nil else { return nil }
        let foreseen = state.foreseeing(.weighed(round, verdict), at: round.at)
        let decision = decide(
            phase: phase,
            gate: progress.definition.gate,
            state: foreseen,
            verdict: verdict,
            at: round.at
        )
        observe(.weighed(phase.name, progress.definition.gate.name, verdict, decision))
        return try await follow(decision, in: phase, foreseen, after: [.weighed(round, verdict)])
    }

    /// Whether the steady time ends before the next regular round, so that one more round now can open the gate.
    func isSteadyNow(_ progress: RolloutState.GateProgress, at moment: Moment) -> Bool {
        guard let since = progress.passingSince else { return false }
        return moment - since >= progress.definition.gate.clock.steady
    }

    func baselines(for gate: Gate, of phase: Phase, _ state: RolloutState) -> [CriterionName: Measurement] {
        var found: [CriterionName: Measurement] = [:]
        for criterion in gate.criteria where criterion.needsBaseline {
            let source = criterion.baselineOf ?? phase.name
            found[criterion.name] = state.baselines[source]?[criterion.name]
        }
        return found
    }

    func freezeBaselines(of phase: Phase, _ state: RolloutState) async throws -> Pace {
        let criteria = phase.criteria.filter(phase.freezesBaseline)
        observe(.measuring(phase.name, "baselines", criteria: criteria.count))
        // A baseline may look back as far as it likes: nothing has been changed yet.
        let readings = await prober.readings(
            for: ProbeRequest(
                phase: phase.name,
                criteria: criteria,
                phaseEnteredAt: Moment(milliseconds: 0),
                gateOpenedAt: Moment(milliseconds: 0),
                attestations: []
            )
        )
        var measurements: [CriterionName: Measurement] = [:]
        for criterion in criteria {
            let reading = readings.last { $0.criterion == criterion.name }
            if let why = criterion.objection(toFreezing: reading) {
                return try await wait(
                    for: phase,
                    state,
                    because: "the baseline of '\(criterion.name)' is not there: \(why)"
                )
            }
            measurements[criterion.name] = reading?.measurement
        }
        return try await moveOn(
            from: .freezeBaselines,
            of: phase,
            before: [.baselinesFrozen(phase: phase.name, measurements)]
        )
    }

    /// Waits for what may still come right, until the phase's clock runs out; says so in the ledger once.
    func wait(for phase: Phase, _ state: RolloutState, because reason: String) async throws -> Pace {
        let moment = now()
        let next = moment + phase.clock.interval
        let isOver = moment - (state.stageEnteredAt ?? moment) >= phase.clock.timeout
        let action: Decision.Action = isOver ? .hold : .wait
        if state.lastDecision?.action != action || state.lastDecision?.reason != reason
            || (isOver && state.status != .held)
        {
            _ = try await append([.decided(Decision(action, because: reason, wakeAt: next))])
        }
        return isOver ? .held(until: next) : .wait(until: next)
    }
}

extension Criterion {
    /// Why a reading must not become a baseline; nothing when it may.
    fileprivate func objection(toFreezing reading: Reading?) -> String? {
        switch reading?.outcome {
        case nil:
            "it was not measured"
        case .unavailable(let why, let sentence):
            "\(why.sentence): \(sentence)"
        case .measured(let measurement) where measurement.parts.isEmpty:
            "there is nothing to compare with"
        case .measured(let measurement):
            measurement.samples ?? 0 < minimumSamples
                ? "it rests on \(measurement.samples ?? 0) samples, \(minimumSamples) are needed" : nil
        }
    }
}

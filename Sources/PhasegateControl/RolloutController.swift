public import PhasegateCore

/// Takes one rollout through its plan, tick by tick.
///
/// A tick does one thing: freeze readings, carry a step out, weigh a gate, take
/// a step back. Everything it knows comes from the ledger and everything it
/// does is in the ledger before anybody hears of it, so that a crash at any
/// instruction is repaired by ticking again.
public actor RolloutController {
    /// Where the rollout goes next.
    public enum Pace: Hashable, Sendable {
        /// There is more to do at once.
        case onward
        /// Nothing to do before a moment.
        case wait(until: Moment)
        /// A person is needed; guards may go on being weighed from a moment on.
        case held(until: Moment)
        /// The rollout came to rest.
        case rest(RolloutStatus)
    }

    /// What observers hear, after it is in the ledger.
    public enum Event: Sendable {
        case entered(PhaseName, StageName)
        case measuring(PhaseName, StageName, criteria: Int)
        case weighed(PhaseName, StageName, Verdict, Decision)
        case acting(Step)
        case acted(Step, StepOutcome)
        case failed(Step, String)
        case undoing(steps: Int, reason: String)
        case settled(RolloutStatus, String)
    }

    /// What the controller is given and never changes.
    public struct Charge: Sendable {
        /// The rollout with its clocks scaled.
        public let rollout: Rollout
        /// How it is entered into the ledger; carries the digest of the unscaled plan.
        public let opening: Opening
        /// Who acts, for the ledger.
        public let actor: String

        /// Puts a charge together.
        public init(rollout: Rollout, opening: Opening, actor: String) {
            self.rollout = rollout
            self.opening = opening
            self.actor = actor
        }
    }

    let rollout: Rollout
    let charge: Charge
    let ledger: any Ledger
    let prober: any Prober
    let runners: [any StepRunner]
    let alerting: Alerting?
    let alarm: Alarm?
    let now: @Sendable () -> Moment
    let digest: @Sendable (String) -> String
    let observe: @Sendable (Event) -> Void
    private let onRaised: @Sendable () -> Void
    private let writing = Turnstile()
    /// Whether the alarm was rung since the last tick.
    ///
    /// Each tick takes it, whatever it does: nobody waits in vain beside an alarm that goes on ringing.
    var isAlarmed = false

    /// Makes a controller; it does nothing before the first tick.
    ///
    /// - Parameters:
    ///   - charge: what it is to do.
    ///   - ledger: where everything is kept; the lease on the rollout is the caller's.
    ///   - prober: takes readings.
    ///   - runners: carry steps out.
    ///   - alerting: decides what people are told; nothing for a controller that tells nobody.
    ///   - alarm: rung by who observes harm between two rounds.
    ///   - now: the clock.
    ///   - digest: hashes a text.
    ///   - onRaised: hears that there is something new to be delivered.
    ///   - observe: hears of everything, for progress.
    public init(
        charge: Charge,
        ledger: any Ledger,
        prober: any Prober,
        runners: [any StepRunner],
        alerting: Alerting? = nil,
        alarm: Alarm? = nil,
        now: @escaping @Sendable () -> Moment,
        digest: @escaping @Sendable (String) -> String,
        onRaised: @escaping @Sendable () -> Void = {},
        observe: @escaping @Sendable (Event) -> Void = { _ in }
    ) {
        rollout = charge.rollout
        self.charge = charge
        self.ledger = ledger
        self.prober = prober
        self.runners = runners
        self.alerting = alerting
        self.alarm = alarm
        self.now = now
        self.digest = digest
        self.onRaised = onRaised
        self.observe = observe
    }

    /// Does the next thing.
    ///
    /// - Parameter acting: whether gates may be gone through and steps carried out; otherwise only weighs.
    /// - Returns: where the rollout goes next.
    /// - Throws: `LedgerError` when the ledger cannot be used; nothing was done then that is not in it.
    public func tick(acting: Bool = true) async throws -> Pace {
        isAlarmed = alarm?.take() ?? false
        var state = try await ledger.state(of: rollout.name)
        if state.opening == nil {
            state = try await append([.opened(charge.opening)])
        } else if state.planDigest != charge.opening.planDigest {
            state = try await append([.planChanged(planDigest: charge.opening.planDigest)])
        }
        if acting {
            try await tellWhatIsDue()
            state = try await ledger.state(of: rollout.name)
        }
        if state.isAtRest { return .rest(state.status) }
        if let intent = state.inFlight {
            return acting ? try await reconcile(intent, state) : .onward
        }
        if let undoing = state.undoing {
            return acting ? try await undo(undoing, state) : .onward
        }
        guard let (phase, stage) = position(in: state) else {
            return try await enterNextPhase(after: state)
        }
        if acting, let request = state.request, !stage.isGate {
            return try await answer(request, in: phase, state)
        }
        switch stage {
        case .gate(let gate):
            return try await weigh(gate, of: phase, state, acting: acting)
        case .freezeBaselines:
            return try await freezeBaselines(of: phase, state)
        case .act(let step):
            guard acting else { return .onward }
            if let gate = gateToWeighAgain(before: stage, of: phase, state) {
                _ = try await append([.entered(phase: phase.name, stage: gate.name)])
                observe(.entered(phase.name, gate.name))
                return .onward
            }
            return try await carryOut(step, of: phase, state)
        }
    }

    /// Does what a person asked for between two gates, where no verdict is there to decide with.
    func answer(_ request: Request, in phase: Phase, _ state: RolloutState) async throws -> Pace {
        switch request.kind {
        case .hold:
            let next = now() + phase.clock.interval
            if state.status != .held || state.lastDecision?.reason != request.sentence {
                _ = try await append([.decided(Decision(.hold, because: request.sentence, wakeAt: next))])
            }
            return .held(until: next)
        case .rollback, .kill:
            let decision = failure(of: phase, state: state, because: request.sentence, isFinal: request.kind == .kill)
            return try await follow(decision, in: phase, state, after: [])
        }
    }

    /// The gate whose verdict allowed a step, if that was too long ago to act on: after a crash, or a person's hold.
    private func gateToWeighAgain(before stage: Stage, of phase: Phase, _ state: RolloutState) -> Stage? {
        guard let entered = state.stageEnteredAt, now() - entered > max(.seconds(120), phase.clock.interval * 3),
            let index = phase.stages.firstIndex(of: stage)
        else { return nil }
        let before = phase.stages[..<index].last { $0 != .freezeBaselines }
        return before.flatMap { $0.isGate ? $0 : nil }
    }

    // MARK: Position

    var allThrough: String {
        rollout.phases.count == 1 ? "the one phase is through" : "all \(rollout.phases.count) phases are through"
    }

    func position(in state: RolloutState) -> (Phase, Stage)? {
        guard let name = state.phase, let phase = rollout.phase(name), let stageName = state.stage else { return nil }
        return phase.stages.first { $0.name == stageName }.map { (phase, $0) }
    }

    /// Enters the phase that is due: the first one, the present one anew, or the one after the last finished.
    func enterNextPhase(after state: RolloutState) async throws -> Pace {
        let finished = Set(state.phases.filter { $0.value.finishedAt != nil }.keys)
        guard let phase = rollout.orderedPhases.first(where: { !finished.contains($0.name) }) else {
            return try await settle(.finished, because: allThrough, before: [])
        }
        _ = try await append([.entered(phase: phase.name, stage: phase.stages[0].name)])
        observe(.entered(phase.name, phase.stages[0].name))
        return .onward
    }

    /// The events that take the rollout from a stage to the next one.
    func onward(from stage: Stage, of phase: Phase) -> [LedgerEvent] {
        let stages = phase.stages
        if let index = stages.firstIndex(where: { $0.name == stage.name }), index + 1 < stages.count {
            return [.entered(phase: phase.name, stage: stages[index + 1].name)]
        }
        guard let next = rollout.phase(after: phase.name) else {
            return [
                .phaseFinished(phase.name),
                .settled(.finished, reason: allThrough),
            ]
        }
        return [.phaseFinished(phase.name), .entered(phase: next.name, stage: next.stages[0].name)]
    }

    func moveOn(from stage: Stage, of phase: Phase, before events: [LedgerEvent]) async throws -> Pace {
        let state = try await append(events + onward(from: stage, of: phase))
        if state.isAtRest {
            observe(.settled(state.status, state.restReason ?? ""))
            return .rest(state.status)
        }
        if let phase = state.phase, let stage = state.stage { observe(.entered(phase, stage)) }
        return .onward
    }

    // MARK: Writing

    /// Writes events together with what people have to hear because of them: none without the other.
    func append(_ events: [LedgerEvent]) async throws -> RolloutState {
        try await write { (state, moment) in
            var foreseen = state
            for event in events { foreseen = foreseen.foreseeing(event, at: moment) }
            return events + (alerting?.events(for: foreseen, of: rollout, at: moment) ?? [])
        }
    }

    /// Raises what has become due by time alone or by what people did: repetitions, the next rung, what is resolved.
    ///
    /// May be called while a tick is under way, so that a step that takes hours keeps nobody from hearing.
    ///
    /// - Returns: when something becomes due next by time alone; nothing while nobody is waited for.
    /// - Throws: `LedgerError`.
    @discardableResult
    public func tellWhatIsDue() async throws -> Moment? {
        guard let alerting else { return nil }
        let state = try await write { (state, moment) in alerting.events(for: state, of: rollout, at: moment) }
        return alerting.nextTelling(for: state, of: rollout)
    }

    /// Appends what follows from the state, which nobody else who raises notices changes meanwhile: a notice's number
    /// follows from those before it.
    private func write(_ events: (RolloutState, Moment) -> [LedgerEvent]) async throws -> RolloutState {
        await writing.enter()
        defer { writing.leave() }
        let state = try await ledger.state(of: rollout.name)
        let moment = now()
        let events = events(state, moment)
        guard !events.isEmpty else { return state }
        let after = try await ledger.append(events, to: rollout.name, by: charge.actor, at: moment)
        if events.contains(where: { if case .raised = $0 { true } else { false } }) { onRaised() }
        return after
    }
}

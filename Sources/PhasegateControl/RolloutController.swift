public import PhasegateCore
import PhasegateRisk

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

    private let rollout: Rollout
    private let charge: Charge
    private let ledger: any Ledger
    private let prober: any Prober
    private let runners: [any StepRunner]
    private let announcer: Announcer?
    private let now: @Sendable () -> Moment
    private let digest: @Sendable (String) -> String
    private let observe: @Sendable (Event) -> Void

    /// Makes a controller; it does nothing before the first tick.
    ///
    /// - Parameters:
    ///   - charge: what it is to do.
    ///   - ledger: where everything is kept; the lease on the rollout is the caller's.
    ///   - prober: takes readings.
    ///   - runners: carry steps out.
    ///   - announcer: tells people of what went wrong.
    ///   - now: the clock.
    ///   - digest: hashes a text.
    ///   - observe: hears of everything, for progress.
    public init(
        charge: Charge,
        ledger: any Ledger,
        prober: any Prober,
        runners: [any StepRunner],
        announcer: Announcer? = nil,
        now: @escaping @Sendable () -> Moment,
        digest: @escaping @Sendable (String) -> String,
        observe: @escaping @Sendable (Event) -> Void = { _ in }
    ) {
        rollout = charge.rollout
        self.charge = charge
        self.ledger = ledger
        self.prober = prober
        self.runners = runners
        self.announcer = announcer
        self.now = now
        self.digest = digest
        self.observe = observe
    }

    /// Does the next thing.
    ///
    /// - Parameter acting: whether gates may be gone through and steps carried out; otherwise only weighs.
    /// - Returns: where the rollout goes next.
    /// - Throws: `LedgerError` when the ledger cannot be used; nothing was done then that is not in it.
    public func tick(acting: Bool = true) async throws -> Pace {
        var state = try await ledger.state(of: rollout.name)
        if state.opening == nil {
            state = try await append([.opened(charge.opening)])
        } else if state.planDigest != charge.opening.planDigest {
            state = try await append([.planChanged(planDigest: charge.opening.planDigest)])
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
            return try await carryOut(step, of: phase, state)
        }
    }

    /// Does what a person asked for between two gates, where no verdict is there to decide with.
    private func answer(_ request: Request, in phase: Phase, _ state: RolloutState) async throws -> Pace {
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

    // MARK: Position

    private var allThrough: String {
        rollout.phases.count == 1 ? "the one phase is through" : "all \(rollout.phases.count) phases are through"
    }

    private func position(in state: RolloutState) -> (Phase, Stage)? {
        guard let name = state.phase, let phase = rollout.phase(name), let stageName = state.stage else { return nil }
        return phase.stages.first { $0.name == stageName }.map { (phase, $0) }
    }

    /// Enters the phase that is due: the first one, the present one anew, or the one after the last finished.
    private func enterNextPhase(after state: RolloutState) async throws -> Pace {
        let finished = Set(state.phases.filter { $0.value.finishedAt != nil }.keys)
        guard let phase = rollout.orderedPhases.first(where: { !finished.contains($0.name) }) else {
            return try await settle(.finished, because: allThrough, before: [])
        }
        _ = try await append([.entered(phase: phase.name, stage: phase.stages[0].name)])
        observe(.entered(phase.name, phase.stages[0].name))
        return .onward
    }

    /// The events that take the rollout from a stage to the next one.
    private func onward(from stage: Stage, of phase: Phase) -> [LedgerEvent] {
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

    private func moveOn(from stage: Stage, of phase: Phase, before events: [LedgerEvent]) async throws -> Pace {
        let state = try await append(events + onward(from: stage, of: phase))
        if state.isAtRest {
            observe(.settled(state.status, state.restReason ?? ""))
            return .rest(state.status)
        }
        if let phase = state.phase, let stage = state.stage { observe(.entered(phase, stage)) }
        return .onward
    }

    // MARK: Gates

    private func weigh(_ gate: Gate, of phase: Phase, _ before: RolloutState, acting: Bool) async throws -> Pace {
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
        let moment = now()
        // A clock that stepped back must not make us wait for it to catch up.
        if acting, state.request == nil, moment < due, due - moment <= max(gate.clock.interval, gate.clock.delay) {
            if !isSteadyNow(progress, at: moment) { return .wait(until: due) }
        }
        observe(.measuring(phase.name, gate.name, criteria: gate.criteria.count))
        let readings = await prober.readings(
            for: ProbeRequest(
                phase: phase.name,
                criteria: gate.criteria,
                gateOpenedAt: progress.openedAt,
                attestations: state.attestations.filter { $0.planDigest == charge.opening.planDigest }
            )
        )
        let round = GateRound(
            readings: readings,
            streaks: progress.streaks,
            waivers: state.waivers,
            approvals: state.approvals,
            at: now()
        )
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
            return try await moveOn(from: .gate(gate), of: phase, before: [.weighed(round, verdict), .decided(decision)])
        }
        return try await follow(decision, in: phase, foreseen, after: [.weighed(round, verdict)])
    }

    /// Whether the steady time ends before the next regular round, so that one more round now can open the gate.
    private func isSteadyNow(_ progress: RolloutState.GateProgress, at moment: Moment) -> Bool {
        guard let since = progress.passingSince else { return false }
        return moment - since >= progress.definition.gate.clock.steady
    }

    private func baselines(for gate: Gate, of phase: Phase, _ state: RolloutState) -> [CriterionName: Measurement] {
        var found: [CriterionName: Measurement] = [:]
        for criterion in gate.criteria where criterion.needsBaseline {
            let source = criterion.baselineOf ?? phase.name
            found[criterion.name] = state.baselines[source]?[criterion.name]
        }
        return found
    }

    private func freezeBaselines(of phase: Phase, _ state: RolloutState) async throws -> Pace {
        let criteria = phase.criteria.filter(phase.freezesBaseline)
        observe(.measuring(phase.name, "baselines", criteria: criteria.count))
        // A baseline may look back as far as it likes: nothing has been changed yet.
        let readings = await prober.readings(
            for: ProbeRequest(
                phase: phase.name,
                criteria: criteria,
                gateOpenedAt: Moment(milliseconds: 0),
                attestations: []
            )
        )
        var measurements: [CriterionName: Measurement] = [:]
        for (criterion, reading) in zip(criteria, readings) {
            if let why = criterion.objection(toFreezing: reading) {
                return try await wait(for: phase, state, because: "the baseline of '\(criterion.name)' is not there: \(why)")
            }
            measurements[criterion.name] = reading.measurement
        }
        return try await moveOn(
            from: .freezeBaselines,
            of: phase,
            before: [.baselinesFrozen(phase: phase.name, measurements)]
        )
    }

    /// Waits for what may still come right, until the phase's clock runs out; says so in the ledger once.
    private func wait(for phase: Phase, _ state: RolloutState, because reason: String) async throws -> Pace {
        let moment = now()
        let next = moment + phase.clock.interval
        let isOver = moment - (state.stageEnteredAt ?? moment) >= phase.clock.timeout
        let action: Decision.Action = isOver ? .hold : .wait
        if state.lastDecision?.action != action || state.lastDecision?.reason != reason || (isOver && state.status != .held) {
            _ = try await append([.decided(Decision(action, because: reason, wakeAt: next))])
        }
        return isOver ? .held(until: next) : .wait(until: next)
    }

    // MARK: Decisions

    private func follow(_ decision: Decision, in phase: Phase, _ state: RolloutState, after events: [LedgerEvent]) async throws -> Pace {
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

    private func settle(_ status: RolloutStatus, because reason: String, before events: [LedgerEvent]) async throws -> Pace {
        let state = try await append(events + [.settled(status, reason: reason)])
        observe(.settled(status, reason))
        if let announcer, status != .finished {
            let notices = await announcer.announce(state, of: rollout, at: now())
            if !notices.isEmpty { _ = try await append(notices) }
        }
        return .rest(status)
    }

    // MARK: Steps

    private func carryOut(_ step: Step, of phase: Phase, _ state: RolloutState) async throws -> Pace {
        let reason = "phase '\(phase.name)', plan \(charge.opening.planDigest.prefix(12))"
        switch await execute(step, of: phase.name, state, because: reason) {
        case .success(let events):
            return try await moveOn(from: .act(step), of: phase, before: events)
        case .failure(let error as StepError):
            let failed = LedgerEvent.failed(intent: intentID(step, of: phase.name, state), message: error.message)
            observe(.failed(step, error.message))
            let decision =
                error.leftTraces
                ? Decision(.freeze, because: "'\(step.name)' left traces: \(error.message)")
                : failure(of: phase, state: state, because: "'\(step.name)': \(error.message)", isFinal: false)
            // In one append: a crash in between would have the step run again.
            return try await follow(decision, in: phase, state, after: [failed])
        case .failure(let error):
            throw error
        }
    }

    private func undo(_ undoing: RolloutState.Undoing, _ state: RolloutState) async throws -> Pace {
        guard let step = undoing.left.first, let phase = state.phase else {
            // A kill that was asked for while the phase was being taken back must not be lost.
            let isFinal = undoing.isFinal || state.request?.kind == .kill
            let status: RolloutStatus = isFinal ? .killed : undoing.action == .compensate ? .compensated : .rolledBack
            return try await settle(status, because: undoing.reason, before: [])
        }
        switch await execute(step, of: phase, state, because: undoing.reason) {
        case .success(let events):
            _ = try await append(events)
            return .onward
        case .failure(let error as StepError):
            observe(.failed(step, error.message))
            return try await settle(
                .frozen,
                because: "\(undoing.reason); taking it back failed at '\(step.name)': \(error.message)",
                before: [.failed(intent: lastIntent(step, of: phase, state), message: error.message)]
            )
        case .failure(let error):
            throw error
        }
    }

    /// Intent, act, read back. The outcome is returned as events, to be appended with what follows from it.
    private func execute(
        _ step: Step,
        of phase: PhaseName,
        _ state: RolloutState,
        because reason: String
    ) async -> Result<[LedgerEvent], any Error> {
        do {
            let runner = try runner(for: step)
            // An intent that was interrupted before it took effect is carried out, not written again: a controller
            // that dies over and over still gets somewhere.
            let begun = state.inFlight?.step == step ? state.inFlight : nil
            let intent = begun ?? Intent(id: intentID(step, of: phase, state), phase: phase, step: step, reason: reason)
            let id = intent.id
            if begun == nil, case .done(let seen) = try await runner.state(of: step) {
                let outcome = StepOutcome(observed: "was so already: \(seen)")
                observe(.acted(step, outcome))
                return .success([.intended(intent), .acted(intent: id, outcome)])
            }
            if begun == nil { _ = try await append([.intended(intent)]) }
            observe(.acting(step))
            let outcome = try await runner.run(step, because: reason)
            observe(.acted(step, outcome))
            return .success([.acted(intent: id, outcome)])
        } catch {
            return .failure(error)
        }
    }

    /// A step was begun by somebody who never said how it ended: the world is asked.
    private func reconcile(_ intent: Intent, _ state: RolloutState) async throws -> Pace {
        let found: StepState
        do throws(StepError) {
            found = try await runner(for: intent.step).state(of: intent.step)
        } catch {
            found = .unclear(error.message)
        }
        switch found {
        case .done(let seen):
            let outcome = StepOutcome(observed: "found done after an interruption: \(seen)")
            observe(.acted(intent.step, outcome))
            let acted = LedgerEvent.acted(intent: intent.id, outcome)
            guard state.undoing == nil, let (phase, stage) = position(in: state) else {
                _ = try await append([acted])
                return .onward
            }
            return try await moveOn(from: stage, of: phase, before: [acted])
        case .notDone:
            if let undoing = state.undoing { return try await undo(undoing, state) }
            guard let phase = rollout.phase(intent.phase) else {
                _ = try await append([.failed(intent: intent.id, message: "its phase is no longer in the plan")])
                return .onward
            }
            return try await carryOut(intent.step, of: phase, state)
        case .unclear(let why):
            let next = now() + .seconds(10)
            let reason = "'\(intent.step.name)' was interrupted and its outcome cannot be read: \(why)"
            if state.status != .held || state.lastDecision?.reason != reason {
                _ = try await append([.decided(Decision(.hold, because: reason, wakeAt: next))])
            }
            return .held(until: next)
        }
    }

    private func runner(for step: Step) throws(StepError) -> any StepRunner {
        guard let runner = runners.first(where: { $0.handles(step) }) else {
            throw StepError("nothing here can \(step.sentence)")
        }
        return runner
    }

    private func intentID(_ step: Step, of phase: PhaseName, _ state: RolloutState) -> String {
        "\(phase)/\(step.name)/\(state.intents + 1)"
    }

    private func lastIntent(_ step: Step, of phase: PhaseName, _ state: RolloutState) -> String {
        state.inFlight.map(\.id) ?? intentID(step, of: phase, state)
    }

    private func append(_ events: [LedgerEvent]) async throws -> RolloutState {
        try await ledger.append(events, to: rollout.name, by: charge.actor, at: now())
    }
}

extension Criterion {
    /// Why a reading must not become a baseline; nothing when it may.
    fileprivate func objection(toFreezing reading: Reading) -> String? {
        switch reading.outcome {
        case .unavailable(let why, let sentence):
            "\(why.sentence): \(sentence)"
        case .measured(let measurement):
            measurement.samples ?? 0 < minimumSamples
                ? "it rests on \(measurement.samples ?? 0) samples, \(minimumSamples) are needed" : nil
        }
    }
}

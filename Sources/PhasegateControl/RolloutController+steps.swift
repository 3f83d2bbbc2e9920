import PhasegateCore

// Acting as a saga: intent, act, read back; taking back; and making good an interruption.
extension RolloutController {
    func carryOut(_ step: Step, of phase: Phase, _ state: RolloutState) async throws -> Pace {
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

    func undo(_ undoing: RolloutState.Undoing, _ state: RolloutState) async throws -> Pace {
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

    /// Intent, act, read back.
    ///
    /// The outcome is returned as events, to be appended with what follows from it.
    func execute(
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
            // Reading the world may have taken its time, and an intent that was found was not just written by us.
            try await ledger.confirmLease(on: rollout.name)
            observe(.acting(step))
            let outcome = try await carryOut(step, with: runner, because: reason)
            observe(.acted(step, outcome))
            return .success([.acted(intent: id, outcome)])
        } catch {
            return .failure(error)
        }
    }

    /// Runs a step; where that fails though it is done by now, somebody else did it.
    ///
    /// A controller that was frozen in the middle of a step and followed comes to
    /// its end when it wakes, and its successor stumbles over what it did.
    private func carryOut(_ step: Step, with runner: any StepRunner, because reason: String)
        async throws(StepError) -> StepOutcome
    {
        do throws(StepError) {
            return try await runner.run(step, because: reason)
        } catch {
            guard !error.leftTraces, case .done(let seen)? = try? await runner.state(of: step) else { throw error }
            return StepOutcome(observed: "was done by another controller meanwhile: \(seen)")
        }
    }

    /// A step was begun by somebody who never said how it ended: the world is asked.
    func reconcile(_ intent: Intent, _ state: RolloutState) async throws -> Pace {
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
        case .notDone(let seen):
            if let undoing = state.undoing { return try await undo(undoing, state) }
            // Not where a person has asked for something else since, or the plan no longer has the step here.
            guard state.request == nil, let (phase, stage) = position(in: state), stage == .act(intent.step) else {
                let message = "interrupted before it took effect, and not wanted any more: \(seen)"
                _ = try await append([.failed(intent: intent.id, message: message)])
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

    func runner(for step: Step) throws(StepError) -> any StepRunner {
        guard let runner = runners.first(where: { $0.handles(step) }) else {
            throw StepError("nothing here can \(step.sentence)")
        }
        return runner
    }

    func intentID(_ step: Step, of phase: PhaseName, _ state: RolloutState) -> String {
        "\(phase)/\(step.name)/\(state.intents + 1)"
    }

    func lastIntent(_ step: Step, of phase: PhaseName, _ state: RolloutState) -> String {
        state.inFlight.map(\.id) ?? intentID(step, of: phase, state)
    }
}

/// Where a rollout stands: the fold of its ledger, bounded in size whatever the ledger's length.
public struct RolloutState: Hashable, Codable, Sendable {
    /// How far a gate has come.
    public struct GateProgress: Hashable, Codable, Sendable {
        /// What it weighs.
        public var definition: GateDefinition
        /// When it was reached.
        public var openedAt: Moment
        /// How many rounds it has weighed.
        public var rounds = 0
        /// Since when every round was open; nothing after a round that was not.
        public var passingSince: Moment?
        /// How many rounds in a row were open.
        public var passingRounds = 0
        /// When the last round was weighed.
        public var lastRoundAt: Moment?
        /// Failing rounds in a row, by criterion.
        public var streaks: [CriterionName: Int] = [:]
        /// What it said last.
        public var lastVerdict: Verdict?
    }

    /// How far a phase has come.
    public struct PhaseProgress: Hashable, Codable, Sendable {
        /// When it was entered first.
        public var enteredAt: Moment
        /// When it was finished.
        public var finishedAt: Moment?
        /// How often it was begun.
        public var attempts = 1
    }

    /// A phase being taken back.
    public struct Undoing: Hashable, Codable, Sendable {
        /// Steps still to run.
        public var left: [Step]
        /// `rollback` or `compensate`.
        public var action: Decision.Action
        /// Why.
        public var reason: String
        /// Whether the rollout ends with it.
        public var isFinal: Bool
    }

    /// Entries folded in.
    public var sequence = 0
    /// Hash of the last of them.
    public var head = ""
    /// When the last of them was written.
    public var lastAt: Moment?
    /// How the rollout was begun; nothing before it was.
    public var opening: Opening?
    /// When.
    public var openedAt: Moment?
    /// Digest of the plan in force.
    public var planDigest = ""
    /// How it stands as a whole.
    public var status: RolloutStatus = .running
    /// Why it came to rest.
    public var restReason: String?
    /// The phase it stands in; nothing before the first and after the last.
    public var phase: PhaseName?
    /// The stage it stands at.
    public var stage: StageName?
    /// When it got there.
    public var stageEnteredAt: Moment?
    /// The gate, while it stands at one.
    public var gate: GateProgress?
    /// The last decision.
    public var lastDecision: Decision?
    /// Criteria that failed in the last round of the present stage and are not waived, kept after the gate is left.
    public var lastFailures: [CriterionName] = []
    /// A step whose outcome is not known yet.
    public var inFlight: Intent?
    /// Intents so far; numbers the next one.
    public var intents = 0
    /// Steps that have taken effect in the present phase, in order.
    public var done: [Step] = []
    /// The taking back that is under way.
    public var undoing: Undoing?
    /// Frozen readings by phase.
    public var baselines: [PhaseName: [CriterionName: Measurement]] = [:]
    /// Progress by phase.
    public var phases: [PhaseName: PhaseProgress] = [:]
    /// Present share by flag, as last confirmed.
    public var exposures: [FlagKey: BasisPoints] = [:]
    /// What a person has asked for and has not been done.
    public var request: Request?
    /// Approvals for the plan in force.
    public var approvals: [Approval] = []
    /// Statements, the last per name.
    public var attestations: [Attestation] = []
    /// Waivers for the plan in force.
    public var waivers: [Waiver] = []
    /// What is still to be told and to whom.
    public var outbox = Outbox()

    /// Nothing has happened.
    public init() {}

    /// Whether a controller may go on by itself.
    public var isAtRest: Bool {
        switch status {
        case .running, .held: false
        case .stopped, .rolledBack, .compensated, .frozen, .killed, .finished: true
        }
    }
}

extension RolloutState {
    /// Folds one entry in.
    public mutating func apply(_ entry: LedgerEntry) {
        sequence = entry.sequence
        head = entry.hash
        apply(entry.event, at: entry.at)
        lastAt = entry.at
    }

    /// The state as it would be after one more event; nothing is written.
    public func foreseeing(_ event: LedgerEvent, at moment: Moment) -> RolloutState {
        var state = self
        state.apply(event, at: moment)
        return state
    }

    /// Folds one event in; the chain's fields stay as they are.
    mutating func apply(_ event: LedgerEvent, at moment: Moment) {
        switch event {
        case .opened(let opening):
            self.opening = opening
            openedAt = openedAt ?? moment
            planDigest = opening.planDigest
        case .planChanged(let digest):
            planDigest = digest
            // A new plan may name a new receiver.
            outbox.closed = []
            // Void: they were given for another plan.
            approvals = []
            waivers = []
            attestations = []
        case .entered(let phase, let stage):
            enter(phase, stage, at: moment)
        case .gateDefined(let definition):
            gate = GateProgress(definition: definition, openedAt: moment)
        case .weighed(let round, let verdict):
            weigh(round, verdict)
        case .decided(let decision):
            lastDecision = decision
            status = decision.action == .hold ? .held : status == .held ? .running : status
        case .baselinesFrozen(let phase, let measurements):
            baselines[phase] = measurements
        case .intended(let intent):
            inFlight = intent
            intents += 1
        case .acted(_, _):
            act()
        case .failed:
            inFlight = nil
        case .undoing(let steps, let action, let reason, let isFinal):
            undoing = Undoing(left: steps, action: action, reason: reason, isFinal: isFinal)
            gate = nil
        case .phaseFinished(let name):
            phases[name]?.finishedAt = moment
            done = []
        case .settled(let status, let reason):
            self.status = status
            restReason = reason
            undoing = nil
            request = nil
            gate = status == .finished ? nil : gate
        case .requested(let request):
            self.request = request
        case .resumed:
            resume()
        case .approved(let approval):
            approvals.append(approval)
        case .attested(let attestation):
            attestations.removeAll { $0.statement == attestation.statement }
            attestations.append(attestation)
        case .waived(let waiver):
            waivers.removeAll { $0.phase == waiver.phase && $0.criterion == waiver.criterion }
            waivers.append(waiver)
        case .noticed:
            break
        case .raised(let notice, let assignments):
            outbox.raise(notice, to: assignments, sequence: sequence)
        case .delivered(let delivery):
            outbox.settle(delivery)
        case .acknowledged(let acknowledgement):
            outbox.acknowledge(acknowledgement)
        }
    }

    private mutating func enter(_ phase: PhaseName, _ stage: StageName, at moment: Moment) {
        if self.phase != phase {
            done = []
            phases[phase] = phases[phase] ?? PhaseProgress(enteredAt: moment)
        }
        self.phase = phase
        self.stage = stage
        stageEnteredAt = moment
        gate = nil
        lastFailures = []
        status = .running
    }

    private mutating func weigh(_ round: GateRound, _ verdict: Verdict) {
        guard var progress = gate else { return }
        // A gap longer than a few intervals, or a clock that stepped back,
        // breaks "held together for the steady time".
        let clock = progress.definition.gate.clock
        if let last = progress.lastRoundAt,
            round.at < last || round.at - last > clock.interval * 3 + .seconds(120)
        {
            progress.passingSince = nil
            progress.passingRounds = 0
        }
        progress.rounds += 1
        progress.lastRoundAt = round.at
        progress.lastVerdict = verdict
        if verdict.outcome.isOpen || verdict.isUndecidedAlone {
            progress.passingSince = progress.passingSince ?? round.at
            progress.passingRounds += 1
        } else {
            progress.passingSince = nil
            progress.passingRounds = 0
        }
        lastFailures = verdict.findings.filter { $0.outcome == .fail && $0.waivedBy == nil }.map(\.criterion)
        for finding in verdict.findings {
            progress.streaks[finding.criterion] =
                finding.outcome == .fail ? (progress.streaks[finding.criterion] ?? 0) + 1 : nil
        }
        gate = progress
    }

    private mutating func act() {
        guard let intent = inFlight else { return }
        inFlight = nil
        if case .expose(let step) = intent.step { exposures[step.flag] = step.share }
        if undoing != nil {
            undoing?.left.removeAll { $0 == intent.step }
        } else {
            // A step that is found done when a frozen phase is begun anew is in the list already.
            done.removeAll { $0 == intent.step }
            done.append(intent.step)
        }
    }

    private mutating func resume() {
        // What did not come to rest goes on where it is: a held rollout, one that
        // was asked to hold a moment ago, and a taking back that waits for a person.
        let restarted = isAtRest
        let wasFrozen = status == .frozen
        status = .running
        restReason = nil
        request = nil
        gate = nil
        if restarted, let phase {
            // Frozen baselines go with the attempt they were measured for.
            phases[phase]?.attempts += 1
            baselines[phase] = nil
            approvals.removeAll { $0.phase == phase }
            // What was decided before says nothing of the new attempt.
            lastDecision = nil
            lastFailures = []
            // What a frozen phase did is still in effect, and has to be taken back if it fails again.
            if !wasFrozen { done = [] }
            stage = nil
        }
    }
}

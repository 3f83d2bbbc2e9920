/// What can happen to a rollout.
///
/// The ledger is a list of these and nothing else.
public enum LedgerEvent: Hashable, Codable, Sendable {
    /// The rollout was begun with a plan.
    case opened(Opening)
    /// The plan was changed; what people said of the old one is void.
    case planChanged(planDigest: String)
    /// The rollout arrived at a stage.
    case entered(phase: PhaseName, stage: StageName)
    /// A gate was reached: what it will weigh.
    case gateDefined(GateDefinition)
    /// A gate weighed a round.
    case weighed(GateRound, Verdict)
    /// What follows from it.
    case decided(Decision)
    /// Readings that later bounds refer to were frozen.
    case baselinesFrozen(phase: PhaseName, [CriterionName: Measurement])
    /// A step is about to be carried out.
    case intended(Intent)
    /// The step has taken effect, as read back from the world.
    case acted(intent: String, StepOutcome)
    /// The step did not take effect.
    case failed(intent: String, message: String)
    /// The phase is being taken back by these steps.
    case undoing(steps: [Step], action: Decision.Action, reason: String, isFinal: Bool)
    /// A phase is finished.
    case phaseFinished(PhaseName)
    /// The rollout came to rest.
    case settled(RolloutStatus, reason: String)
    /// Somebody asked for something.
    case requested(Request)
    /// Somebody took a rollout at rest up again.
    case resumed(by: String, because: String)
    /// Somebody allowed a gate to open.
    case approved(Approval)
    /// Somebody stated something.
    case attested(Attestation)
    /// Somebody answers for a criterion.
    case waived(Waiver)
    /// People were told; written up to version 0.1, read ever after.
    case noticed(channel: String, title: String, body: String)
    /// Something to tell people, and the channels that are to carry it.
    case raised(Notice, to: [Assignment])
    /// What came of an attempt to deliver a notice.
    case delivered(Delivery)
    /// Somebody takes care of what an episode is about.
    case acknowledged(Acknowledgement)
}

/// How a rollout was begun.
public struct Opening: Hashable, Codable, Sendable {
    /// Digest of the plan.
    public let planDigest: String
    /// Title for people.
    public let title: String
    /// Path of the rollout file.
    public let file: String
    /// How much faster than planned the clocks run.
    public let timeScale: Double
    /// Version of phasegate.
    public let version: String

    /// Puts an opening together.
    public init(planDigest: String, title: String, file: String, timeScale: Double, version: String) {
        self.planDigest = planDigest
        self.title = title
        self.file = file
        self.timeScale = timeScale
        self.version = version
    }
}

/// A step that is about to be carried out.
public struct Intent: Hashable, Codable, Sendable {
    /// Identifies the intent: phase, step and attempt.
    public let id: String
    /// The phase.
    public let phase: PhaseName
    /// The step.
    public let step: Step
    /// Why.
    public let reason: String

    /// Puts an intent together.
    public init(id: String, phase: PhaseName, step: Step, reason: String) {
        self.id = id
        self.phase = phase
        self.step = step
        self.reason = reason
    }
}

/// Something a person asked the controller to do.
public struct Request: Hashable, Codable, Sendable {
    /// What can be asked for.
    public enum Kind: String, Codable, Sendable {
        case hold
        case rollback
        case kill
    }

    /// What.
    public let kind: Kind
    /// Who.
    public let by: String
    /// Why.
    public let because: String
    /// When, where that is not when it was written: the ledger may have been out of reach.
    public let askedAt: Moment?
    /// Tells one request from another of the same person, so that none is entered twice.
    public let id: String?

    /// Puts a request together.
    public init(kind: Kind, by: String, because: String, askedAt: Moment? = nil, id: String? = nil) {
        self.kind = kind
        self.by = by
        self.because = because
        self.askedAt = askedAt
        self.id = id
    }

    /// As a reason for a decision.
    public var sentence: String { "\(kind.rawValue) asked for by \(by): \(because)" }
}

/// How a rollout stands as a whole.
public enum RolloutStatus: String, Codable, Sendable, CaseIterable {
    /// On its way.
    case running
    /// Waits for a person.
    case held
    /// The phase was stopped before anything was changed.
    case stopped
    /// The phase was taken back.
    case rolledBack = "rolled-back"
    /// The phase was made good by its compensation.
    case compensated
    /// Left as it is; a person is needed.
    case frozen
    /// Over for good.
    case killed
    /// All phases are through.
    case finished
}

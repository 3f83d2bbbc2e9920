// What a report says beside phases, risks and log.
extension RolloutReport {
    /// Something that runs out, or that somebody has to do.
    public struct Countdown: Hashable, Codable, Sendable {
        /// What runs out.
        public enum Kind: String, Codable, Sendable {
            /// The time all criteria have to hold together.
            case soak
            /// The time the gate may stay closed.
            case timeout
            /// People who have yet to approve.
            case approvals
            /// A statement somebody has yet to make.
            case attestation
            /// A condition the gate opened under.
            case condition
            /// A waiver that ends.
            case waiver
            /// A notice nobody has acknowledged.
            case acknowledgement
        }

        /// What runs out.
        public let kind: Kind
        /// What it is about, as `gate-at-25%`.
        public let label: String
        /// The phase of that gate, for a condition.
        public let phase: PhaseName?
        /// When it runs out; nothing where it only waits for people.
        public let deadline: Moment?
        /// What is left or missing, as `6 min 20 s of 10 min` or `1 of 2`.
        public let left: String

        /// Puts a countdown together.
        public init(kind: Kind, label: String, phase: PhaseName? = nil, deadline: Moment?, left: String) {
            self.kind = kind
            self.label = label
            self.phase = phase
            self.deadline = deadline
            self.left = left
        }
    }

    /// Something that would stop the rollout, nearest first.
    public struct Threat: Hashable, Codable, Sendable {
        /// The criterion.
        public let criterion: CriterionName
        /// Its phase.
        public let phase: PhaseName
        /// How it stands.
        public let outcome: Finding.Outcome?
        /// Which part of the way to its bound is left: 0 at the bound, 1 at zero; nothing where there is no such way.
        public let headroom: Double?
        /// What would happen, as one sentence.
        public let sentence: String

        /// Puts a threat together.
        public init(
            criterion: CriterionName,
            phase: PhaseName,
            outcome: Finding.Outcome?,
            headroom: Double?,
            sentence: String
        ) {
            self.criterion = criterion
            self.phase = phase
            self.outcome = outcome
            self.headroom = headroom
            self.sentence = sentence
        }
    }

    /// What is different from an earlier report.
    public struct Changes: Hashable, Codable, Sendable {
        /// When the earlier report was made.
        public let since: Moment
        /// Entries in its ledger.
        public let ledgerLength: Int
        /// One sentence a change, most important first; empty when nothing changed.
        public let sentences: [String]

        /// Puts changes together.
        public init(since: Moment, ledgerLength: Int, sentences: [String]) {
            self.since = since
            self.ledgerLength = ledgerLength
            self.sentences = sentences
        }
    }

    /// A measured number at a moment.
    public struct Sample: Hashable, Codable, Sendable {
        /// When it was weighed.
        public let at: Moment
        /// The number, in the criterion's unit.
        public let value: Double

        /// Puts a sample together.
        public init(at: Moment, value: Double) {
            self.at = at
            self.value = value
        }
    }

    /// A number that a criterion is held against, as a line in its drawing.
    public struct Limit: Hashable, Codable, Sendable {
        /// What lies beyond it.
        public enum Kind: String, Codable, Sendable {
            case warn
            case fail
        }

        /// What lies beyond it.
        public let kind: Kind
        /// The number, in the criterion's unit.
        public let value: Double
        /// Whether the bad side is above it.
        public let isCeiling: Bool

        /// Puts a limit together.
        public init(kind: Kind, value: Double, isCeiling: Bool) {
            self.kind = kind
            self.value = value
            self.isCeiling = isCeiling
        }
    }

    /// Latency before and now, as quantiles.
    public struct LatencyCurve: Hashable, Codable, Sendable {
        /// What was measured, as the workload's name or the criterion's.
        public let name: String
        /// The phase.
        public let phase: PhaseName
        /// Unit of all values.
        public let unit: String
        /// The frozen readings; empty where none were.
        public let baseline: [Measurement.Quantile]
        /// The last reading.
        public let now: [Measurement.Quantile]
        /// Limits that are drawn in, with the percentile they hold for.
        public let limits: [Limit]
        /// The percentile the limits hold for.
        public let percentile: Double?

        /// Puts a curve together.
        public init(
            name: String,
            phase: PhaseName,
            unit: String,
            baseline: [Measurement.Quantile],
            now: [Measurement.Quantile],
            limits: [Limit],
            percentile: Double?
        ) {
            self.name = name
            self.phase = phase
            self.unit = unit
            self.baseline = baseline
            self.now = now
            self.limits = limits
            self.percentile = percentile
        }
    }

    /// A span of time in which a phase stood still or was taken back.
    public struct Interruption: Hashable, Codable, Sendable {
        /// What happened.
        public enum Kind: String, Codable, Sendable {
            case held
            case undoing
        }

        /// What happened.
        public let kind: Kind
        /// When it began.
        public let from: Moment
        /// When it ended; nothing while it goes on.
        public let to: Moment?
        /// Why.
        public let reason: String

        /// Puts an interruption together.
        public init(kind: Kind, from: Moment, to: Moment?, reason: String) {
            self.kind = kind
            self.from = from
            self.to = to
            self.reason = reason
        }
    }

    /// Something a person did: approved, attested or waived.
    public struct Signature: Hashable, Codable, Sendable {
        /// What a person did.
        public enum Kind: String, Codable, Sendable {
            case approval
            case attestation
            case waiver
        }

        /// What it was.
        public let kind: Kind
        /// What it is about, as the gate, the statement or the criterion.
        public let subject: String
        /// The phase, where it belongs to one.
        public let phase: PhaseName?
        /// Who.
        public let by: String
        /// Why.
        public let because: String
        /// Reference to the evidence of an attestation.
        public let evidence: String?
        /// When.
        public let at: Moment
        /// Until when it counts; nothing for an approval.
        public let expires: Moment?
        /// Whether it counts at the report's time: `in force`, `expired`, `void: the plan has changed`.
        public let standing: String

        /// Puts a signature together.
        public init(
            kind: Kind,
            subject: String,
            phase: PhaseName?,
            by: String,
            because: String,
            evidence: String?,
            at: Moment,
            expires: Moment?,
            standing: String
        ) {
            self.kind = kind
            self.subject = subject
            self.phase = phase
            self.by = by
            self.because = because
            self.evidence = evidence
            self.at = at
            self.expires = expires
            self.standing = standing
        }
    }

    /// A notice as it was sent, with what came of it.
    public struct NoticeReport: Hashable, Codable, Sendable {
        /// A channel that was to carry it.
        public struct Carrier: Hashable, Codable, Sendable {
            /// How far it has come.
            public enum Progress: String, Codable, Sendable {
                case waiting
                case arrived
                case dead
                case dropped
            }

            /// The channel.
            public let channel: ChannelName
            /// How far it has come.
            public let progress: Progress
            /// Attempts made.
            public let attempts: Int
            /// When it arrived or was given up; while it waits, when it is tried next.
            public let at: Moment?
            /// What the receiver said last.
            public let answer: String

            /// Puts a carrier together.
            public init(channel: ChannelName, progress: Progress, attempts: Int, at: Moment?, answer: String) {
                self.channel = channel
                self.progress = progress
                self.attempts = attempts
                self.at = at
                self.answer = answer
            }
        }

        /// The notice.
        public let notice: Notice
        /// What came of it, by channel.
        public let carriers: [Carrier]
        /// Who took care of its episode, if somebody did after it was raised.
        public let acknowledgement: Acknowledgement?

        /// Puts a line together.
        public init(notice: Notice, carriers: [Carrier], acknowledgement: Acknowledgement?) {
            self.notice = notice
            self.carriers = carriers
            self.acknowledgement = acknowledgement
        }
    }
}

/// Several rollouts in one report.
public struct ProgrammeReport: Hashable, Codable, Sendable {
    /// What they are together.
    public let title: String
    /// When the report was made.
    public let generatedAt: Moment
    /// Version of phasegate.
    public let version: String
    /// The rollouts, in the order they were asked for.
    public let rollouts: [RolloutReport]

    /// Puts a report together.
    public init(title: String, generatedAt: Moment, version: String, rollouts: [RolloutReport]) {
        self.title = title
        self.generatedAt = generatedAt
        self.version = version
        self.rollouts = rollouts
    }
}

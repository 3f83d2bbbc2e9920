/// Everything the report formats show, in one value; a format adds nothing of its own.
public struct RolloutReport: Hashable, Codable, Sendable {
    /// Version of this shape; grows when a field changes its meaning.
    public static let formatVersion = 2

    /// One stage of a phase as it went.
    public struct StageReport: Hashable, Codable, Sendable {
        /// What a stage is.
        public enum Kind: String, Codable, Sendable {
            case gate
            case baselines
            case step
        }

        /// How far it has come.
        public enum Progress: String, Codable, Sendable {
            case ahead
            case present
            case passed
            case failed
            case undone
        }

        /// Its name.
        public let name: StageName
        /// What it is.
        public let kind: Kind
        /// How far it has come.
        public let progress: Progress
        /// When it was reached.
        public let from: Moment?
        /// When it was left.
        public let to: Moment?
        /// Rounds weighed, for a gate.
        public let rounds: Int
        /// What it said last, for a gate.
        public let verdict: Verdict?
        /// What acting came to, for a step.
        public let outcome: StepOutcome?
        /// What it does or why it failed, for a step.
        public let sentence: String

        /// Puts a stage together.
        public init(
            name: StageName,
            kind: Kind,
            progress: Progress,
            from: Moment?,
            to: Moment?,
            rounds: Int,
            verdict: Verdict?,
            outcome: StepOutcome?,
            sentence: String
        ) {
            self.name = name
            self.kind = kind
            self.progress = progress
            self.from = from
            self.to = to
            self.rounds = rounds
            self.verdict = verdict
            self.outcome = outcome
            self.sentence = sentence
        }
    }

    /// One criterion with its last finding.
    public struct CriterionReport: Hashable, Codable, Sendable {
        /// Its name.
        public let name: CriterionName
        /// Its role.
        public let role: Criterion.Role
        /// Its strength.
        public let strength: Criterion.Strength
        /// The probe kind.
        public let probe: ProbeName
        /// The conditions it was judged by; the plan's where it has not been weighed.
        public let bound: String
        /// The conditions the plan has now, where those it was judged by are others.
        public let plannedBound: String?
        /// Items of the source document.
        public let sources: [String]
        /// Risks that its failure would make real.
        public let risks: [RiskID]
        /// Its last finding; nothing if it was never weighed.
        public let finding: Finding?
        /// Facts the probe noted.
        public let notes: [String]
        /// How often it was weighed.
        public let rounds: Int
        /// How often it did not pass.
        public let failures: Int
        /// Measured numbers over time, oldest first, where the value is a number; thinned out, lows and highs kept.
        public internal(set) var history: [Sample]
        /// Unit of the history, limits and interval.
        public let unit: String
        /// Numbers it is held against.
        public let limits: [Limit]
        /// How sure the last value is.
        public let interval: Measurement.Interval?
        /// What happens exactly at the bound, as `100 ms itself passes`.
        public let boundaryRule: String
        /// How long the last measuring took, in milliseconds.
        public let tookMilliseconds: Int64?
        /// Where the rollout file states it; nothing where that is not known.
        public let place: Place?
        /// Who answers for it, where somebody is named.
        public let owner: String?

        /// Puts a criterion together.
        public init(
            name: CriterionName,
            role: Criterion.Role,
            strength: Criterion.Strength,
            probe: ProbeName,
            bound: String,
            sources: [String],
            risks: [RiskID],
            finding: Finding?,
            notes: [String],
            rounds: Int,
            failures: Int,
            history: [Sample],
            unit: String = "",
            limits: [Limit] = [],
            interval: Measurement.Interval? = nil,
            boundaryRule: String = "",
            tookMilliseconds: Int64? = nil,
            place: Place? = nil,
            owner: String? = nil,
            plannedBound: String? = nil
        ) {
            self.name = name
            self.role = role
            self.strength = strength
            self.probe = probe
            self.bound = bound
            self.plannedBound = plannedBound
            self.sources = sources
            self.risks = risks
            self.finding = finding
            self.notes = notes
            self.rounds = rounds
            self.failures = failures
            self.history = history
            self.unit = unit
            self.limits = limits
            self.interval = interval
            self.boundaryRule = boundaryRule
            self.tookMilliseconds = tookMilliseconds
            self.place = place
            self.owner = owner
        }
    }

    /// One phase as planned and as it went.
    public struct PhaseReport: Hashable, Codable, Sendable {
        /// How far it has come.
        public enum Progress: String, Codable, Sendable {
            case ahead
            case present
            case finished
            case rolledBack = "rolled-back"
            case failed
        }

        /// Its name.
        public let name: PhaseName
        /// Its title.
        public let title: String
        /// How far it has come.
        public let progress: Progress
        /// What failure allows.
        public let reversibility: Reversibility
        /// When it is planned.
        public let window: Window?
        /// Planned effort.
        public let effort: String?
        /// When it was entered.
        public let from: Moment?
        /// When it was finished or came to rest.
        public let to: Moment?
        /// Its risks.
        public let risks: [RiskID]
        /// What is planned against them.
        public let mitigations: [Mitigation]
        /// Items of the source document.
        public let sources: [String]
        /// Its stages.
        public let stages: [StageReport]
        /// Its criteria.
        public internal(set) var criteria: [CriterionReport]
        /// Phases that must be finished first.
        public let needs: [PhaseName]
        /// When it stood still or was taken back.
        public let interruptions: [Interruption]

        /// Puts a phase together.
        public init(
            name: PhaseName,
            title: String,
            progress: Progress,
            reversibility: Reversibility,
            window: Window?,
            effort: String?,
            from: Moment?,
            to: Moment?,
            risks: [RiskID],
            mitigations: [Mitigation],
            sources: [String],
            stages: [StageReport],
            criteria: [CriterionReport],
            needs: [PhaseName] = [],
            interruptions: [Interruption] = []
        ) {
            self.name = name
            self.title = title
            self.progress = progress
            self.reversibility = reversibility
            self.window = window
            self.effort = effort
            self.from = from
            self.to = to
            self.risks = risks
            self.mitigations = mitigations
            self.sources = sources
            self.stages = stages
            self.criteria = criteria
            self.needs = needs
            self.interruptions = interruptions
        }
    }

    /// One line of the decision log.
    public struct LogLine: Hashable, Codable, Sendable {
        /// Place in the ledger.
        public let sequence: Int
        /// When.
        public let at: Moment
        /// Who: a person or the controller.
        public let actor: String
        /// Phase it concerns.
        public let phase: PhaseName?
        /// Stage it concerns.
        public let stage: StageName?
        /// What kind of event, as `decided` or `approved`.
        public let kind: String
        /// What happened, as one sentence.
        public let sentence: String
        /// How many rounds in a row said the same and are folded into this line, which is the last of them.
        public let repeats: Int
        /// When the first of them was; nothing where there is one only.
        public let since: Moment?

        /// Puts a line together.
        public init(
            sequence: Int,
            at: Moment,
            actor: String,
            phase: PhaseName?,
            stage: StageName?,
            kind: String,
            sentence: String,
            repeats: Int,
            since: Moment? = nil
        ) {
            self.sequence = sequence
            self.at = at
            self.actor = actor
            self.phase = phase
            self.stage = stage
            self.kind = kind
            self.sentence = sentence
            self.repeats = repeats
            self.since = since
        }
    }

    /// A share of users from a moment on.
    public struct ExposurePoint: Hashable, Codable, Sendable {
        /// When.
        public let at: Moment
        /// The flag.
        public let flag: FlagKey
        /// The share.
        public let share: BasisPoints

        /// Puts a point together.
        public init(at: Moment, flag: FlagKey, share: BasisPoints) {
            self.at = at
            self.flag = flag
            self.share = share
        }
    }

    /// Version of the shape.
    public let format: Int
    /// The rollout.
    public let rollout: RolloutName
    /// Its title.
    public let title: String
    /// The document it was written from.
    public let document: String?
    /// When the report was made.
    public let generatedAt: Moment
    /// Version of phasegate.
    public let version: String
    /// How it stands as a whole.
    public let status: RolloutStatus
    /// The gate's last answer.
    public let verdict: GateOutcome?
    /// May we proceed: one sentence.
    public let headline: String
    /// The one reason.
    public let reason: String
    /// The present phase.
    public let phase: PhaseName?
    /// The present stage.
    public let stage: StageName?
    /// When it was begun.
    public let openedAt: Moment?
    /// How much faster than planned the clocks ran.
    public let timeScale: Double
    /// Digest of the plan.
    public let planDigest: String
    /// Entries in the ledger.
    public let ledgerLength: Int
    /// Hash of the last of them.
    public let ledgerHead: String
    /// The phases in order.
    public internal(set) var phases: [PhaseReport]
    /// The grid of the register.
    public let grid: RiskGrid
    /// The risks in both voices.
    public let risks: [RiskAppraisal]
    /// What does not add up in the plan.
    public let planFindings: [Diagnostic]
    /// Exposure over time.
    public let exposures: [ExposurePoint]
    /// What happened, oldest first.
    public let log: [LogLine]
    /// What would stop the rollout, nearest first; the nearest of them.
    public let threats: [Threat]
    /// How many more there are.
    public let furtherThreats: Int
    /// What runs out and what waits for people.
    public let countdowns: [Countdown]
    /// What is different from the report before; nothing when there was none.
    public let changes: Changes?
    /// Latency before and now.
    public let latencies: [LatencyCurve]
    /// What people signed.
    public let signatures: [Signature]
    /// What people were told.
    public let notices: [NoticeReport]
    /// Seeds of generators whose draws are behind the evidence, by what draws.
    public let seeds: [String: String]

    /// Puts a report together.
    public init(
        rollout: RolloutName,
        title: String,
        document: String?,
        generatedAt: Moment,
        version: String,
        status: RolloutStatus,
        verdict: GateOutcome?,
        headline: String,
        reason: String,
        phase: PhaseName?,
        stage: StageName?,
        openedAt: Moment?,
        timeScale: Double,
        planDigest: String,
        ledgerLength: Int,
        ledgerHead: String,
        phases: [PhaseReport],
        grid: RiskGrid,
        risks: [RiskAppraisal],
        planFindings: [Diagnostic],
        exposures: [ExposurePoint],
        log: [LogLine],
        threats: [Threat] = [],
        furtherThreats: Int = 0,
        countdowns: [Countdown] = [],
        changes: Changes? = nil,
        latencies: [LatencyCurve] = [],
        signatures: [Signature] = [],
        notices: [NoticeReport] = [],
        seeds: [String: String] = [:]
    ) {
        format = Self.formatVersion
        self.rollout = rollout
        self.title = title
        self.document = document
        self.generatedAt = generatedAt
        self.version = version
        self.status = status
        self.verdict = verdict
        self.headline = headline
        self.reason = reason
        self.phase = phase
        self.stage = stage
        self.openedAt = openedAt
        self.timeScale = timeScale
        self.planDigest = planDigest
        self.ledgerLength = ledgerLength
        self.ledgerHead = ledgerHead
        self.phases = phases
        self.grid = grid
        self.risks = risks
        self.planFindings = planFindings
        self.exposures = exposures
        self.log = log
        self.threats = threats
        self.furtherThreats = furtherThreats
        self.countdowns = countdowns
        self.changes = changes
        self.latencies = latencies
        self.signatures = signatures
        self.notices = notices
        self.seeds = seeds
    }

    /// The report without the measured numbers behind its criteria, and otherwise the same.
    public var withoutHistories: RolloutReport {
        var report = self
        for phase in report.phases.indices {
            for criterion in report.phases[phase].criteria.indices {
                report.phases[phase].criteria[criterion].history = []
            }
        }
        return report
    }
}

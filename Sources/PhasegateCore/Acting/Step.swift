/// Applies or takes back one numbered migration.
public struct MigrationStep: Hashable, Codable, Sendable {
    /// Directory of the files, relative to the rollout file.
    public let directory: String
    /// The version.
    public let version: Int
    /// The database.
    public let target: TargetName
    /// Proof demanded of the backup taken before.
    public let backup: BackupLevel
    /// Longest time it may take.
    public let deadline: Duration

    /// One version of a set.
    public init(of set: MigrationSet, version: Int) {
        directory = set.directory
        self.version = version
        target = set.target
        backup = set.backup
        deadline = set.deadline
    }
}

/// Exposes a share of users to the change.
public struct ExposureStep: Hashable, Codable, Sendable {
    /// The flag.
    public let flag: FlagKey
    /// The share afterwards.
    public let share: BasisPoints

    /// Puts a step together.
    public init(flag: FlagKey, share: BasisPoints) {
        self.flag = flag
        self.share = share
    }
}

/// Something the controller does to the world; each can be read back.
public enum Step: Hashable, Codable, Sendable {
    /// Apply a migration after a verified backup.
    case migrate(MigrationStep)
    /// Take a migration back by its rollback file.
    case unmigrate(MigrationStep)
    /// Set a flag.
    case expose(ExposureStep)
    /// Make sure that a database is sound before it is rolled back.
    case checkHealth(TargetName)

    /// Its name within the phase, as `migration-2` or `expose-5%`.
    public var name: String {
        switch self {
        case .migrate(let step): "migration-\(step.version)"
        case .unmigrate(let step): "rollback-\(step.version)"
        case .expose(let step): "expose-\(shortDecimal(step.share.percent))%"
        case .checkHealth(let target): "health-of-\(target)"
        }
    }

    /// What it does, for people.
    public var sentence: String {
        switch self {
        case .migrate(let step): "apply migration \(step.version) to '\(step.target)'"
        case .unmigrate(let step): "roll back migration \(step.version) on '\(step.target)'"
        case .expose(let step): "set flag '\(step.flag)' to \(step.share)"
        case .checkHealth(let target): "check that '\(target)' is sound"
        }
    }
}

/// How the world stands to a step.
public enum StepState: Hashable, Codable, Sendable {
    /// The step has not taken effect; says what was seen.
    case notDone(String)
    /// It has taken effect; says what was seen.
    case done(String)
    /// It cannot be told; says why.
    case unclear(String)
}

/// What acting came to, read back from the world.
public struct StepOutcome: Hashable, Codable, Sendable {
    /// What was seen afterwards, in one sentence.
    public let observed: String
    /// Facts worth keeping: backup path, hashes, counts, times.
    public let evidence: [String: String]

    /// Puts an outcome together.
    public init(observed: String, evidence: [String: String] = [:]) {
        self.observed = observed
        self.evidence = evidence
    }
}

/// A step could not be carried out; the world is as it was before unless `leftTraces` says otherwise.
public struct StepError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was tried and why it failed, secrets left out.
    public let message: String
    /// Whether the world may have been changed.
    public let leftTraces: Bool

    /// Puts an error together.
    public init(_ message: String, leftTraces: Bool = false) {
        self.message = message
        self.leftTraces = leftTraces
    }

    /// The message.
    public var description: String { message }
}

/// Acts on the world and reads it back; each kind of step has one runner.
///
/// The controller writes the intent to the ledger before `run` and the outcome
/// after it. After a crash it asks `state` before it runs anything again, so
/// `run` need not be repeatable, but `state` must come from the world alone.
public protocol StepRunner: Sendable {
    /// Whether this runner carries out a step of this kind.
    func handles(_ step: Step) -> Bool

    /// How the world stands to a step; changes nothing.
    ///
    /// - Throws: `StepError` when the world cannot be read at all.
    func state(of step: Step) async throws(StepError) -> StepState

    /// Carries a step out and reads the result back.
    ///
    /// - Parameters:
    ///   - step: a step this runner handles.
    ///   - reason: why, kept by flag stores and journals.
    /// - Returns: what was seen afterwards.
    /// - Throws: `StepError`; says whether the world may have been changed.
    func run(_ step: Step, because reason: String) async throws(StepError) -> StepOutcome
}

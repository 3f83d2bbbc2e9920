/// What a failed phase allows us to do about it.
public enum Reversibility: String, Codable, Sendable, CaseIterable {
    /// Every step has an exact inverse: roll back.
    case reversible
    /// There is a forward fix: run the compensation.
    case compensable
    /// There is no way back: freeze and call a person.
    case irreversible
}

/// How far a backup was proven; each level includes the ones before it.
public enum BackupLevel: String, Codable, Sendable, CaseIterable, Comparable {
    /// The artifact has the checksum it was written with.
    case artifact
    /// It opens and decodes as a database without structural damage.
    case decodes
    /// Restored into a scratch database, it has the schema and the row counts of its snapshot.
    case restored
    /// Every table of the restored database has the content hash of its snapshot.
    case content

    /// By strength of proof.
    public static func < (left: BackupLevel, right: BackupLevel) -> Bool { left.rank < right.rank }

    /// 1 for the weakest proof, 4 for the strongest.
    public var rank: Int {
        switch self {
        case .artifact: 1
        case .decodes: 2
        case .restored: 3
        case .content: 4
        }
    }
}

/// A share of users in hundredths of a percent, from 0 to 10 000.
public struct BasisPoints: RawRepresentable, Hashable, Codable, Comparable, Sendable, CustomStringConvertible {
    /// Hundredths of a percent.
    public let rawValue: Int
    /// Wraps basis points; limits them to 0...10 000.
    public init(rawValue: Int) { self.rawValue = min(10_000, max(0, rawValue)) }
    /// Nobody.
    public static let none = BasisPoints(rawValue: 0)
    /// Everybody.
    public static let all = BasisPoints(rawValue: 10_000)
    /// As `5 %` or `0.25 %`.
    public var description: String { shortDecimal(percent) + " %" }
    /// The share in percent.
    public var percent: Double { Double(rawValue) / 100 }
    /// Smaller shares first.
    public static func < (left: BasisPoints, right: BasisPoints) -> Bool { left.rawValue < right.rawValue }
}

/// The steps by which a flag exposes users to the change.
public struct Ramp: Hashable, Codable, Sendable {
    /// The flag that is moved.
    public let flag: FlagKey
    /// The shares, ascending.
    public let steps: [BasisPoints]
    /// How long each share has to hold before the next.
    public let soak: Duration
    /// How long each share has to hold at least for a rare defect to be noticed, where that is longer than the soak.
    public let leastSoaks: [Duration]?
    /// The share kept from the change at the last step until its comparisons have passed.
    public let holdBack: BasisPoints?
    /// How users are observed, where something is compared.
    public let observation: ObservationPlan?

    /// Puts a ramp together.
    public init(
        flag: FlagKey,
        steps: [BasisPoints],
        soak: Duration,
        leastSoaks: [Duration]? = nil,
        holdBack: BasisPoints? = nil,
        observation: ObservationPlan? = nil
    ) {
        self.flag = flag
        self.steps = steps
        self.soak = soak
        self.leastSoaks = leastSoaks
        self.holdBack = holdBack
        self.observation = observation
    }

    /// The shares that are set one after the other: the steps, and before everybody those who are not held back.
    public var shares: [BasisPoints] {
        guard let holdBack, holdBack > .none, steps.last == .all else { return steps }
        let most = BasisPoints(rawValue: BasisPoints.all.rawValue - holdBack.rawValue)
        return steps.dropLast().contains(most) ? steps : steps.dropLast() + [most, .all]
    }

    /// How long a share has to hold.
    public func soak(at share: BasisPoints) -> Duration {
        // Where nothing is held back any more, nothing new is exposed that has not soaked before.
        guard let leastSoaks, let step = steps.firstIndex(where: { $0 >= share }), leastSoaks.indices.contains(step)
        else { return soak }
        return max(soak, leastSoaks[step])
    }

    /// The shares at which there is a control to compare with.
    public var comparedShares: [BasisPoints] { shares.filter { $0 < .all } }
}

/// Numbered migration files that a phase applies.
public struct MigrationSet: Hashable, Codable, Sendable {
    /// Directory of the files, relative to the rollout file.
    public let directory: String
    /// The versions this phase applies, ascending.
    public let versions: [Int]
    /// The database they change.
    public let target: TargetName
    /// Proof demanded of the backup that is taken before them.
    public let backup: BackupLevel
    /// Longest time one migration may take.
    public let deadline: Duration

    /// Puts a set together.
    public init(directory: String, versions: [Int], target: TargetName, backup: BackupLevel, deadline: Duration) {
        self.directory = directory
        self.versions = versions
        self.target = target
        self.backup = backup
        self.deadline = deadline
    }
}

/// A planned span of the calendar as the document states it; both ends may be relative.
public struct Window: Hashable, Codable, Sendable {
    /// Start, as `week 3` or a date.
    public let from: String
    /// End.
    public let to: String

    /// Puts a window together.
    public init(from: String, to: String) {
        self.from = from
        self.to = to
    }
}

/// Something planned against a risk of the phase.
public struct Mitigation: Hashable, Codable, Sendable {
    /// What is done, in words.
    public let text: String
    /// Items of the source document.
    public let sources: [String]

    /// Puts a mitigation together.
    public init(text: String, sources: [String]) {
        self.text = text
        self.sources = sources
    }
}

/// One phase: what must be true before, what changes, who is exposed, what must be true after.
public struct Phase: Hashable, Codable, Sendable {
    /// Its name within the rollout.
    public let name: PhaseName
    /// Its title for people.
    public let title: String
    /// Items of the source document.
    public let sources: [String]
    /// Phases that must be finished first.
    public let needs: [PhaseName]
    /// When it is planned.
    public let window: Window?
    /// Planned effort in words.
    public let effort: String?
    /// What failure allows.
    public let reversibility: Reversibility
    /// Risks it carries.
    public let risks: [RiskID]
    /// The clock of its gates.
    public let clock: GateClock
    /// What is planned against its risks.
    public let mitigations: [Mitigation]
    /// Its criteria of all roles, in the order of the file.
    public let criteria: [Criterion]
    /// What changes in the database, if anything.
    public let change: MigrationSet?
    /// Forward migrations that make good a failed `compensable` phase.
    public let compensation: MigrationSet?
    /// How users are exposed, if they are.
    public let ramp: Ramp?
    /// Distinct people who have to approve before the phase is entered.
    public let approvals: Int

    /// Puts a phase together.
    public init(
        name: PhaseName,
        title: String,
        sources: [String] = [],
        needs: [PhaseName] = [],
        window: Window? = nil,
        effort: String? = nil,
        reversibility: Reversibility = .irreversible,
        risks: [RiskID] = [],
        clock: GateClock = GateClock(),
        mitigations: [Mitigation] = [],
        criteria: [Criterion] = [],
        change: MigrationSet? = nil,
        compensation: MigrationSet? = nil,
        ramp: Ramp? = nil,
        approvals: Int = 0
    ) {
        self.name = name
        self.title = title
        self.sources = sources
        self.needs = needs
        self.window = window
        self.effort = effort
        self.reversibility = reversibility
        self.risks = risks
        self.clock = clock
        self.mitigations = mitigations
        self.criteria = criteria
        self.change = change
        self.compensation = compensation
        self.ramp = ramp
        self.approvals = approvals
    }
}

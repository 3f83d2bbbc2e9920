/// What a gate says, in the words of stage-gate practice.
public enum GateOutcome: String, Codable, Sendable, CaseIterable, Comparable {
    /// Everything passes.
    case go
    /// The musts pass; something is left that has to be put right.
    case conditionalGo = "conditional-go"
    /// Not enough is known or somebody has to decide.
    case hold
    /// A must failed: back a step.
    case recycle
    /// The rollout is over.
    case kill

    /// From best to worst.
    public static func < (left: GateOutcome, right: GateOutcome) -> Bool { left.rank < right.rank }

    private var rank: Int {
        switch self {
        case .go: 0
        case .conditionalGo: 1
        case .hold: 2
        case .recycle: 3
        case .kill: 4
        }
    }

    /// Whether the gate is open.
    public var isOpen: Bool { self == .go || self == .conditionalGo }
}

/// The answer of a gate in one round, with everything it rests on.
public struct Verdict: Hashable, Codable, Sendable {
    /// The answer.
    public let outcome: GateOutcome
    /// One sentence: the reason that decided.
    public let reason: String
    /// One per criterion, in the order of the file.
    public let findings: [Finding]
    /// What has to be put right although the gate opens.
    public let conditions: [String]
    /// Digest of how each criterion stands; approvals are bound to it.
    public let evidenceDigest: String

    /// Puts a verdict together.
    public init(
        outcome: GateOutcome,
        reason: String,
        findings: [Finding],
        conditions: [String],
        evidenceDigest: String
    ) {
        self.outcome = outcome
        self.reason = reason
        self.findings = findings
        self.conditions = conditions
        self.evidenceDigest = evidenceDigest
    }

    /// Whether nothing keeps the gate closed but comparisons that show neither side yet.
    ///
    /// The soak runs meanwhile: it begins with the step, not when there is evidence enough.
    public var isUndecidedAlone: Bool {
        outcome == .hold && findings.contains(where: \.isUndecided)
            && findings.allSatisfy { $0.isUndecided || !$0.isOpenQuestion }
    }
}

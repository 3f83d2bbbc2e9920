/// A typed name: a string that cannot be confused with another kind of name.
public protocol Name: RawRepresentable, Hashable, Codable, CodingKeyRepresentable, Comparable, Sendable,
    CustomStringConvertible, ExpressibleByStringLiteral
where RawValue == String {
    /// Wraps any text; the rollout file's loader has checked the alphabet.
    init(rawValue: String)
}

extension Name {
    /// The text itself.
    public var description: String { rawValue }

    /// Wraps a literal.
    public init(stringLiteral value: String) { self.init(rawValue: value) }

    /// Alphabetical order of the text.
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// Names a rollout: letters, digits, `.`, `_` and `-`.
public struct RolloutName: Name {
    /// The text.
    public let rawValue: String
    /// Wraps a text.
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// Names a phase within its rollout.
public struct PhaseName: Name {
    /// The text.
    public let rawValue: String
    /// Wraps a text.
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// Names a stage within its phase, as `entry`, `migration-2` or `gate-at-5%`.
public struct StageName: Name {
    /// The text.
    public let rawValue: String
    /// Wraps a text.
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// Names a criterion within its phase.
public struct CriterionName: Name {
    /// The text.
    public let rawValue: String
    /// Wraps a text.
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// Names a database the rollout reads or changes.
public struct TargetName: Name {
    /// The text.
    public let rawValue: String
    /// Wraps a text.
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// Names a workload of parameterised queries.
public struct WorkloadName: Name {
    /// The text.
    public let rawValue: String
    /// Wraps a text.
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// Names a threshold that several criteria share.
public struct ThresholdName: Name {
    /// The text.
    public let rawValue: String
    /// Wraps a text.
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// Identifies a risk in the register, as `R003`.
public struct RiskID: Name {
    /// The text.
    public let rawValue: String
    /// Wraps a text.
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// Names a feature flag: letters, digits, `.`, `_` and `-`, because some
/// clients put it into an address without encoding it.
public struct FlagKey: Name {
    /// The text.
    public let rawValue: String
    /// Wraps a text.
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// Names a probe kind, as `row-count`.
public struct ProbeName: Name {
    /// The text.
    public let rawValue: String
    /// Wraps a text.
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// Identifies a notice: rollout and number, as `quantumleap.17`.
public struct NoticeID: Name {
    /// The text.
    public let rawValue: String
    /// Wraps a text.
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// Names what notices are about: rollout, phase and risk, as `quantumleap/query-optimisation/Q03`.
public struct EpisodeKey: Name {
    /// The text.
    public let rawValue: String
    /// Wraps a text.
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// Names a notice channel within its rollout.
public struct ChannelName: Name {
    /// The text.
    public let rawValue: String
    /// Wraps a text.
    public init(rawValue: String) { self.rawValue = rawValue }
}

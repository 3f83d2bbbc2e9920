public import PhasegateCore

/// What a flag store holds about one flag, or held at one time.
public struct FlagRecord: Hashable, Codable, Sendable {
    /// The flag.
    public let key: FlagKey
    /// How it decides who is in.
    public let draw: FlagDraw
    /// The share of users who are exposed.
    public let share: BasisPoints
    /// 1 for the first setting, one more with each change.
    public let version: Int
    /// When it was set.
    public let changedAt: Moment
    /// Who set it.
    public let actor: String
    /// Why.
    public let reason: String
    /// What the decision rests on, as a ledger digest; empty if nothing was given.
    public let evidence: String
    /// Whether this is a kill: nobody, by `actor` because of `reason`, and no raise until a person lifts it.
    public let isKilled: Bool

    /// Puts a record together.
    public init(
        key: FlagKey,
        draw: FlagDraw,
        share: BasisPoints,
        version: Int,
        changedAt: Moment,
        actor: String,
        reason: String,
        evidence: String,
        isKilled: Bool = false
    ) {
        self.key = key
        self.draw = draw
        self.share = share
        self.version = version
        self.changedAt = changedAt
        self.actor = actor
        self.reason = reason
        self.evidence = evidence
        self.isKilled = isKilled
    }

    /// The rule an application decides by.
    public var rule: FlagRule { FlagRule(key: key, draw: draw, share: share) }
}

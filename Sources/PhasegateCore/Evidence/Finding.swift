/// What a reading says about its criterion.
public struct Finding: Hashable, Codable, Sendable {
    /// How the criterion stands.
    public enum Outcome: String, Codable, Sendable, CaseIterable {
        case pass
        case warn
        case fail
        /// Not measured, stale or not comparable; never passes.
        case unknown
    }

    /// The criterion.
    public let criterion: CriterionName
    /// Its role.
    public let role: Criterion.Role
    /// Its strength.
    public let strength: Criterion.Strength
    /// How it stands.
    public let outcome: Outcome
    /// Why, as one sentence with the observed value and the bound.
    public let reason: String
    /// The observed value, the worst part's where there are several.
    public let observed: String?
    /// The condition that decided.
    public let bound: String
    /// The frozen value it was compared with.
    public let baseline: String?
    /// How many observations are behind it.
    public let samples: Int?
    /// When it was observed.
    public let observedAt: Moment?
    /// The query as it ran.
    public let resolvedQuery: String?
    /// Whether a failure still needs to be seen again before it counts.
    public let isUnconfirmed: Bool
    /// Who waived it, if a waiver is in force.
    public let waivedBy: String?
    /// What a comparison rests on.
    public let evidence: SequentialEvidence?

    /// Whether it is a comparison that nothing is wrong with, and that shows neither side yet.
    public var isUndecided: Bool { outcome == .unknown && evidence?.answer == .undecided }

    /// Puts a finding together.
    public init(
        criterion: CriterionName,
        role: Criterion.Role,
        strength: Criterion.Strength,
        outcome: Outcome,
        reason: String,
        observed: String? = nil,
        bound: String,
        baseline: String? = nil,
        samples: Int? = nil,
        observedAt: Moment? = nil,
        resolvedQuery: String? = nil,
        isUnconfirmed: Bool = false,
        waivedBy: String? = nil,
        evidence: SequentialEvidence? = nil
    ) {
        self.criterion = criterion
        self.role = role
        self.strength = strength
        self.outcome = outcome
        self.reason = reason
        self.observed = observed
        self.bound = bound
        self.baseline = baseline
        self.samples = samples
        self.observedAt = observedAt
        self.resolvedQuery = resolvedQuery
        self.isUnconfirmed = isUnconfirmed
        self.waivedBy = waivedBy
        self.evidence = evidence
    }
}

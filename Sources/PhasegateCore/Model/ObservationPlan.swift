/// How the users of a ramp are observed, and how surely its steps are judged by it.
public struct ObservationPlan: Hashable, Codable, Sendable {
    /// Where observations come from.
    public struct Source: Hashable, Codable, Sendable {
        /// Which kind reads it, as `json-lines`.
        public let kind: String
        /// What the kind is told.
        public let settings: Setting

        /// Puts a source together.
        public init(kind: String, settings: Setting) {
            self.kind = kind
            self.settings = settings
        }
    }

    /// What is counted as independent of one another.
    public enum Unit: String, Codable, Sendable, CaseIterable {
        /// Users, each once in a step: requests of one user resemble each other.
        case user
        /// Requests, for traffic where each may be anybody's.
        case request
    }

    /// The chances to be wrong that are accepted; docs/statistics.md says what each promises.
    public struct Guarantee: Hashable, Codable, Sendable {
        /// To roll back a ramp that keeps to all limits, over all criteria, steps and looks.
        public let falseRollback: Double
        /// To promote a step with a criterion beyond its limit, for each step.
        public let falsePromotion: Double
        /// To call a sound assignment of users wrong, over the ramp.
        public let falseInvalid: Double

        /// Puts a guarantee together.
        public init(falseRollback: Double = 0.05, falsePromotion: Double = 0.05, falseInvalid: Double = 0.01) {
            self.falseRollback = falseRollback
            self.falsePromotion = falsePromotion
            self.falseInvalid = falseInvalid
        }
    }

    /// Where observations come from.
    public let source: Source
    /// What is counted.
    public let unit: Unit
    /// How long a user is watched from its first request in a step, where users are counted.
    public let userWindow: Duration
    /// How often what has come in is judged.
    public let look: Duration
    /// What is left out of comparisons at the beginning of each step: caches are cold, and slow requests come late.
    public let burnIn: Duration
    /// The chances to be wrong.
    public let guarantee: Guarantee
    /// Whether nothing passes before users are seen to reach the arms as planned.
    public let checksAssignment: Bool
    /// Observations a second that are expected from all users together, to plan with.
    public let expectedRate: Double?

    /// Puts a plan together.
    public init(
        source: Source,
        unit: Unit = .user,
        userWindow: Duration = .seconds(10),
        look: Duration = .milliseconds(200),
        burnIn: Duration = .seconds(10),
        guarantee: Guarantee = Guarantee(),
        checksAssignment: Bool = true,
        expectedRate: Double? = nil
    ) {
        self.source = source
        self.unit = unit
        self.userWindow = userWindow
        self.look = look
        self.burnIn = burnIn
        self.guarantee = guarantee
        self.checksAssignment = checksAssignment
        self.expectedRate = expectedRate
    }

    /// The same plan with shorter waits; looks stay as they are, because traffic does.
    func scaled(by scale: Double) -> ObservationPlan {
        ObservationPlan(
            source: source,
            unit: unit,
            userWindow: userWindow / scale,
            look: look,
            burnIn: burnIn / scale,
            guarantee: guarantee,
            checksAssignment: checksAssignment,
            expectedRate: expectedRate
        )
    }
}

/// What the loader needs to know of a kind of observation source.
public struct ObservationSourceDeclaration: Sendable {
    /// Its name in rollout files, as `json-lines`.
    public let kind: String
    /// What it reads, in one sentence.
    public let summary: String
    /// The keys beside `kind:`.
    public let settings: [Shape.Key]
    /// Whether it says which user each request was of; a histogram does not.
    public let namesUsers: Bool
    /// What is wrong with settings that have the right shape, if anything.
    public let check: @Sendable (Setting) throws(Diagnostic) -> Void

    /// Describes a kind.
    public init(
        kind: String,
        summary: String,
        settings: [Shape.Key],
        namesUsers: Bool,
        check: @escaping @Sendable (Setting) throws(Diagnostic) -> Void = { _ throws(Diagnostic) in }
    ) {
        self.kind = kind
        self.summary = summary
        self.settings = settings
        self.namesUsers = namesUsers
        self.check = check
    }
}

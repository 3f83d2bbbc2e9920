/// Something that has to be true, measured by a probe and judged by its bounds.
public struct Criterion: Hashable, Codable, Sendable {
    /// What the criterion is for; decides at which gates it counts.
    public enum Role: String, Codable, Sendable, CaseIterable {
        /// Holds before anything is changed.
        case precondition
        /// Holds while users are exposed; its failure is observed harm.
        case guarding = "guard"
        /// Holds at the end of the phase.
        case success
        /// Its failure ends the rollout; no waiver covers it.
        case kill
    }

    /// Whether a failure closes the gate or only puts a condition on it.
    public enum Strength: String, Codable, Sendable {
        case must
        case should
    }

    /// What it is compared with by evidence that may be looked at at any time.
    public enum Comparison: String, Codable, Sendable, CaseIterable {
        /// The users who do not see the change, at the same time.
        case control
        /// A fixed limit.
        case limit
    }

    /// Which probe measures, with its settings.
    public struct ProbeSpec: Hashable, Codable, Sendable {
        /// The probe kind.
        public let kind: ProbeName
        /// Its settings, checked against the kind's shape.
        public let settings: Setting

        /// Puts a specification together.
        public init(kind: ProbeName, settings: Setting) {
            self.kind = kind
            self.settings = settings
        }
    }

    /// The conditions on the measured value.
    public struct Bounds: Hashable, Codable, Sendable {
        /// Has to hold (`must:` or `should:`).
        public let demand: Bound?
        /// Must not hold (`fail:`).
        public let failure: Bound?
        /// Is worth a warning when it holds (`warn:`).
        public let warning: Bound?

        /// Puts bounds together; the loader sees to it that there is one.
        public init(demand: Bound? = nil, failure: Bound? = nil, warning: Bound? = nil) {
            self.demand = demand
            self.failure = failure
            self.warning = warning
        }

        /// All that are set.
        public var all: [Bound] { [demand, failure, warning].compactMap(\.self) }
    }

    /// Its name within the phase.
    public let name: CriterionName
    /// What the criterion is for.
    public let role: Role
    /// Whether a failure closes the gate.
    public let strength: Strength
    /// Items of the source document that ask for it.
    public let sources: [String]
    /// Risks that its failure would make real.
    public let risks: [RiskID]
    /// What measures it.
    public let probe: ProbeSpec
    /// The conditions.
    public let bounds: Bounds
    /// The shared threshold the bounds came from, if any.
    public let threshold: ThresholdName?
    /// The phase whose frozen baseline counts; nothing for the phase's own.
    public let baselineOf: PhaseName?
    /// What it is compared with, with a guarantee; nothing for a plain threshold, which has none.
    public let comparison: Comparison?
    /// Failing rounds in a row before a failure counts as one; until then it holds.
    public let confirm: Int
    /// Fewest samples for a reading to count.
    public let minimumSamples: Int
    /// How long a reading stays true after it was taken.
    public let validFor: Duration
    /// How long the probe may take.
    public let deadline: Duration

    /// Puts a criterion together.
    public init(
        name: CriterionName,
        role: Role,
        strength: Strength = .must,
        sources: [String] = [],
        risks: [RiskID] = [],
        probe: ProbeSpec,
        bounds: Bounds,
        threshold: ThresholdName? = nil,
        baselineOf: PhaseName? = nil,
        comparison: Comparison? = nil,
        confirm: Int = 1,
        minimumSamples: Int = 0,
        validFor: Duration = .seconds(60),
        deadline: Duration = .seconds(60)
    ) {
        self.name = name
        self.role = role
        self.strength = strength
        self.sources = sources
        self.risks = risks
        self.probe = probe
        self.bounds = bounds
        self.threshold = threshold
        self.baselineOf = baselineOf
        self.comparison = comparison
        self.confirm = confirm
        self.minimumSamples = minimumSamples
        self.validFor = validFor
        self.deadline = deadline
    }

    /// Whether judging needs a frozen baseline.
    public var needsBaseline: Bool { bounds.all.contains(where: \.needsBaseline) }
}

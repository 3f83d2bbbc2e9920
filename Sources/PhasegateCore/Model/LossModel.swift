/// What it costs when risks become real: how long an outage lasts, and what an hour of it costs.
public struct LossModel: Hashable, Codable, Sendable {
    /// How the same programme would do under other assumptions.
    public struct Scenario: Hashable, Codable, Sendable {
        /// Its name; the draws of the simulation are labelled with it.
        public let name: String
        /// What is assumed, for people.
        public let title: String
        /// The scenario before it whose assumptions it shares, unless it says otherwise.
        public let like: String?
        /// Minutes until somebody notices, responds, and has recovered, where they differ.
        public let stages: Stages
        /// Risks for which something else is assumed.
        public let outages: [Outage]

        /// Puts a scenario together.
        public init(name: String, title: String, like: String? = nil, stages: Stages = Stages(), outages: [Outage] = [])
        {
            self.name = name
            self.title = title
            self.like = like
            self.stages = stages
            self.outages = outages
        }
    }

    /// How long the stages of an outage last, in minutes; nothing where another place says it.
    public struct Stages: Hashable, Codable, Sendable {
        /// Until it is noticed.
        public var detect: Spread?
        /// From then until somebody acts.
        public var respond: Spread?
        /// From then until it is over.
        public var recover: Spread?

        /// Puts stages together.
        public init(detect: Spread? = nil, respond: Spread? = nil, recover: Spread? = nil) {
            self.detect = detect
            self.respond = respond
            self.recover = recover
        }

        /// These, and what these do not say from others.
        public func falling(backTo others: Stages) -> Stages {
            Stages(
                detect: detect ?? others.detect,
                respond: respond ?? others.respond,
                recover: recover ?? others.recover
            )
        }
    }

    /// A risk that is an outage when it becomes real.
    public struct Outage: Hashable, Codable, Sendable {
        /// The risk.
        public let risk: RiskID
        /// How probable it is, in percent; the register's figure where nothing is said here.
        public let percent: Double?
        /// Its own stages, where they differ.
        public let stages: Stages

        /// Puts an outage together.
        public init(_ risk: RiskID, percent: Double? = nil, stages: Stages = Stages()) {
            self.risk = risk
            self.percent = percent
            self.stages = stages
        }
    }

    /// A loss that may be exceeded with a limited chance only.
    public struct Tolerance: Hashable, Codable, Sendable {
        /// The loss, in the currency.
        public let loss: Double
        /// The chance in percent with which it may be exceeded.
        public let atMost: Double

        /// Puts a tolerance together.
        public init(loss: Double, atMost: Double) {
            self.loss = loss
            self.atMost = atMost
        }
    }

    /// A promise about downtime, to be held against what the risks make of it.
    public struct DowntimeLimit: Hashable, Codable, Sendable {
        /// What is promised, for people.
        public let title: String
        /// Minutes of downtime, which must stay below.
        public let minutes: Double
        /// The outages that count; all of them where nothing is said.
        public let risks: [RiskID]
        /// Items of the source document.
        public let sources: [String]

        /// Puts a limit together.
        public init(title: String, minutes: Double, risks: [RiskID] = [], sources: [String] = []) {
            self.title = title
            self.minutes = minutes
            self.risks = risks
            self.sources = sources
        }
    }

    /// The currency, as a word.
    public let currency: String
    /// What an hour of an outage costs: one unknown for all outages of a world.
    public let perHour: Spread
    /// The stages of an outage, unless a scenario or a risk says otherwise.
    public let stages: Stages
    /// The risks that are outages.
    public let outages: [Outage]
    /// What is assumed, in the order of the file; at least one.
    public let scenarios: [Scenario]
    /// What the programme can bear.
    public let tolerances: [Tolerance]
    /// What was promised about downtime.
    public let downtimeLimits: [DowntimeLimit]
    /// Items of the source document.
    public let sources: [String]

    /// Puts a model together.
    public init(
        currency: String,
        perHour: Spread,
        stages: Stages,
        outages: [Outage],
        scenarios: [Scenario],
        tolerances: [Tolerance] = [],
        downtimeLimits: [DowntimeLimit] = [],
        sources: [String] = []
    ) {
        self.currency = currency
        self.perHour = perHour
        self.stages = stages
        self.outages = outages
        self.scenarios = scenarios
        self.tolerances = tolerances
        self.downtimeLimits = downtimeLimits
        self.sources = sources
    }
}

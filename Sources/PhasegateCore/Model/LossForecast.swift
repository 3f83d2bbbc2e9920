/// What a programme may lose under one set of assumptions; money in the model's currency, chances from 0 to 1.
public struct LossForecast: Hashable, Codable, Sendable {
    /// A loss, and the chance that it is exceeded.
    public struct Point: Hashable, Codable, Sendable {
        /// The loss.
        public let loss: Double
        /// The chance of more than that.
        public let chance: Double

        /// Puts a point together.
        public init(loss: Double, chance: Double) {
            self.loss = loss
            self.chance = chance
        }
    }

    /// A loss that a share of the worlds stays at or below.
    public struct Quantile: Hashable, Codable, Sendable {
        /// The share.
        public let share: Double
        /// The loss.
        public let loss: Double

        /// Puts a quantile together.
        public init(share: Double, loss: Double) {
            self.share = share
            self.loss = loss
        }
    }

    /// A tolerance beside the chance that was found.
    public struct Tolerance: Hashable, Codable, Sendable {
        /// What the programme can bear.
        public let declared: LossModel.Tolerance
        /// The chance that the loss is exceeded.
        public let chance: Double
        /// Whether it is at most the one that can be borne.
        public var isKept: Bool { 100 * chance <= declared.atMost }

        /// Puts a comparison together.
        public init(declared: LossModel.Tolerance, chance: Double) {
            self.declared = declared
            self.chance = chance
        }
    }

    /// A promise about downtime beside the chance that it is kept.
    public struct DowntimeLimit: Hashable, Codable, Sendable {
        /// What was promised.
        public let declared: LossModel.DowntimeLimit
        /// The outages that count.
        public let risks: [RiskID]
        /// The chance that downtime stays below the limit.
        public let chanceKept: Double

        /// Puts a comparison together.
        public init(declared: LossModel.DowntimeLimit, risks: [RiskID], chanceKept: Double) {
            self.declared = declared
            self.risks = risks
            self.chanceKept = chanceKept
        }
    }

    /// How much one input moves the result: the mean and the 95 % quantile at its lowest and at its highest value.
    public struct Swing: Hashable, Codable, Sendable {
        /// The input.
        public let input: String
        /// Its lowest value, for people.
        public let low: String
        /// Its highest value.
        public let high: String
        /// The mean loss at the lowest, in closed form.
        public let meanAtLow: Double
        /// The mean loss at the highest.
        public let meanAtHigh: Double
        /// The loss that 95 % of the worlds stay at or below, at the lowest.
        public let p95AtLow: Double
        /// The same at the highest.
        public let p95AtHigh: Double

        /// Puts a swing together.
        public init(
            input: String,
            low: String,
            high: String,
            meanAtLow: Double,
            meanAtHigh: Double,
            p95AtLow: Double,
            p95AtHigh: Double
        ) {
            self.input = input
            self.low = low
            self.high = high
            self.meanAtLow = meanAtLow
            self.meanAtHigh = meanAtHigh
            self.p95AtLow = p95AtLow
            self.p95AtHigh = p95AtHigh
        }
    }

    /// The scenario's name.
    public let scenario: String
    /// What it assumes.
    public let title: String
    /// The currency.
    public let currency: String
    /// How many worlds were drawn.
    public let worlds: Int
    /// From which seed.
    public let seed: UInt64
    /// The mean loss in closed form.
    public let exactMean: Double
    /// The mean loss of the worlds.
    public let mean: Double
    /// The standard error of that.
    public let standardError: Double
    /// The chance of no loss at all, in closed form.
    public let exactChanceOfNothing: Double
    /// The share of the worlds without a loss.
    public let chanceOfNothing: Double
    /// Mean minutes of downtime, in closed form.
    public let exactDowntimeMinutes: Double
    /// Losses at 50, 90, 95 and 99 %.
    public let quantiles: [Quantile]
    /// The mean of the worst 5 % of the worlds.
    public let meanOfWorst: Double
    /// The exceedance curve, by rising loss.
    public let exceedance: [Point]
    /// What the programme can bear.
    public let tolerances: [Tolerance]
    /// What was promised about downtime.
    public let downtimeLimits: [DowntimeLimit]
    /// The inputs that move the mean most, most first.
    public let swings: [Swing]

    /// Puts a forecast together.
    public init(
        scenario: String,
        title: String,
        currency: String,
        worlds: Int,
        seed: UInt64,
        exactMean: Double,
        mean: Double,
        standardError: Double,
        exactChanceOfNothing: Double,
        chanceOfNothing: Double,
        exactDowntimeMinutes: Double,
        quantiles: [Quantile],
        meanOfWorst: Double,
        exceedance: [Point],
        tolerances: [Tolerance],
        downtimeLimits: [DowntimeLimit],
        swings: [Swing]
    ) {
        self.scenario = scenario
        self.title = title
        self.currency = currency
        self.worlds = worlds
        self.seed = seed
        self.exactMean = exactMean
        self.mean = mean
        self.standardError = standardError
        self.exactChanceOfNothing = exactChanceOfNothing
        self.chanceOfNothing = chanceOfNothing
        self.exactDowntimeMinutes = exactDowntimeMinutes
        self.quantiles = quantiles
        self.meanOfWorst = meanOfWorst
        self.exceedance = exceedance
        self.tolerances = tolerances
        self.downtimeLimits = downtimeLimits
        self.swings = swings
    }
}

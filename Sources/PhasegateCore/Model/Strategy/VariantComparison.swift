/// Variants of a change with what they cost and bring.
public struct VariantComparison: Hashable, Codable, Sendable {
    /// One variant; money in the currency, times in hours.
    public struct Variant: Hashable, Codable, Sendable {
        /// Its name.
        public let name: String
        /// What it is, for people.
        public let title: String
        /// All that it costs to make.
        public let cost: Double
        /// What of that is spent again when it has to be taken back and done anew.
        public let migrationCost: Double
        /// What it brings in a year.
        public let benefit: Double
        /// Planned downtime.
        public let downtime: Spread
        /// How long it is down when it has to be taken back.
        public let rollback: Spread
        /// The chance that it has to be taken back, in percent.
        public let failurePercent: Double
        /// The return that the document states, in percent.
        public let declaredReturn: Double?
        /// Items of the source document.
        public let sources: [String]

        /// Puts a variant together.
        public init(
            name: String,
            title: String,
            cost: Double,
            migrationCost: Double,
            benefit: Double,
            downtime: Spread,
            rollback: Spread,
            failurePercent: Double,
            declaredReturn: Double? = nil,
            sources: [String] = []
        ) {
            self.name = name
            self.title = title
            self.cost = cost
            self.migrationCost = migrationCost
            self.benefit = benefit
            self.downtime = downtime
            self.rollback = rollback
            self.failurePercent = failurePercent
            self.declaredReturn = declaredReturn
            self.sources = sources
        }
    }

    /// Something measured or promised of variants, by the variant's name; a variant that is missing was not measured.
    public struct Benchmark: Hashable, Codable, Sendable {
        /// What is measured.
        public let name: String
        /// The values.
        public let values: [String: Quantity]
        /// Items of the source document.
        public let sources: [String]

        /// Puts a benchmark together.
        public init(name: String, values: [String: Quantity], sources: [String] = []) {
            self.name = name
            self.values = values
            self.sources = sources
        }
    }

    /// What every variant is meant to reach.
    public struct Target: Hashable, Codable, Sendable {
        /// What is meant.
        public let title: String
        /// The condition.
        public let bound: Bound
        /// The benchmarks it is held against.
        public let benchmarks: [String]
        /// Items of the source document.
        public let sources: [String]

        /// Puts a target together.
        public init(title: String, bound: Bound, benchmarks: [String], sources: [String] = []) {
            self.title = title
            self.bound = bound
            self.benchmarks = benchmarks
            self.sources = sources
        }
    }

    /// The currency.
    public let currency: String
    /// What an hour of downtime costs.
    public let perHour: Spread
    /// The variants.
    public let variants: [Variant]
    /// What was measured of them.
    public let benchmarks: [Benchmark]
    /// What they are meant to reach.
    public let targets: [Target]

    /// Puts a comparison together.
    public init(
        currency: String,
        perHour: Spread,
        variants: [Variant],
        benchmarks: [Benchmark] = [],
        targets: [Target] = []
    ) {
        self.currency = currency
        self.perHour = perHour
        self.variants = variants
        self.benchmarks = benchmarks
        self.targets = targets
    }
}

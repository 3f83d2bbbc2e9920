/// What a probe measured in one go: one value, or one per part (table, query).
public struct Measurement: Hashable, Codable, Sendable {
    /// One value with what it belongs to.
    public struct Part: Hashable, Codable, Sendable {
        /// What the value belongs to, as a table's name; empty when there is only one.
        public let name: String
        /// The value.
        public let quantity: Quantity

        /// Puts a part together.
        public init(_ name: String, _ quantity: Quantity) {
            self.name = name
            self.quantity = quantity
        }
    }

    /// A confidence interval of the single value, in its unit.
    public struct Interval: Hashable, Codable, Sendable {
        /// Lower end.
        public let low: Double
        /// Upper end.
        public let high: Double
        /// Confidence level, as 0.95.
        public let confidence: Double

        /// The upper end of an interval that has none: a ledger holds no infinities.
        public static let unbounded = Double.greatestFiniteMagnitude
        /// Both ends, as `0.95 … 1.11`.
        public var ends: String { "\(shortDecimal(low)) … \(high < 1e300 ? shortDecimal(high) : "∞")" }

        /// Puts an interval together.
        public init(low: Double, high: Double, confidence: Double) {
            self.low = low
            self.high = high
            self.confidence = confidence
        }
    }

    /// A value below which a share of the observations lies, in the unit of the measurement.
    public struct Quantile: Hashable, Codable, Sendable {
        /// The share in percent, as 95.
        public let percent: Double
        /// The value.
        public let value: Double

        /// Puts a quantile together.
        public init(percent: Double, value: Double) {
            self.percent = percent
            self.value = value
        }
    }

    /// The values; never empty.
    public let parts: [Part]
    /// How many observations are behind them.
    public let samples: Int?
    /// How sure the single value is.
    public let interval: Interval?
    /// The query as it ran, parameters filled in.
    public let resolvedQuery: String?
    /// What else is worth knowing, one fact a line; bounded by the probe.
    public let notes: [String]
    /// How the observations are distributed, ascending, where the probe knows; judged by nobody, drawn in reports.
    public let quantiles: [Quantile]?
    /// What a comparison rests on, where the criterion is compared.
    public let evidence: SequentialEvidence?

    /// One value.
    public init(
        _ quantity: Quantity,
        samples: Int? = nil,
        interval: Interval? = nil,
        resolvedQuery: String? = nil,
        notes: [String] = [],
        quantiles: [Quantile]? = nil,
        evidence: SequentialEvidence? = nil
    ) {
        self.init(
            parts: [Part("", quantity)],
            samples: samples,
            interval: interval,
            resolvedQuery: resolvedQuery,
            notes: notes,
            quantiles: quantiles,
            evidence: evidence
        )
    }

    /// Several values.
    public init(
        parts: [Part],
        samples: Int? = nil,
        interval: Interval? = nil,
        resolvedQuery: String? = nil,
        notes: [String] = [],
        quantiles: [Quantile]? = nil,
        evidence: SequentialEvidence? = nil
    ) {
        self.parts = parts
        self.samples = samples
        self.interval = interval
        self.resolvedQuery = resolvedQuery
        self.notes = notes
        self.quantiles = quantiles
        self.evidence = evidence
    }

    /// The value of a part.
    public func quantity(of part: String) -> Quantity? { parts.first { $0.name == part }?.quantity }
}

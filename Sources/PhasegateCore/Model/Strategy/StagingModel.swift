/// What exposing users step by step is worth, as against all at once.
public struct StagingModel: Hashable, Codable, Sendable {
    /// A kind of defect.
    public struct DefectClass: Hashable, Codable, Sendable {
        /// Its name.
        public let name: String
        /// How many of the defects are of this kind, in percent.
        public let percent: Double
        /// Within how many minutes it shows itself for the first time, any moment being alike; 0 for at once.
        public let onsetMinutes: Double
        /// Whether it shows itself under the whole load only.
        public let needsFullLoad: Bool

        /// Puts a kind together.
        public init(name: String, percent: Double, onsetMinutes: Double = 0, needsFullLoad: Bool = false) {
            self.name = name
            self.percent = percent
            self.onsetMinutes = onsetMinutes
            self.needsFullLoad = needsFullLoad
        }
    }

    /// The currency.
    public let currency: String
    /// What an hour costs when all users are exposed.
    public let perHour: Spread
    /// How long it takes until it is noticed at the latest, until somebody acts, until it is over, in minutes.
    public let stages: LossModel.Stages
    /// Operations a minute of all users.
    public let operationsPerMinute: Double
    /// The share of exposed operations that leave a sign that is counted, from 0 to 1.
    public let visibility: Double
    /// How many signs are needed.
    public let signs: Int
    /// The steps, in basis points, ascending to all.
    public let steps: [BasisPoints]
    /// How long each step is watched before the next, in minutes.
    public let soakMinutes: Double
    /// The kinds of defects; their percentages make 100.
    public let classes: [DefectClass]
    /// The chance that a change has a defect at all, in percent.
    public let defectPercent: Double
    /// What coordinating the steps costs.
    public let coordination: Double
    /// Items of the source document.
    public let sources: [String]

    /// Puts a model together.
    public init(
        currency: String,
        perHour: Spread,
        stages: LossModel.Stages,
        operationsPerMinute: Double,
        visibility: Double,
        signs: Int,
        steps: [BasisPoints],
        soakMinutes: Double,
        classes: [DefectClass],
        defectPercent: Double,
        coordination: Double = 0,
        sources: [String] = []
    ) {
        self.currency = currency
        self.perHour = perHour
        self.stages = stages
        self.operationsPerMinute = operationsPerMinute
        self.visibility = visibility
        self.signs = signs
        self.steps = steps
        self.soakMinutes = soakMinutes
        self.classes = classes
        self.defectPercent = defectPercent
        self.coordination = coordination
        self.sources = sources
    }
}

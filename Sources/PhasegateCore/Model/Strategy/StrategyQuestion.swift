/// A decision between ways to go, with what speaks for and against each.
public struct StrategyQuestion: Hashable, Codable, Sendable {
    /// One way to go.
    public struct Option: Hashable, Codable, Sendable {
        /// Its name.
        public let name: String
        /// What it is, for people.
        public let title: String

        /// Puts an option together.
        public init(name: String, title: String) {
            self.name = name
            self.title = title
        }
    }

    /// Something the options differ in.
    public struct Factor: Hashable, Codable, Sendable {
        /// What it is.
        public let name: String
        /// How much it matters: a word of the scale of impacts.
        public let impact: String
        /// How bad each option is in it, by the option's name: a word of the scale of levels.
        public let levels: [String: String]
        /// Items of the source document.
        public let sources: [String]

        /// Puts a factor together.
        public init(name: String, impact: String, levels: [String: String], sources: [String] = []) {
            self.name = name
            self.impact = impact
            self.levels = levels
            self.sources = sources
        }
    }

    /// The factors as one part of the document has them; documents contradict themselves.
    public struct Version: Hashable, Codable, Sendable {
        /// Its name.
        public let name: String
        /// Where it comes from, for people.
        public let title: String
        /// The factors.
        public let factors: [Factor]

        /// Puts a version together.
        public init(name: String, title: String, factors: [Factor]) {
            self.name = name
            self.title = title
            self.factors = factors
        }
    }

    /// Its name.
    public let name: String
    /// What is to be decided.
    public let title: String
    /// Items of the source document.
    public let sources: [String]
    /// The ways to go, at least two, or none where only variants are compared.
    public let options: [Option]
    /// Words for how bad an option is, the best first.
    public let levels: [String]
    /// Words for how much a factor matters, the least first.
    public let impacts: [String]
    /// The option that the document recommends.
    public let declared: String?
    /// The factors, as each part of the document has them.
    public let versions: [Version]
    /// What staged exposure saves, where that is a part of the question.
    public let staging: StagingModel?
    /// Variants with costs and benefits, where that is a part of the question.
    public let variants: VariantComparison?

    /// Puts a question together.
    public init(
        name: String,
        title: String,
        sources: [String] = [],
        options: [Option] = [],
        levels: [String] = [],
        impacts: [String] = [],
        declared: String? = nil,
        versions: [Version] = [],
        staging: StagingModel? = nil,
        variants: VariantComparison? = nil
    ) {
        self.name = name
        self.title = title
        self.sources = sources
        self.options = options
        self.levels = levels
        self.impacts = impacts
        self.declared = declared
        self.versions = versions
        self.staging = staging
        self.variants = variants
    }
}

public import PhasegateCore

/// All that can be said of a decision.
public struct StrategyComparison: Hashable, Codable, Sendable {
    /// What the factors say of an option as against another.
    public struct Contest: Hashable, Codable, Sendable {
        /// The option that is examined.
        public let favoured: String
        /// The one it is held against.
        public let other: String
        /// By each version of the factors.
        public let verdicts: [FactorVerdict]

        /// Whether it has the better score by every version.
        public var isWon: Bool { !verdicts.isEmpty && verdicts.allSatisfy(\.favours) }
    }

    /// The decision.
    public let decision: String
    /// What the document recommends.
    public let declared: String?
    /// The recommended option, or else the first, against each of the others.
    public let contests: [Contest]
    /// What staged exposure saves.
    public let staging: StagingVerdict?
    /// What the variants come to.
    public let variants: [VariantVerdict]

    /// Whether the factors contradict what the document recommends; nothing where they do not say.
    public var disagrees: Bool? {
        guard declared != nil, !contests.isEmpty else { return nil }
        return !contests.allSatisfy(\.isWon)
    }

    /// Compares.
    public init(of question: StrategyQuestion) {
        decision = question.name
        declared = question.declared
        let favoured = question.declared ?? question.options.first?.name
        contests =
            question.versions.isEmpty
            ? []
            : question.options.filter { $0.name != favoured }.map { other in
                Contest(
                    favoured: favoured ?? "",
                    other: other.name,
                    verdicts: question.versions.compactMap { version in
                        weigh(version, of: question, favouring: favoured ?? "", over: other.name)
                    }
                )
            }
        staging = question.staging.map { weigh($0) }
        variants = question.variants.map { weigh($0) } ?? []
    }
}

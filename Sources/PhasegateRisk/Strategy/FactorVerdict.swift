public import PhasegateCore

/// What a version's factors say of two options.
public struct FactorVerdict: Hashable, Codable, Sendable {
    /// The version.
    public let version: String
    /// Whether the favoured option wins under every scale and weighting that keeps the order of the words.
    public let dominates: Bool
    /// The mean scores of the favoured option and of the other, with words as 1, 2, 3 and impacts as weights; lower is better.
    public let favouredScore: Double
    /// The other option's.
    public let otherScore: Double
    /// How many times more the drawbacks of the favoured option would have to weigh for the other to draw level; nothing
    /// where it has none.
    public let flipWeight: Double?
    /// Factors in which the other option is better.
    public let drawbacks: [String]
    /// Factors without any of which the other would win.
    public let decisive: [String]
    /// The share of weightings, any alike, in which the favoured option wins.
    public let shareOfWeightings: Double

    /// Whether the favoured option has the better score.
    public var favours: Bool { favouredScore < otherScore }
}

/// Weighs a version's factors.
///
/// Dominance is decided exactly. With scales and weights that only keep the
/// order of their words, the difference of the scores is a sum of increments
/// that are at least 0, one for each step of either scale; it is never negative
/// just when no increment counts against the option.
///
/// - Parameters:
///   - version: the factors.
///   - question: the scales.
///   - favoured: the option to be examined.
///   - other: the one it is held against.
/// - Returns: nothing when a factor has a word that is not on its scale.
public func weigh(
    _ version: StrategyQuestion.Version,
    of question: StrategyQuestion,
    favouring favoured: String,
    over other: String
) -> FactorVerdict? {
    var rows: [FactorRow] = []
    for factor in version.factors {
        guard let mine = factor.levels[favoured].flatMap(question.levels.firstIndex),
            let theirs = factor.levels[other].flatMap(question.levels.firstIndex),
            let impact = question.impacts.firstIndex(of: factor.impact)
        else { return nil }
        rows.append(FactorRow(name: factor.name, weight: Double(impact + 1), mine: mine, theirs: theirs))
    }
    let weights = rows.reduce(0) { $0 + $1.weight }
    guard weights > 0 else { return nil }
    let gain = rows.filter { $0.advantage > 0 }.reduce(0) { $0 + $1.weight * $1.advantage }
    let loss = rows.filter { $0.advantage < 0 }.reduce(0) { $0 - $1.weight * $1.advantage }
    return FactorVerdict(
        version: version.name,
        dominates: dominates(rows, levels: question.levels.count, impacts: question.impacts.count),
        favouredScore: rows.reduce(0) { $0 + $1.weight * Double($1.mine + 1) } / weights,
        otherScore: rows.reduce(0) { $0 + $1.weight * Double($1.theirs + 1) } / weights,
        flipWeight: loss > 0 ? gain / loss : nil,
        drawbacks: rows.filter { $0.advantage < 0 }.map(\.name),
        decisive: rows.filter { row in
            let rest = rows.filter { $0.name != row.name }
            return rest.reduce(0) { $0 + $1.weight * $1.advantage } <= 0
        }
        .map(\.name),
        shareOfWeightings: shareOfWeightings(rows)
    )
}

/// A factor with its words as numbers.
private struct FactorRow {
    let name: String
    let weight: Double
    let mine: Int
    let theirs: Int

    /// By how much the favoured option is better.
    var advantage: Double { Double(theirs - mine) }
}

private func dominates(_ rows: [FactorRow], levels: Int, impacts: Int) -> Bool {
    var isBetter = false
    for level in 1..<max(2, levels) {
        for impact in 1...max(1, impacts) {
            let difference = rows.filter { $0.weight >= Double(impact) }.reduce(0) { sum, row in
                sum + (row.theirs >= level ? 1 : 0) - (row.mine >= level ? 1 : 0)
            }
            if difference < 0 { return false }
            if difference > 0 { isBetter = true }
        }
    }
    return isBetter
}

/// Weights drawn from the flat Dirichlet distribution, which takes no notice of the impacts.
private func shareOfWeightings(_ rows: [FactorRow]) -> Double {
    let count = 20_000
    let draws = rows.map { PortableDraws("weight/\($0.name)", seed: 20_250_825) }
    let wins = (0..<count).count { number in
        zip(rows, draws).reduce(0) { $0 - logarithm(1 - $1.1[number]) * $1.0.advantage } > 0
    }
    return Double(wins) / Double(count)
}

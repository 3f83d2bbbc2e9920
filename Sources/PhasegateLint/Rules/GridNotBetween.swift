public import PhasegateCore

/// A small step on the scales must not jump over a level (Cox's betweenness).
public struct GridNotBetween: LintRule {
    /// The rule's name.
    public static let name = "grid-not-between"

    /// Makes the rule.
    public init() {}

    /// Finds a lowest level that touches a highest one although there is a level between them.
    public func findings(in rollout: Rollout, places: [String: Place]) -> [Diagnostic] {
        let grid = RankedGrid(rollout.register.grid)
        guard grid.highestRank >= 2 else { return [] }
        return grid.neighbours.compactMap { first, second in
            guard min(first.rank, second.rank) == 0, max(first.rank, second.rank) == grid.highestRank else {
                return nil
            }
            return Diagnostic(
                .warning,
                rule: Self.name,
                "\(first.description) touches \(second.description), with no level between them",
                hint: "one step on a scale should not jump from the lowest level to the highest",
                at: places["grid"]
            )
        }
    }
}

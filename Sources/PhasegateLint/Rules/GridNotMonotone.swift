public import PhasegateCore

/// A likelier or severer risk must not get a lower level.
public struct GridNotMonotone: LintRule {
    /// The rule's name.
    public static let name = "grid-not-monotone"

    /// Makes the rule.
    public init() {}

    /// Finds neighbouring cells whose levels fall where likelihood or impact grows.
    public func findings(in rollout: Rollout, places: [String: Place]) -> [Diagnostic] {
        let grid = RankedGrid(rollout.register.grid)
        return grid.neighbours.compactMap { first, second in
            guard first.rank > second.rank else { return nil }
            return Diagnostic(
                rule: Self.name,
                "\(second.description) is worse than \(first.description), but has a lower level",
                hint: "a level must not fall where likelihood or impact grows",
                at: places["grid"]
            )
        }
    }
}

public import PhasegateCore

/// Whoever says where notices go should say it for each level.
public struct UnroutedLevel: LintRule {
    /// The rule's name.
    public static let name = "unrouted-level"

    /// Makes the rule.
    public init() {}

    /// Finds levels that no route takes; for the highest one it is an error.
    public func findings(in rollout: Rollout, places: [String: Place]) -> [Diagnostic] {
        let routes = rollout.notices.routes
        let levels = rollout.register.grid.levels
        guard !routes.isEmpty else { return [] }
        return levels.filter { level in !routes.contains { $0.levels.isEmpty || $0.levels.contains(level) } }.map {
            Diagnostic(
                $0 == levels.last ? .error : .warning,
                rule: Self.name,
                "no route takes notices of level '\($0)', so they go to every channel",
                hint: "name the level in a route, or add a route without 'levels'",
                at: places["notices/routes"]
            )
        }
    }
}

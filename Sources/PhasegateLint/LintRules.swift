public import PhasegateCore

/// The rules there are.
public enum LintRules {
    /// All of them, in the order in which they are applied.
    ///
    /// To add a rule, add its file and a line here.
    public static let builtIn: [any LintRule] = [
        PhaseWithoutCriteria(),
        SoakWithoutGuards(),
        CompensationMissing(),
        UnassignedRisk(),
        ThresholdBeforeProvider(),
        BaselineBeforePhase(),
        GridNotMonotone(),
        GridNotBetween(),
        GridBands(),
        RiskLevelDisagrees(),
        TargetAboveCurrent(),
        IncompleteAlert(),
        EscalationWindow(),
        UnresolvedRole(),
        UnroutedLevel(),
        UnusedTarget(),
        UnusedWorkload(),
        UnusedThreshold(),
        UnusedFlag(),
        ComponentNeverProvided(),
    ]
}

/// Applies every rule to a rollout.
///
/// - Parameters:
///   - rollout: what was loaded; after errors, as much of it as could be read.
///   - places: where things stand, by path as `phases/NAME`.
/// - Returns: all findings, by place.
public func lint(_ rollout: Rollout, places: [String: Place]) -> [Diagnostic] {
    Diagnostics(LintRules.builtIn.flatMap { $0.findings(in: rollout, places: places) }).all
}

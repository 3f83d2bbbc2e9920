/// What is known about a step of a ramp.
public enum StepDecision: String, Codable, Hashable, Sendable, CaseIterable {
    /// Users do not reach the arms as planned, so that no comparison means anything: hold, and look into it.
    case invalid
    /// A criterion is shown to be violated: roll back.
    case fail
    /// Every criterion is shown to be met: go on to the next step.
    case pass
    /// Time is up without either: a person decides; never promote.
    case hold
    /// Nothing is shown yet: go on measuring.
    case undecided
}

/// Decides on a step, in the order of F13 of docs/statistics.md.
///
/// - Parameters:
///   - criteria: where each criterion stands; without any, nothing passes.
///   - sampleRatio: the largest ln E of a wrong assignment there was; nothing where there is no second arm.
///   - sampleRatioLevel: the level at which the assignment counts as wrong.
///   - isSoaked: whether the step has lasted its minimum soak.
///   - isDue: whether its deadline is reached.
/// - Returns: the first that holds of `StepDecision`'s cases, in their order.
public func decide(
    _ criteria: [CriterionStanding],
    sampleRatio: Double?,
    sampleRatioLevel: Double,
    isSoaked: Bool,
    isDue: Bool
) -> StepDecision {
    if let sampleRatio, sampleRatio >= threshold(at: sampleRatioLevel) { return .invalid }
    if criteria.contains(where: \.hasFailed) { return .fail }
    if isSoaked, !criteria.isEmpty, criteria.allSatisfy(\.passesNow) { return .pass }
    return isDue ? .hold : .undecided
}

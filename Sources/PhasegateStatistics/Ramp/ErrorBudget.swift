/// How the chance to roll back wrongly is split over criteria and steps (F12 of docs/statistics.md).
///
/// Nothing is spent on looks. A pass needs no split over criteria: to promote
/// wrongly, the criterion that is violated has to be shown below its limit
/// itself. Fixed before the ramp; a step that spent nothing gives nothing back.
public struct ErrorBudget: Hashable, Sendable {
    /// The chance to roll back a ramp whose criteria all keep to their limits, at most; 0.05.
    public let falseRollback: Double
    /// The chance to promote a step with a criterion beyond its limit, at most, for each step; 0.05.
    public let falsePromotion: Double
    /// The chance to call the assignment wrong although it is as planned; 0.01, apart from the others.
    public let falseInvalid: Double
    /// Weights of the criteria, then of the steps.
    public let criterionWeights, stepWeights: [Double]

    /// A budget for so many criteria and steps.
    ///
    /// - Parameters:
    ///   - criterionWeights: one positive number for each criterion.
    ///   - stepWeights: one positive number for each step.
    ///   - falseRollback: for the whole ramp.
    ///   - falsePromotion: for each step.
    ///   - falseInvalid: for the whole ramp.
    /// - Throws: `StatisticsError.shareOutOfRange`, `notPositive` or `malformedList`.
    public init(
        criterionWeights: [Double],
        stepWeights: [Double],
        falseRollback: Double = 0.05,
        falsePromotion: Double = 0.05,
        falseInvalid: Double = 0.01
    ) throws(StatisticsError) {
        self.falseRollback = try OpenShare(falseRollback).value
        self.falsePromotion = try OpenShare(falsePromotion).value
        self.falseInvalid = try OpenShare(falseInvalid).value
        guard (1...10_000).contains(criterionWeights.count), (1...10_000).contains(stepWeights.count) else {
            throw .malformedList
        }
        for weight in criterionWeights + stepWeights { _ = try PositiveNumber(weight) }
        self.criterionWeights = criterionWeights
        self.stepWeights = stepWeights
    }

    /// The level at which a criterion fails in a step.
    ///
    /// - Returns: 0, at which nothing can be shown, for a criterion or a step that there is not.
    public func failLevel(criterion: Int, step: Int) -> Double {
        guard criterionWeights.indices.contains(criterion), stepWeights.indices.contains(step) else { return 0 }
        return falseRollback * criterionWeights[criterion] / criterionWeights.reduce(0, +) * stepWeights[step]
            / stepWeights.reduce(0, +)
    }

    /// The level at which every criterion has to be shown below its limit for a step to pass.
    public var passLevel: Double { falsePromotion }

    /// The pass level that makes `falsePromotion` hold for all steps of the ramp together.
    public var passLevelForWholeRamp: Double { falsePromotion / Double(stepWeights.count) }
}

extension ErrorBudget: Codable {
    private enum CodingKeys: String, CodingKey {
        case falseRollback, falsePromotion, falseInvalid, criterionWeights, stepWeights
    }

    /// Reads a budget back.
    ///
    /// - Throws: `StatisticsError` for one that could not have been made.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        try self.init(
            criterionWeights: container.decode([Double].self, forKey: .criterionWeights),
            stepWeights: container.decode([Double].self, forKey: .stepWeights),
            falseRollback: container.decode(Double.self, forKey: .falseRollback),
            falsePromotion: container.decode(Double.self, forKey: .falsePromotion),
            falseInvalid: container.decode(Double.self, forKey: .falseInvalid)
        )
    }
}

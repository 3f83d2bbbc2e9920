import PhasegateCore
import PhasegateStatistics

/// What the judging of one step is fixed to before it begins.
struct StepPlan: Sendable {
    /// The criteria that are observed, compared or not, in the order of the gate.
    let criteria: [Criterion]
    /// How users are observed.
    let observation: ObservationPlan
    /// The share of users who are to see the candidate, above 0 and at most 1.
    let candidateShare: Double
    /// Whether there is a second arm.
    var hasControl: Bool { candidateShare < 1 }
    /// The level at which each criterion fails; nothing for one that is not compared.
    let failLevels: [CriterionName: Double]
    /// The level at which the step passes.
    let passLevel: Double
    /// The level at which the assignment counts as wrong.
    let invalidLevel: Double
    /// When the search for late regressions starts anew.
    let restarts: RestartSchedule
    /// How often the step has been begun, this time included.
    let beginning: Int

    /// Plans a step.
    ///
    /// - Parameters:
    ///   - gate: the gate of the step.
    ///   - phase: the phase with the ramp.
    ///   - observation: how users are observed.
    ///   - beginning: from 1; each spends a sixteenth of what the one before did.
    /// - Throws: `StatisticsError` for chances that are none.
    init(
        gate: Gate,
        of phase: Phase,
        _ observation: ObservationPlan,
        beginning: Int
    ) throws(StatisticsError) {
        criteria = gate.criteria.filter { ObservedValue(of: $0) != nil }
        self.observation = observation
        self.beginning = beginning
        let shares = phase.ramp?.shares ?? []
        let step: Int
        if case .exposed(let share) = gate.position, let index = shares.firstIndex(of: share) {
            step = index
            candidateShare = share.percent / 100
        } else {
            step = 0
            candidateShare = 1
        }
        let compared = phase.criteria.filter { $0.comparison != nil }
        let budget = try ErrorBudget(
            criterionWeights: compared.isEmpty ? [1] : compared.map { _ in 1 },
            stepWeights: shares.isEmpty ? [1] : shares.map { _ in 1 },
            falseRollback: observation.guarantee.falseRollback,
            falsePromotion: observation.guarantee.falsePromotion,
            falseInvalid: observation.guarantee.falseInvalid
        )
        let part = Self.part(ofBeginning: beginning)
        var levels: [CriterionName: Double] = [:]
        for (index, criterion) in compared.enumerated() {
            levels[criterion.name] = part * budget.failLevel(criterion: index, step: step)
        }
        failLevels = levels
        passLevel = part * budget.falsePromotion
        invalidLevel = part * budget.falseInvalid / Double(max(1, shares.count))
        let looks = Int(min(gate.clock.timeout / observation.look, 1e6))
        let count = min(60, looks / 10)
        restarts = count > 0 ? try RestartSchedule(every: max(10, looks / 60), count: count) : .none
    }

    /// What part of a level a beginning may spend: all of them together spend the level.
    static func part(ofBeginning beginning: Int) -> Double {
        var part = 15.0 / 16
        for _ in 1..<max(1, min(beginning, 200)) { part /= 16 }
        return part
    }
}

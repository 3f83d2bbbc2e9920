import PhasegateStatistics
import Testing

@Suite("decision on a step")
struct StepDecisionTests {
    private func standing(fail: Double? = 0, pass: Double? = 0) -> CriterionStanding {
        CriterionStanding(peakFailEvidence: fail, failLevel: 0.01, passEvidence: pass, passLevel: 0.05)
    }

    private var passing: CriterionStanding { standing(pass: 3) }
    private var failing: CriterionStanding { standing(fail: 5) }

    private func decision(
        _ criteria: [CriterionStanding],
        sampleRatio: Double? = 0,
        isSoaked: Bool = true,
        isDue: Bool = false
    ) -> StepDecision {
        decide(criteria, sampleRatio: sampleRatio, sampleRatioLevel: 0.01, isSoaked: isSoaked, isDue: isDue)
    }

    @Test func takesTheFirstThatHolds() {
        #expect(decision([failing, passing], sampleRatio: 5, isDue: true) == .invalid)
        #expect(decision([failing, passing], isDue: true) == .fail)
        #expect(decision([passing, passing], isDue: true) == .pass)
        #expect(decision([passing, standing()], isDue: true) == .hold)
        #expect(decision([passing, standing()]) == .undecided)
    }

    @Test func failsBeforeItPasses() {
        #expect(decision([standing(fail: 5, pass: 9)]) == .fail)
    }

    @Test func needsEveryCriterionAndTheSoakToPass() {
        #expect(decision([passing]) == .pass)
        #expect(decision([passing], isSoaked: false) == .undecided)
        #expect(decision([passing, standing(pass: 2.99)]) == .undecided)
        #expect(decision([passing, standing(pass: nil)]) == .undecided)
        #expect(decision([passing], sampleRatio: nil) == .pass)
    }

    @Test func neverPassesWithoutACriterion() {
        #expect(decision([]) == .undecided)
        #expect(decision([], isDue: true) == .hold)
    }

    @Test func reachesAThresholdExactly() {
        #expect(decision([standing(pass: threshold(at: 0.05))]) == .pass)
        #expect(decision([standing(pass: threshold(at: 0.05).nextDown)]) == .undecided)
        #expect(decision([standing(fail: threshold(at: 0.01))]) == .fail)
        #expect(decision([standing(fail: threshold(at: 0.01).nextDown)]) == .undecided)
        #expect(decision([passing], sampleRatio: threshold(at: 0.01)) == .invalid)
        #expect(decision([passing], sampleRatio: threshold(at: 0.01).nextDown) == .pass)
    }

    @Test(arguments: [0, 1, -1, 2, Double.nan, .infinity, -.infinity])
    func showsNothingAtALevelThatIsNone(level: Double) {
        let criterion = CriterionStanding(
            peakFailEvidence: 1e300,
            failLevel: level,
            passEvidence: 1e300,
            passLevel: level
        )
        #expect(decision([criterion], isDue: true) == .hold)
        #expect(
            decide([passing], sampleRatio: 1e300, sampleRatioLevel: level, isSoaked: true, isDue: false) == .pass
        )
    }

    @Test func takesNotANumberForNothing() {
        #expect(decision([standing(fail: .nan, pass: .nan)]) == .undecided)
        #expect(decision([passing, standing(fail: .nan, pass: .nan)], isDue: true) == .hold)
        #expect(decision([standing(fail: nil, pass: nil)], sampleRatio: .nan) == .undecided)
    }

    @Test func keepsAFailureButNotAPass() throws {
        var failing = try RateEvidence(limit: 0.01, direction: .above)
        var passing = try RateEvidence(limit: 0.02, direction: .below)
        func now(isCurrent: Bool = true) -> StepDecision {
            decision([
                CriterionStanding(
                    failing: failing,
                    failLevel: 0.01,
                    passing: passing,
                    passLevel: 0.05,
                    isCurrent: isCurrent
                )
            ])
        }
        func observe(_ events: Int, _ trials: Int) throws {
            try failing.observe(ArmCounts(events: events, trials: trials))
            try passing.observe(ArmCounts(events: events, trials: trials))
        }
        try observe(0, 400)
        #expect(now() == .pass)
        #expect(now(isCurrent: false) == .undecided)
        try observe(9, 300)
        #expect(now() == .undecided)
        try observe(20, 100)
        #expect(now() == .fail)
        try observe(0, 100_000)
        #expect(failing.logEvidence < 0)
        #expect(now() == .fail)
        #expect(now(isCurrent: false) == .fail)
    }
}

@Suite("error budget")
struct ErrorBudgetTests {
    @Test func spendsExactlyWhatThereIs() throws {
        let budget = try ErrorBudget(criterionWeights: [1, 2, 5], stepWeights: [1, 1, 2], falseRollback: 0.04)
        var sum = 0.0
        for criterion in 0..<3 {
            for step in 0..<3 { sum += budget.failLevel(criterion: criterion, step: step) }
        }
        #expect(isClose(sum, 0.04))
        #expect(isClose(budget.failLevel(criterion: 2, step: 2), 0.04 * 5 / 8 / 2))
        #expect(budget.passLevel == 0.05)
        #expect(isClose(budget.passLevelForWholeRamp, 0.05 / 3))
    }

    @Test func givesNothingToWhatThereIsNot() throws {
        let budget = try ErrorBudget(criterionWeights: [1], stepWeights: [1])
        for (criterion, step) in [(1, 0), (0, 1), (-1, 0), (0, .min)] {
            #expect(budget.failLevel(criterion: criterion, step: step) == 0)
        }
        #expect(threshold(at: 0) == .infinity)
    }

    @Test func refusesWhatIsNone() {
        #expect(throws: StatisticsError.malformedList) { try ErrorBudget(criterionWeights: [], stepWeights: [1]) }
        #expect(throws: StatisticsError.malformedList) { try ErrorBudget(criterionWeights: [1], stepWeights: []) }
        for weight in [0, -1, Double.nan, .infinity] {
            #expect(throws: StatisticsError.notPositive) {
                try ErrorBudget(criterionWeights: [1, weight], stepWeights: [1])
            }
            #expect(throws: StatisticsError.shareOutOfRange) {
                try ErrorBudget(criterionWeights: [1], stepWeights: [1], falseRollback: weight)
            }
            #expect(throws: StatisticsError.shareOutOfRange) {
                try ErrorBudget(criterionWeights: [1], stepWeights: [1], falsePromotion: weight)
            }
            #expect(throws: StatisticsError.shareOutOfRange) {
                try ErrorBudget(criterionWeights: [1], stepWeights: [1], falseInvalid: weight)
            }
        }
    }
}

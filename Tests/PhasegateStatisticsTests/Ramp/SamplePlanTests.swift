import PhasegateStatistics
import Testing

/// Expected values by mpmath with 50 digits, searched from the formulas of the evidence.
@Suite("planning")
struct SamplePlanTests {
    @Test(arguments: [(0.01, 455), (0.005, 911), (0.001, 4563)])
    func knowsTheFewestTrialsForARate(limit: Double, expected: Int) throws {
        #expect(try SamplePlan.fewestTrials(rateBelow: limit, level: 0.05) == expected)
        for (trials, isShown) in [(expected, true), (expected - 1, false)] {
            var evidence = try RateEvidence(limit: limit, direction: .below)
            try evidence.observe(ArmCounts(events: 0, trials: trials))
            #expect((evidence.logEvidence >= threshold(at: 0.05)) == isShown)
        }
    }

    @Test func knowsTheFewestPerfectAnswers() throws {
        #expect(try SamplePlan.fewestPerfect(meanAbove: 0.85, level: 0.05) == 37)
        for (answers, isShown) in [(37, true), (36, false)] {
            var evidence = try MeanEvidence(limit: 0.85, direction: .above, values: [0, 1])
            try evidence.observe(1, times: answers)
            #expect((evidence.logEvidence >= threshold(at: 0.05)) == isShown)
        }
    }

    @Test(arguments: [(0.05, 1879), (0.25, 431), (0.5, 275)])
    func knowsTheFewestRequestsForAPercentile(share: Double, expected: Int) throws {
        #expect(try SamplePlan.fewestRequests(candidateShare: share, level: 0.05) == expected)
    }

    @Test func estimatesByTheDivergence() throws {
        #expect(try SamplePlan.samples(rate: 0.12, limit: 0.05, level: 0.01) == 189)
        #expect(try SamplePlan.requests(candidateShare: 0.05, slowCandidate: 0.12, level: 0.01) == 4351)
    }

    @Test func hasNoPlanForNothing() {
        #expect(throws: StatisticsError.nothingToShow) {
            try SamplePlan.samples(rate: 0.05, limit: 0.05, level: 0.01)
        }
        for none in [0, 1, -1, Double.nan, .infinity] {
            #expect(throws: StatisticsError.shareOutOfRange) {
                try SamplePlan.samples(rate: none, limit: 0.05, level: 0.01)
            }
            #expect(throws: StatisticsError.shareOutOfRange) {
                try SamplePlan.requests(candidateShare: 0.5, slowCandidate: 0.1, level: none)
            }
            #expect(throws: StatisticsError.shareOutOfRange) {
                try SamplePlan.fewestTrials(rateBelow: none, level: 0.05)
            }
            #expect(throws: StatisticsError.shareOutOfRange) {
                try SamplePlan.fewestPerfect(meanAbove: 0.85, level: none)
            }
            #expect(throws: StatisticsError.shareOutOfRange) {
                try SamplePlan.fewestRequests(candidateShare: none, level: 0.05)
            }
        }
    }
}

@Suite("minimum soak")
struct MinimumSoakTests {
    /// 10 000 operations a minute, six signs, seen at most five minutes late; minutes for 95 %.
    @Test(arguments: [
        (1e-3, 0.05, 26.02606981748306), (1e-3, 0.25, 9.205213963496612), (1e-4, 0.05, 215.2606981748306),
        (1e-4, 0.25, 47.05213963496612), (1e-5, 0.05, 2107.606981748306), (1e-5, 0.25, 425.5213963496612),
    ])
    func isLagAndTheTimeToEnoughSigns(visibility: Double, exposure: Double, minutes: Double) throws {
        let soak = try MinimumSoak(
            operationsPerSecond: 10_000.0 / 60,
            visibility: visibility,
            signs: 6,
            lag: .seconds(300)
        ).soak(exposure: exposure)
        #expect(isClose(soak / .seconds(60), minutes, within: 1e-9))
    }

    @Test func isExponentialForOneSign() throws {
        let soak = try MinimumSoak(operationsPerSecond: 1, visibility: 0.5, signs: 1, lag: .zero)
        #expect(isClose(try soak.soak(exposure: 1) / .seconds(1), threshold(at: 0.05) * 2, within: 1e-9))
    }

    @Test func growsWithConfidenceAndShrinksWithExposure() throws {
        let soak = try MinimumSoak(operationsPerSecond: 100, visibility: 1e-3, signs: 6, lag: .seconds(30))
        #expect(try soak.soak(exposure: 0.05, confidence: 0.99) > soak.soak(exposure: 0.05))
        #expect(try soak.soak(exposure: 1) < soak.soak(exposure: 0.5))
        #expect(try soak.soak(exposure: 1) > .seconds(30))
    }

    @Test func refusesWhatIsNone() throws {
        let soak = try MinimumSoak(operationsPerSecond: 100, visibility: 1e-3, signs: 6, lag: .zero)
        for none in [0, -1, 1.01, Double.nan, .infinity] {
            #expect(throws: StatisticsError.shareOutOfRange) { try soak.soak(exposure: none) }
            #expect(throws: StatisticsError.shareOutOfRange) {
                try MinimumSoak(operationsPerSecond: 1, visibility: none, signs: 6, lag: .zero)
            }
        }
        #expect(throws: StatisticsError.shareOutOfRange) { try soak.soak(exposure: 1, confidence: 1) }
        #expect(throws: StatisticsError.notPositive) {
            try MinimumSoak(operationsPerSecond: 0, visibility: 0.5, signs: 6, lag: .zero)
        }
        for (signs, lag) in [(0, Duration.zero), (-1, .zero), (6, .seconds(-1)), (.max, .zero)] {
            #expect(throws: StatisticsError.impossibleCounts) {
                try MinimumSoak(operationsPerSecond: 1, visibility: 0.5, signs: signs, lag: lag)
            }
        }
        let rare = try MinimumSoak(operationsPerSecond: 1e-6, visibility: 1e-9, signs: 6, lag: .zero)
        #expect(throws: StatisticsError.nothingToShow) { try rare.soak(exposure: 0.01) }
    }

    @Test func saysWhatSilenceMeans() {
        #expect(MinimumSoak.visibilityBound(afterSilentOperations: 3000) == 0.001)
        for operations in [0, -5, 2] {
            #expect(MinimumSoak.visibilityBound(afterSilentOperations: operations) == 1)
        }
    }
}

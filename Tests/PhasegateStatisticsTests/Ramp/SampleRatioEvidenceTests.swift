import PhasegateStatistics
import Testing

/// Expected values by mpmath with 50 digits from F10, rounded to 16.
@Suite("evidence of a wrong assignment")
struct SampleRatioEvidenceTests {
    @Test func agreesWithTheWorkedExampleAndRunsOnOverSteps() throws {
        var evidence = try SampleRatioEvidence(shares: [0.05, 0.95])
        try evidence.observe([70, 930])
        #expect(isClose(evidence.logEvidence, 2.094305108974124, within: 1e-10))
        try evidence.beginStep(shares: [0.25, 0.75])
        #expect(isClose(evidence.logEvidence, 2.094305108974124, within: 1e-10))
        try evidence.observe([270, 730])
        #expect(isClose(evidence.logEvidence, 1.823888847079081, within: 1e-10))
        #expect(evidence.course.samples == 2000)
    }

    @Test(arguments: [[0.05, 0.95], [0.5, 0.5], [0.2, 0.3, 0.5]])
    func hasExpectationOneOverTwoSteps(shares: [Double]) throws {
        var expectation = 0.0
        for one in multinomial(5, shares) {
            for other in multinomial(4, shares.reversed()) {
                var evidence = try SampleRatioEvidence(shares: shares)
                try evidence.observe(one.counts)
                try evidence.beginStep(shares: shares.reversed())
                try evidence.observe(other.counts)
                expectation += one.chance * other.chance * exponentialOf(evidence.logEvidence)
            }
        }
        #expect(isClose(expectation, 1, within: 1e-11))
    }

    @Test func findsATenthTooManyButNotAnHonestDraw() throws {
        for (share, isWrong) in [(0.05, false), (0.06, true)] {
            var generator = SeededGenerator(seed: 21)
            var evidence = try SampleRatioEvidence(shares: [0.05, 0.95])
            for _ in 0..<20_000 { try evidence.observe(generator.unit() < share ? [1, 0] : [0, 1]) }
            #expect((evidence.peakLogEvidence >= threshold(at: 0.01)) == isWrong)
        }
    }

    @Test(arguments: [[], [1], [0.5, 0.6], [0.5, 0.4], [1.5, -0.5], [1, 0], [Double.nan, 0.5], [.infinity, 0.5]])
    func refusesSharesThatAreNone(shares: [Double]) throws {
        #expect(throws: StatisticsError.self) { try SampleRatioEvidence(shares: shares) }
        var evidence = try SampleRatioEvidence(shares: [0.5, 0.5])
        try evidence.observe([4, 0])
        let before = evidence
        #expect(throws: StatisticsError.self) { try evidence.beginStep(shares: shares) }
        #expect(evidence == before)
    }

    @Test func refusesUsersThatAreNone() throws {
        var evidence = try SampleRatioEvidence(shares: [0.5, 0.5])
        let before = evidence
        #expect(throws: StatisticsError.malformedList) { try evidence.observe([1, 2, 3]) }
        #expect(throws: StatisticsError.malformedList) { try evidence.observe([1]) }
        #expect(throws: StatisticsError.impossibleCounts) { try evidence.observe([-1, 0]) }
        #expect(throws: StatisticsError.countTooLarge) { try evidence.observe([.max, 0]) }
        #expect(evidence == before)
        #expect(throws: StatisticsError.notPositive) {
            try SampleRatioEvidence(shares: [0.5, 0.5], concentration: 0)
        }
    }
}

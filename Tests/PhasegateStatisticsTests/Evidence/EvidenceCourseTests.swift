import Testing

@testable import PhasegateStatistics

@Suite("course of evidence")
struct EvidenceCourseTests {
    @Test(arguments: [1, 2, 15, 16, 17, 100, 4711])
    func tellsWhatIsLeftAtASteadyPace(looks: Int) throws {
        var course = EvidenceCourse()
        for look in 1...looks { course.note(0.001 * Double(look) * 50, samples: look * 50) }
        let missing = threshold(at: 1e-200) - course.logEvidence
        let expected = try #require(course.samplesToDecide(at: 1e-200))
        #expect(abs(expected - missing / 0.001) <= 1.5)
    }

    @Test func looksAtTheLastHalfOnly() throws {
        var course = EvidenceCourse()
        // Falls for 500 samples, then rises at 0.02 each.
        for sample in 1...1000 {
            course.note(sample <= 500 ? -0.01 * Double(sample) : -5 + 0.02 * Double(sample - 500), samples: sample)
        }
        // The points are 64 apart here, so that the turn is known to one part in ten.
        #expect(abs(course.growthPerSample / 0.02 - 1) < 0.1)
    }

    @Test func hasNoEndWhereItDoesNotGrow() {
        var course = EvidenceCourse()
        #expect(course.samplesToDecide(at: 0.05) == nil)
        for sample in 1...100 { course.note(-0.01 * Double(sample), samples: sample) }
        #expect(course.samplesToDecide(at: 0.05) == nil)
        for level in [0, 1, -1, Double.nan, 2] { #expect(course.samplesToDecide(at: level) == nil) }
    }

    @Test func isThereWhenTheThresholdIsReached() {
        var course = EvidenceCourse()
        course.note(threshold(at: 0.05), samples: 10)
        #expect(course.samplesToDecide(at: 0.05) == 0)
        course.note(-2, samples: 20)
        #expect(course.peakLogEvidence == threshold(at: 0.05))
        #expect(course.samplesToDecide(at: 0.05) == nil)
    }

    @Test func standsStillWithoutSamples() {
        var course = EvidenceCourse()
        for _ in 0..<100 { course.note(0, samples: 0) }
        #expect(course.growthPerSample == 0)
        for _ in 0..<100 { course.note(0.5, samples: 10) }
        #expect(course.growthPerSample.isFinite)
    }

    @Test(arguments: [(0.05, 2.995732273553991), (0.01, 4.605170185988092)])
    func thresholdsAreLogarithms(level: Double, expected: Double) {
        #expect(isClose(threshold(at: level), expected, within: 1e-15))
    }

    @Test(arguments: [0, 1, -0.5, 2, Double.nan, .infinity, -.infinity])
    func nothingReachesTheThresholdOfALevelThatIsNone(level: Double) {
        #expect(threshold(at: level) == .infinity)
    }
}

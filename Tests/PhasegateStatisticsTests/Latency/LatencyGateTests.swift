import Foundation
import PhasegateStatistics
import Testing

@Suite("latency gate")
struct LatencyGateTests {
    /// Latencies of a look from 1 ms, with the tail of a Pareto distribution of index 2.5.
    private struct Traffic {
        var generator = SeededGenerator(seed: 42)

        mutating func arm(_ count: Int, factor: Double = 1) -> [Double] {
            (0..<count).map { _ in
                factor * 1000 * pow(1 - generator.unit(), -0.4)
            }
        }
    }

    private func look(_ candidate: [Double], _ control: [Double]) -> LatencyLook {
        var look = LatencyLook()
        for latency in candidate { look.candidate.record(microseconds: latency) }
        for latency in control { look.control.record(microseconds: latency) }
        return look
    }

    private func gate(restarts: RestartSchedule = .none) throws -> LatencyGate {
        try LatencyGate(LatencyGateSettings(restarts: restarts))
    }

    private func ready() throws -> (LatencyGate, Traffic) {
        var gate = try gate()
        var traffic = Traffic()
        try gate.observe(look(traffic.arm(100), traffic.arm(1900)))
        return (gate, traffic)
    }

    private func standing(_ gate: LatencyGate) -> CriterionStanding { gate.standing(failLevel: 0.01, passLevel: 0.05) }

    @Test func waitsForAThousandControlSamples() throws {
        var gate = try gate()
        var traffic = Traffic()
        try gate.observe(look(traffic.arm(500), traffic.arm(999)))
        #expect(gate.thresholds == nil && !gate.isCurrent)
        try gate.observe(look(traffic.arm(500), traffic.arm(1)))
        // Judged with what was known before the look: nothing.
        #expect(gate.thresholds != nil && !gate.isCurrent)
        #expect(gate.failing.course.samples == 0)
        try gate.observe(look(traffic.arm(50), traffic.arm(950)))
        #expect(gate.isCurrent && gate.failing.course.samples == 50)
    }

    @Test func roundsTheMarginsAgainstEitherClaim() throws {
        let (gate, _) = try ready()
        let thresholds = try #require(gate.thresholds)
        let exact = 1000 * pow(20, 0.4)
        #expect(abs(thresholds.control / exact - 1) < 0.05)
        let fail = thresholds.candidateToFail / thresholds.control
        #expect(fail >= 1.1 && fail < 1.101)
        #expect(isClose(thresholds.candidateToPass / thresholds.control, 1.2))
    }

    @Test(arguments: [0.01, 0.05, 0.15, 0.33, 0.5])
    func roundsOtherMarginsByLessThanABucket(margin: Double) throws {
        var gate = try LatencyGate(LatencyGateSettings(failMargin: margin, passMargin: margin))
        var traffic = Traffic()
        try gate.observe(look([], traffic.arm(2000)))
        let thresholds = try #require(gate.thresholds)
        let bucket = 1.00965
        let fail = thresholds.candidateToFail / thresholds.control / (1 + margin)
        let pass = thresholds.candidateToPass / thresholds.control / (1 + margin)
        #expect(fail > 1 && fail < bucket && pass < 1 && pass > 1 / bucket)
    }

    @Test func holdsAMarginThatIsAnEdgeExactly() throws {
        var gate = try LatencyGate(LatencyGateSettings(failMargin: 0, passMargin: 0.44))
        var traffic = Traffic()
        try gate.observe(look([], traffic.arm(2000)))
        let thresholds = try #require(gate.thresholds)
        #expect(thresholds.candidateToFail == thresholds.control)
        #expect(isClose(thresholds.candidateToPass / thresholds.control, 1.44))
    }

    /// At most a twentieth of the control lies at or above the reference, and more at the edge below.
    @Test func takesTheLowestEdgeWithAtMostATwentiethAbove() throws {
        var gate = try gate()
        var traffic = Traffic()
        let control = traffic.arm(4000)
        try gate.observe(look([], control))
        let reference = try #require(gate.thresholds).control
        #expect(control.count { $0 >= reference } <= 200)
        #expect(control.count { $0 >= reference / pow(1.2, 1.0 / 19) } > 200)
    }

    /// The same evidence from raw latencies and the thresholds that were known before each look.
    @Test func judgesEachLookByWhatWasKnownBeforeIt() throws {
        var gate = try gate(restarts: RestartSchedule(every: 3, count: 5))
        var traffic = Traffic()
        var failing = try EventShareEvidence(
            ratio: 1,
            direction: .above,
            restarts: RestartSchedule(every: 3, count: 5)
        )
        var passing = try EventShareEvidence(ratio: 1, direction: .below)
        for number in 0..<40 {
            // A storm in the middle, so that the reference moves.
            let storm = (15..<25).contains(number) ? 3.0 : 1
            let candidate = traffic.arm(60, factor: 1.1 * storm)
            let control = traffic.arm(500, factor: storm)
            if let thresholds = gate.thresholds {
                let slow = try ArmCounts(events: control.count { $0 >= thresholds.control }, trials: 500)
                try failing.observe(
                    LookCounts(
                        candidate: ArmCounts(
                            events: candidate.count { $0 >= thresholds.candidateToFail },
                            trials: 60
                        ),
                        control: slow
                    )
                )
                try passing.observe(
                    LookCounts(
                        candidate: ArmCounts(
                            events: candidate.count { $0 >= thresholds.candidateToPass },
                            trials: 60
                        ),
                        control: slow
                    )
                )
            }
            try gate.observe(look(candidate, control))
        }
        #expect(gate.failing == failing)
        #expect(gate.passing == passing)
        #expect(failing.course.samples == 38 * 60)
    }

    @Test func followsTheControl() throws {
        var (gate, traffic) = try ready()
        let before = try #require(gate.thresholds).control
        for _ in 0..<300 { try gate.observe(look([], traffic.arm(100, factor: 2))) }
        let after = try #require(gate.thresholds).control
        #expect(abs(after / before / 2 - 1) < 0.06)
        // A control that is silent keeps its reference.
        for _ in 0..<300 { try gate.observe(look(traffic.arm(10), [])) }
        #expect(try #require(gate.thresholds).control == after)
    }

    /// Forgetting in silence would end with no weight at all, and any request slower than that.
    @Test func doesNotForgetWhileTheControlIsSilent() throws {
        var gate = try LatencyGate(LatencyGateSettings(decay: 0.01))
        var traffic = Traffic()
        try gate.observe(look([], traffic.arm(2000)))
        let before = try #require(gate.thresholds).control
        for _ in 0..<300 { try gate.observe(look([5], [])) }
        #expect(try #require(gate.thresholds).control == before)
    }

    @Test func takesItsReferenceFromTheControlAlone() throws {
        var gate = try gate(restarts: RestartSchedule(every: 1, count: 3))
        var traffic = Traffic()
        for _ in 0..<20 { try gate.observe(look([], traffic.arm(200))) }
        #expect(gate.total == LatencyLook() && !gate.isCurrent)
        // Looks without a candidate use up no restarts.
        #expect(gate.failing == (try LatencyGate(gate.settings)).failing)
        try gate.observe(look(traffic.arm(50), traffic.arm(150)))
        #expect(gate.isCurrent && gate.total.control.count == 150)
    }

    @Test func handsOnlyItsReferenceToTheNextStep() throws {
        var (gate, traffic) = try ready()
        for _ in 0..<20 { try gate.observe(look(traffic.arm(50, factor: 2), traffic.arm(150))) }
        #expect(standing(gate).hasFailed)
        var next = try gate.nextStep()
        #expect(next.failing == (try LatencyGate(gate.settings)).failing && next.total == LatencyLook())
        let handed = try #require(next.thresholds)
        let had = try #require(gate.thresholds)
        #expect(handed == had)
        try next.observe(look(traffic.arm(50), traffic.arm(150)))
        #expect(next.isCurrent && next.failing.course.samples == 50)
    }

    @Test func passesEqualArmsAndTellsTheRatio() throws {
        var (gate, traffic) = try ready()
        for _ in 0..<120 { try gate.observe(look(traffic.arm(50), traffic.arm(150))) }
        #expect(standing(gate).passesNow && !standing(gate).hasFailed)
        let bounds = try gate.ratioBounds(level: 0.05)
        #expect(bounds.low < 1 && bounds.low > 0.7)
        #expect(try #require(bounds.high) > 1)
    }

    @Test func failsASlowCandidateForGood() throws {
        var (gate, traffic) = try ready()
        var looks = 0
        while !standing(gate).hasFailed, looks < 200 {
            try gate.observe(look(traffic.arm(50, factor: 1.5), traffic.arm(150)))
            looks += 1
        }
        #expect(looks < 60)
        for _ in 0..<400 { try gate.observe(look(traffic.arm(50, factor: 0.5), traffic.arm(150))) }
        #expect(gate.failing.logEvidence < threshold(at: 0.01))
        #expect(standing(gate).hasFailed)
    }

    @Test func saysHowManySamplesAreLeft() throws {
        var (gate, traffic) = try ready()
        for _ in 0..<5 { try gate.observe(look(traffic.arm(50), traffic.arm(150))) }
        #expect(!standing(gate).passesNow)
        let left = try #require(standing(gate).samplesToPass)
        #expect(left > 10 && left < 10_000)
        #expect(standing(gate).samplesToFail == nil)
        for _ in 0..<200 { try gate.observe(look(traffic.arm(50), traffic.arm(150))) }
        #expect(standing(gate).samplesToPass == 0)
    }

    @Test func doesNotPassOnALookWithAnArmMissing() throws {
        var (gate, traffic) = try ready()
        for _ in 0..<120 { try gate.observe(look(traffic.arm(50), traffic.arm(150))) }
        #expect(standing(gate).passesNow)
        for missing in [look(traffic.arm(50), []), look([], traffic.arm(50)), look([], []), look([.nan], [1])] {
            var incomplete = gate
            try incomplete.observe(missing)
            #expect(!standing(incomplete).passesNow)
            #expect(incomplete.passing.logEvidence <= gate.passing.logEvidence)
            try incomplete.observe(look(traffic.arm(50), traffic.arm(150)))
            #expect(standing(incomplete).passesNow)
        }
    }

    @Test func neverPassesOnWhatHasNoValue() throws {
        var (gate, traffic) = try ready()
        for number in 0..<200 {
            let value: Double = [.nan, -1, .infinity][number % 3]
            var mixed = [Double](repeating: value, count: 20)
            mixed += [1, 1]
            try gate.observe(look(mixed, traffic.arm(150)))
        }
        #expect(!standing(gate).passesNow)
        #expect(!standing(gate).hasFailed, "missing telemetry is not a slow candidate")
        #expect(gate.total.candidate.invalid == 200 * 20)
        #expect(gate.passing.peakLogEvidence < 0.1)
    }

    @Test func countsAHoleInTheControlAgainstEitherClaim() throws {
        let (gate, start) = try ready()
        var traffic = start
        var sound = gate
        var holed = gate
        for _ in 0..<20 {
            let candidate = traffic.arm(50, factor: 1.3)
            let control = traffic.arm(150)
            try sound.observe(look(candidate, control))
            try holed.observe(look(candidate, control + [Double](repeating: .nan, count: 15)))
        }
        #expect(holed.failing.logEvidence < sound.failing.logEvidence)
        #expect(holed.passing.logEvidence < sound.passing.logEvidence + 1e-9)
    }

    @Test func isNotFooledByAStormInBothArms() throws {
        var (gate, traffic) = try ready()
        for number in 0..<200 {
            let storm = number % 40 < 8 ? 10.0 : 1
            try gate.observe(look(traffic.arm(50, factor: storm), traffic.arm(150, factor: storm)))
        }
        #expect(!standing(gate).hasFailed)
    }

    @Test func hasNoReferenceWhereTheControlIsBeyondAllEdges() throws {
        var gate = try gate()
        try gate.observe(look([1], [Double](repeating: 1e9, count: 2000)))
        #expect(gate.thresholds == nil)
        try gate.observe(look([1], [Double](repeating: 1e9, count: 2000)))
        #expect(!gate.isCurrent && gate.passing.course.samples == 0)
    }

    @Test(arguments: [
        (0.0, 0.1, 0.2, 0.99), (1, 0.1, 0.2, 0.99), (.nan, 0.1, 0.2, 0.99), (0.95, -0.1, 0.2, 0.99),
        (0.95, 0.3, 0.2, 0.99), (0.95, .nan, 0.2, 0.99), (0.95, 0.1, .nan, 0.99), (0.95, 0.1, .infinity, 0.99),
        (0.95, 0.1, 0.2, 1), (0.95, 0.1, 0.2, 0), (0.95, 0.1, 0.2, Double.nan),
    ])
    func refusesSettingsThatAreNone(percentile: Double, fail: Double, pass: Double, decay: Double) {
        #expect(throws: StatisticsError.self) {
            try LatencyGateSettings(percentile: percentile, failMargin: fail, passMargin: pass, decay: decay)
        }
    }
}

import PhasegateCore
import PhasegateStatistics

/// A percentile of the latency against the control's, user by user (F3u of docs/statistics.md).
struct UserLatencyGauge: Gauge {
    private var gate: UserLatencyGate
    private var control = LatencyHistogram()

    init(_ settings: LatencyGateSettings, candidateShare: Double) throws(StatisticsError) {
        gate = try UserLatencyGate(settings, candidateShare: candidateShare)
    }

    var countsUsers: Bool { true }

    mutating func follow(_ observation: Observation) {
        guard observation.arm == .control else { return }
        control.record(microseconds: observation.countedMicroseconds)
    }

    func count(_ observation: Observation, in tally: inout UserTally) {
        gate.count(microseconds: observation.countedMicroseconds, of: observation.arm, in: &tally.latency)
    }

    mutating func enter(_ tally: UserTally, of arm: Arm) { try? gate.enter(tally.latency, of: arm) }

    mutating func closeLook() {
        gate.closeLook(control: control)
        control.clear()
    }

    var peakFailEvidence: Double? { gate.failing.peakLogEvidence }

    func standing() -> GaugeStanding {
        var standing = GaugeStanding(failing: gate.failing, passing: gate.passing)
        standing.candidate = gate.failing.candidateUsers
        standing.control = gate.failing.controlUsers
        let bounds = try? gate.ratioBounds(level: shownLevel)
        standing.show(
            candidate: gate.firsts.candidate,
            control: gate.firsts.control,
            percentile: gate.settings.percentile,
            low: bounds?.low,
            high: bounds?.high
        )
        if !gate.hasReference { standing.blindness = waitForReference(missing: gate.missingControl) }
        return standing
    }
}

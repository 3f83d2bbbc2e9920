import PhasegateCore
import PhasegateStatistics

/// A share of requests against the control's, user by user (F3u of docs/statistics.md).
struct UserShareGauge: Gauge {
    private let event: CountedEvent
    private var failing: UserShareEvidence
    private var passing: UserShareEvidence
    /// The first request of each user, for an interval: others of the same user resemble it.
    private var total = EventCounts()

    init(
        _ event: CountedEvent,
        fail: Double,
        pass: Double,
        candidateShare: Double,
        restarts: RestartSchedule
    ) throws(StatisticsError) {
        self.event = event
        failing = try UserShareEvidence(
            ratio: fail,
            candidateShare: candidateShare,
            direction: .above,
            restarts: restarts
        )
        passing = try UserShareEvidence(ratio: pass, candidateShare: candidateShare, direction: .below)
    }

    var countsUsers: Bool { true }

    func count(_ observation: Observation, in tally: inout UserTally) { tally.count(observation, event) }

    mutating func enter(_ tally: UserTally, of arm: Arm) {
        guard tally.trials > 0 else { return }
        let share = tally.share
        switch arm {
        case .candidate:
            try? failing.observe(candidate: share)
            try? passing.observe(candidate: share)
        case .control:
            try? failing.observe(control: share)
            try? passing.observe(control: share)
        }
        total.add(tally.firstIsEvent ? 1 : 0, of: 1, arm)
    }

    mutating func closeLook() {
        failing.closeLook()
        passing.closeLook()
    }

    var peakFailEvidence: Double? { failing.peakLogEvidence }

    func standing() -> GaugeStanding {
        var standing = GaugeStanding(failing: failing, passing: passing)
        standing.candidate = failing.candidateUsers
        standing.control = failing.controlUsers
        standing.show(total)
        return standing
    }
}

extension UserTally {
    /// Counts a request.
    mutating func count(_ observation: Observation, _ event: CountedEvent) {
        let happened = event.happened(in: observation, ifUnknown: false)
        if trials == 0 { firstIsEvent = happened }
        trials += 1
        if happened { events += 1 }
    }

    /// The share of its requests that were events.
    var share: Double { Double(events) / Double(trials) }
}

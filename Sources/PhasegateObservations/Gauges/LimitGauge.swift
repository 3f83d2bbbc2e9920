import PhasegateCore
import PhasegateStatistics

/// A share of the candidate's requests against a fixed limit, request by request (F1 and F2 of docs/statistics.md).
struct LimitGauge: Gauge {
    private let event: CountedEvent
    private var failing: RateEvidence
    private var passing: RateEvidence
    private var look = EventCounts()
    private var absence: String?

    init(_ event: CountedEvent, fail: Double, pass: Double, restarts: RestartSchedule) throws(StatisticsError) {
        self.event = event
        failing = try RateEvidence(limit: fail, direction: .above, restarts: restarts)
        passing = try RateEvidence(limit: pass, direction: .below)
    }

    mutating func add(_ observation: Observation) { look.add(observation, event) }

    mutating func follow(_ observation: Observation) {}

    mutating func add(_ counts: CountedObservations, isJudged: Bool) -> String? {
        guard let events = event.number(in: counts) else {
            absence = event.absence(in: counts)
            return absence
        }
        if isJudged { look.add(min(events, counts.latencies.total), of: counts.latencies.total, counts.arm) }
        return nil
    }

    func count(_ observation: Observation, in tally: inout UserTally) {}

    mutating func enter(_ tally: UserTally, of arm: Arm) {}

    mutating func closeLook() {
        try? failing.observe(look[.candidate])
        try? passing.observe(look.passing(.candidate))
        look = EventCounts()
    }

    var peakFailEvidence: Double? { failing.peakLogEvidence }

    func standing() -> GaugeStanding {
        var standing = GaugeStanding(failing: failing, passing: passing, candidate: failing.counts.trials)
        standing.blindness = absence
        guard failing.counts.trials > 0 else { return standing }
        let counts = failing.counts
        standing.estimate = Quantity(real: 100 * Double(counts.events) / Double(counts.trials), .percent)
        standing.notes.append("\(counts.events) of \(counts.trials) of the candidate")
        if let bounds = try? rateBounds(counts, level: shownLevel) {
            standing.interval = Measurement.Interval(
                low: 100 * bounds.low,
                high: 100 * bounds.high,
                confidence: 1 - 2 * shownLevel
            )
        }
        return standing
    }
}

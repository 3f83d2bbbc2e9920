import PhasegateCore
import PhasegateStatistics

/// A share of the candidate's requests against a fixed limit, request by request (F1 and F2 of docs/statistics.md).
struct LimitGauge: Gauge {
    private var failing: RateEvidence
    private var passing: RateEvidence
    private var look: EventLook

    init(_ event: CountedEvent, fail: Double, pass: Double, restarts: RestartSchedule) throws(StatisticsError) {
        look = EventLook(event)
        failing = try RateEvidence(limit: fail, direction: .above, restarts: restarts)
        passing = try RateEvidence(limit: pass, direction: .below)
    }

    mutating func add(_ observation: Observation) { look.add(observation) }

    mutating func add(_ counts: CountedObservations, isJudged: Bool) { look.add(counts, isJudged: isJudged) }

    mutating func closeLook() {
        let counts = look.take()
        try? failing.observe(counts[.candidate])
        try? passing.observe(counts.passing(.candidate))
    }

    var peakFailEvidence: Double? { failing.peakLogEvidence }

    func standing() -> GaugeStanding {
        var standing = GaugeStanding(failing: failing, passing: passing, candidate: failing.counts.trials)
        standing.blindness = look.absence
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

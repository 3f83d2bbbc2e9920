import PhasegateCore
import PhasegateStatistics

/// The mean of values from 0 to 1 of the candidate against a fixed limit (F8 and F9 of docs/statistics.md).
///
/// The values are scores, as recall, of requests or of users; or the share of
/// events among the requests of each user, where users are the units.
struct MeanGauge: Gauge {
    /// What a value is.
    enum Value: Hashable, Sendable {
        case score
        case shareOf(CountedEvent)
    }

    private let value: Value
    private let unit: ObservationPlan.Unit
    private var failing: MeanEvidence
    private var passing: MeanEvidence
    private var sum = 0.0
    private var count = 0

    /// Values are kept on a grid of this many steps, rounded against either claim.
    private static let steps = 200

    /// - Parameters:
    ///   - value: what a value is.
    ///   - unit: whose value it is.
    ///   - fail: the limit beyond which it fails.
    ///   - pass: the limit within which it passes.
    ///   - isFloor: whether values below the limits are the bad ones, as for a score.
    /// - Throws: `StatisticsError.shareOutOfRange`.
    init(
        _ value: Value,
        unit: ObservationPlan.Unit,
        fail: Double,
        pass: Double,
        isFloor: Bool
    ) throws(StatisticsError) {
        self.value = value
        self.unit = unit
        let grid = MeanEvidence.shares(of: Self.steps)
        failing = try MeanEvidence(limit: fail, direction: isFloor ? .below : .above, values: grid)
        passing = try MeanEvidence(limit: pass, direction: isFloor ? .above : .below, values: grid)
    }

    var countsUsers: Bool { unit == .user }

    var cannotReadCounts: String? { "its source does not tell single requests apart" }

    mutating func add(_ observation: Observation) {
        guard observation.arm == .candidate, unit == .request, let score = observation.score else { return }
        enter(score)
    }

    func count(_ observation: Observation, in tally: inout UserTally) {
        switch value {
        case .shareOf(let event): tally.count(observation, event)
        case .score:
            guard let score = observation.score else { return }
            tally.trials += 1
            // A score that is none is the worst there is.
            tally.scores += score >= 0 && score <= 1 ? score : 0
        }
    }

    mutating func enter(_ tally: UserTally, of arm: Arm) {
        guard arm == .candidate, tally.trials > 0 else { return }
        switch value {
        case .shareOf: enter(tally.share)
        case .score: enter(tally.scores / Double(tally.trials))
        }
    }

    private mutating func enter(_ raw: Double) {
        let value = raw >= 0 && raw <= 1 ? raw : 0
        let steps = Double(Self.steps)
        let up = (value * steps).rounded(.up) / steps
        let down = (value * steps).rounded(.down) / steps
        try? failing.observe(failing.direction == .above ? down : up)
        try? passing.observe(passing.direction == .above ? down : up)
        sum += value
        count += 1
    }

    var peakFailEvidence: Double? { failing.peakLogEvidence }

    func standing() -> GaugeStanding {
        var standing = GaugeStanding(failing: failing, passing: passing, candidate: count)
        guard count > 0 else { return standing }
        let scale = if case .score = value { 1.0 } else { 100.0 }
        let shown = if case .score = value { PhasegateCore.Unit.none } else { PhasegateCore.Unit.percent }
        standing.estimate = Quantity(real: scale * sum / Double(count), shown)
        let (lower, upper) = failing.direction == .below ? (passing, failing) : (failing, passing)
        if let low = try? meanBounds(values: lower.values, counts: lower.counts, level: shownLevel).low,
            let high = try? meanBounds(values: upper.values, counts: upper.counts, level: shownLevel).high
        {
            standing.interval = Measurement.Interval(
                low: scale * low,
                high: scale * high,
                confidence: 1 - 2 * shownLevel
            )
        }
        return standing
    }
}

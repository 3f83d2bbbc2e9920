import PhasegateCore
import PhasegateStatistics

/// A share of requests against the control's, request by request (F3, or F7 where something is allowed on top).
struct ShareGauge: Gauge {
    /// Either kind of evidence.
    private enum Evidence: Sendable {
        case ratio(EventShareEvidence)
        case slack(SlackEvidence)

        init(_ limit: ControlLimit, _ direction: Direction, _ restarts: RestartSchedule) throws(StatisticsError) {
            if limit.slack > 0 {
                self = .slack(try SlackEvidence(ratio: limit.times, slack: limit.slack, direction: direction))
            } else {
                self = .ratio(try EventShareEvidence(ratio: limit.times, direction: direction, restarts: restarts))
            }
        }

        var process: any EProcess {
            switch self {
            case .ratio(let evidence): evidence
            case .slack(let evidence): evidence
            }
        }

        mutating func observe(_ look: LookCounts) {
            switch self {
            case .ratio(var evidence):
                try? evidence.observe(look)
                self = .ratio(evidence)
            case .slack(var evidence):
                try? evidence.observe(look)
                self = .slack(evidence)
            }
        }
    }

    private var failing: Evidence
    private var passing: Evidence
    private var look: EventLook
    private var total = EventCounts()

    init(
        _ event: CountedEvent,
        fail: ControlLimit,
        pass: ControlLimit,
        restarts: RestartSchedule
    ) throws(StatisticsError) {
        look = EventLook(event)
        failing = try Evidence(fail, .above, restarts)
        passing = try Evidence(pass, .below, .none)
    }

    mutating func add(_ observation: Observation) { look.add(observation) }

    mutating func add(_ counts: CountedObservations, isJudged: Bool) { look.add(counts, isJudged: isJudged) }

    mutating func closeLook() {
        let counts = look.take()
        failing.observe(counts.failLook)
        passing.observe(counts.passLook)
        total.add(counts)
    }

    var peakFailEvidence: Double? { failing.process.peakLogEvidence }

    func standing() -> GaugeStanding {
        var standing = GaugeStanding(failing: failing.process, passing: passing.process)
        standing.candidate = total[.candidate].trials
        standing.control = total[.control].trials
        standing.show(total)
        standing.blindness = look.absence
        return standing
    }
}

/// A limit that refers to the control.
struct ControlLimit: Hashable, Sendable {
    /// How many times the control's.
    let times: Double
    /// What is allowed on top, as a share.
    let slack: Double
}

extension GaugeStanding {
    /// Shows the ratio of two shares, with one event added so that it is a number.
    ///
    /// Each arm gets as much of it as it has of the requests: where nothing happened in either, the ratio is 1. Half of it to
    /// each would call a candidate of 5 % twenty times as bad as the control for having had no event.
    mutating func show(_ total: EventCounts) {
        let (candidate, control) = (total[.candidate], total[.control])
        guard candidate.trials > 0, control.trials > 0 else { return }
        let added = 1 / (Double(candidate.trials) + Double(control.trials))
        func rate(_ counts: ArmCounts) -> Double { Double(counts.events) / Double(counts.trials) + added }
        estimate = Quantity(real: rate(candidate) / rate(control), .times)
        if let ofCandidate = try? rateBounds(candidate, level: shownLevel / 2),
            let ofControl = try? rateBounds(control, level: shownLevel / 2)
        {
            interval = Measurement.Interval(
                low: ofControl.high > 0 ? ofCandidate.low / ofControl.high : 0,
                high: ofControl.low > 0 ? ofCandidate.high / ofControl.low : Measurement.Interval.unbounded,
                confidence: 1 - 2 * shownLevel
            )
        }
        notes.append(
            "\(candidate.events) of \(candidate.trials) of the candidate, \(control.events) of \(control.trials) of the control"
        )
    }
}

import PhasegateCore
import PhasegateStatistics

/// What a criterion observes of a ramp's requests.
enum ObservedValue: Hashable, Sendable {
    /// A percentile of the latency; 0.95 for the 95th.
    case latency(percentile: Double)
    /// The share of requests that are such an event.
    case share(CountedEvent)
    /// The mean of scores.
    case score

    /// What a criterion observes; nothing for one that a probe of another kind measures.
    init?(of criterion: Criterion) {
        let settings = criterion.probe.settings
        switch criterion.probe.kind {
        case ObservedLatencyProbe.name:
            self = .latency(percentile: (settings["percentile"]?.number ?? 95) / 100)
        case ObservedShareProbe.name:
            if let limit = settings["slower-than"]?.text.flatMap({ Duration(text: $0) }) {
                self = .share(.slowerThan(microseconds: limit / .microseconds(1)))
            } else {
                self = .share(.error)
            }
        case ObservedScoreProbe.name:
            self = .score
        default:
            return nil
        }
    }

    /// Makes what judges a criterion in a step.
    ///
    /// - Throws: `StatisticsError` for limits that nothing can be held against.
    func gauge(for criterion: Criterion, _ plan: StepPlan) throws(StatisticsError) -> any Gauge {
        switch criterion.comparison {
        case nil: return plainGauge(criterion, plan)
        case .control: return try comparison(with: criterion, plan)
        case .limit: return try limitGauge(criterion, plan)
        }
    }

    private func plainGauge(_ criterion: Criterion, _ plan: StepPlan) -> PlainGauge {
        let value: PlainGauge.Value =
            switch self {
            case .latency(let percentile): .percentile(percentile)
            case .share(let event): .share(event)
            case .score: .score
            }
        return PlainGauge(
            value,
            window: criterion.probe.settings["window"]?.text.flatMap { Duration(text: $0) },
            look: plan.observation.look
        )
    }

    private func comparison(with criterion: Criterion, _ plan: StepPlan) throws(StatisticsError) -> any Gauge {
        let isByUser = plan.observation.unit == .user
        guard let fail = criterion.bounds.failure?.controlLimit, let pass = criterion.bounds.demand?.controlLimit else {
            throw .marginOutOfRange
        }
        switch self {
        case .latency(let percentile):
            let settings = try LatencyGateSettings(
                percentile: percentile,
                failMargin: fail.times - 1,
                passMargin: pass.times - 1,
                restarts: plan.restarts
            )
            return isByUser
                ? try UserLatencyGauge(settings, candidateShare: plan.candidateShare) : try LatencyGauge(settings)
        case .share(let event):
            guard isByUser else { return try ShareGauge(event, fail: fail, pass: pass, restarts: plan.restarts) }
            return try UserShareGauge(
                event,
                fail: fail.times,
                pass: pass.times,
                candidateShare: plan.candidateShare,
                restarts: plan.restarts
            )
        case .score: throw .marginOutOfRange
        }
    }

    private func limitGauge(_ criterion: Criterion, _ plan: StepPlan) throws(StatisticsError) -> any Gauge {
        let unit = plan.observation.unit
        guard let fail = criterion.bounds.failure?.share, let pass = criterion.bounds.demand?.share else {
            throw .shareOutOfRange
        }
        switch self {
        case .latency: throw .marginOutOfRange
        case .share(let event):
            return unit == .request
                ? try LimitGauge(event, fail: fail, pass: pass, restarts: plan.restarts)
                : try MeanGauge(.shareOf(event), unit: unit, fail: fail, pass: pass, isFloor: false)
        case .score: return try MeanGauge(.score, unit: unit, fail: fail, pass: pass, isFloor: true)
        }
    }
}

extension Bound {
    /// The limit, where it refers to the control.
    fileprivate var controlLimit: ControlLimit? {
        guard case .control(let times, let percent) = limit else { return nil }
        return ControlLimit(times: times, slack: percent / 100)
    }
}

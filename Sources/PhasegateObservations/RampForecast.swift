public import PhasegateCore
import PhasegateStatistics

/// What a step of a ramp will take, said before it begins.
///
/// The floors are exact: below them a criterion cannot pass whatever is
/// observed. The rest are medians, for latencies that are spread as they often
/// are (log-normal, σ 0.6); docs/statistics.md says how they are reckoned.
public struct RampForecast: Sendable {
    /// What one criterion takes.
    public struct Need: Hashable, Sendable {
        /// The criterion.
        public let criterion: CriterionName
        /// The fewest units that can pass, of both arms or of the candidate as `isOfCandidate` says.
        public let floor: Int
        /// Units in half of all cases, for a change that does no harm.
        public let harmless: Int?
        /// Units in half of all cases until a change is found that makes the value half as large again.
        public let harmful: Int?
        /// Whether only the candidate's units count.
        public let isOfCandidate: Bool
    }

    /// The gate.
    public let gate: StageName
    /// The share of users with the change, above 0 and at most 1.
    public let share: Double
    /// What is counted.
    public let unit: ObservationPlan.Unit
    /// What each compared criterion takes.
    public let needs: [Need]
    /// Requests a second of both arms; nothing where nobody knows.
    public let rate: Double?
    private let clock: GateClock
    private let burnIn: Duration

    /// Reckons for a gate; nothing for one that compares nothing.
    ///
    /// - Parameters:
    ///   - gate: a gate of the phase.
    ///   - phase: the phase with the ramp.
    ///   - measuredRate: requests a second that were measured; the expected rate of the plan counts otherwise.
    public init?(_ gate: Gate, of phase: Phase, measuredRate: Double?) {
        guard let observation = phase.ramp?.observation,
            let plan = try? StepPlan(gate: gate, of: phase, observation, beginning: 1)
        else { return nil }
        self.gate = gate.name
        share = plan.candidateShare
        unit = observation.unit
        rate = measuredRate ?? observation.expectedRate
        clock = gate.clock
        burnIn = observation.burnIn
        needs = gate.criteria.compactMap { $0.comparison == nil ? nil : Self.need(of: $0, plan) }
        if needs.isEmpty { return nil }
    }

    /// How long a number of units takes at the rate; users are taken to come with every request.
    public func time(for units: Int, isOfCandidate: Bool) -> Duration? {
        guard let rate, rate > 0 else { return nil }
        let seconds = Double(units) / (rate * (isOfCandidate ? share : 1))
        return seconds < 3e8 ? .milliseconds((seconds * 1000).rounded(.up)) : nil
    }

    /// The soonest that the gate can open, whatever is observed.
    public var soonest: Duration? {
        var soonest = clock.steady
        for need in needs {
            guard let time = time(for: need.floor, isOfCandidate: need.isOfCandidate) else { return nil }
            soonest = max(soonest, burnIn + time)
        }
        return soonest
    }

    /// Why the gate cannot open in time, if it cannot.
    public var objection: String? {
        guard let soonest, let rate, soonest > clock.timeout else { return nil }
        return
            "gate '\(gate)' cannot open within \(clock.timeout.forPeople): at \(shortDecimal(rate)) requests a second "
            + "and \(shortDecimal(share * 100)) % its comparisons take \(soonest.forPeople) at least"
    }

    private static func need(of criterion: Criterion, _ plan: StepPlan) -> Need? {
        guard let value = ObservedValue(of: criterion), let failLevel = plan.failLevels[criterion.name] else {
            return nil
        }
        switch (value, criterion.comparison) {
        case (.latency(let percentile), .control):
            let tail = LogNormalTail(percentile: percentile, spread: 0.6)
            guard case .control(let pass, _)? = criterion.bounds.demand?.limit,
                case .control(let fail, _)? = criterion.bounds.failure?.limit,
                let floor = try? SamplePlan.fewestRequests(
                    candidateShare: plan.candidateShare,
                    percentile: percentile,
                    level: plan.passLevel
                )
            else { return nil }
            func requests(_ slow: Double, _ level: Double) -> Int? {
                try? SamplePlan.requests(
                    candidateShare: plan.candidateShare,
                    slowCandidate: slow,
                    percentile: percentile,
                    level: level
                )
            }
            return Need(
                criterion: criterion.name,
                floor: floor,
                harmless: requests(tail.share(beyond: pass), plan.passLevel),
                harmful: requests(tail.share(beyond: fail / 1.5), failLevel),
                isOfCandidate: false
            )
        case (.share, .limit):
            guard let pass = criterion.bounds.demand?.share,
                let floor = try? SamplePlan.fewestTrials(rateBelow: pass, level: plan.passLevel)
            else { return nil }
            return Need(
                criterion: criterion.name,
                floor: floor,
                harmless: try? SamplePlan.samples(rate: pass / 5, limit: pass, level: plan.passLevel),
                harmful: criterion.bounds.failure?.share.flatMap {
                    try? SamplePlan.samples(rate: min(0.999, $0 * 1.5), limit: $0, level: failLevel)
                },
                isOfCandidate: true
            )
        case (.score, .limit):
            guard let pass = criterion.bounds.demand?.share,
                let floor = try? SamplePlan.fewestPerfect(meanAbove: pass, level: plan.passLevel)
            else { return nil }
            return Need(criterion: criterion.name, floor: floor, harmless: nil, harmful: nil, isOfCandidate: true)
        default:
            // A share against the control's depends on how frequent the control's events are, which nobody knows yet.
            return nil
        }
    }
}

extension Bound {
    /// The limit as a share from 0 to 1, where it is a fixed number.
    var share: Double? {
        guard case .value(let quantity) = limit, let number = quantity.number else { return nil }
        return quantity.unit == .percent ? number / 100 : number
    }
}

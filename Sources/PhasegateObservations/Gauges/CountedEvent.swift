import PhasegateCore
import PhasegateStatistics

/// What a share is counted of: requests that failed, or that took too long.
enum CountedEvent: Hashable, Sendable {
    case error
    case slowerThan(microseconds: Double)

    /// Whether a request is such an event.
    ///
    /// A request whose latency is not known counts against either claim, where the claims are told apart.
    ///
    /// - Parameters:
    ///   - observation: the request.
    ///   - isBenign: what is assumed where it is not known.
    /// - Returns: whether it counts.
    func happened(in observation: Observation, ifUnknown isBenign: Bool) -> Bool {
        switch self {
        case .error: return observation.isError
        case .slowerThan(let limit):
            if observation.isError { return true }
            guard let microseconds = observation.microseconds, microseconds >= 0, microseconds < .infinity else {
                return !isBenign
            }
            return microseconds > limit
        }
    }

    /// Events among counts.
    ///
    /// - Returns: nothing where the source does not tell them.
    func number(in counts: CountedObservations) -> Int? {
        switch self {
        case .error: return counts.errors
        case .slowerThan(let limit):
            // A limit between two edges would count what is not known.
            guard let edge = counts.latencies.upperEdges.firstIndex(where: { abs($0 - limit) <= limit * 1e-9 }) else {
                return nil
            }
            return counts.latencies.counts[(edge + 1)...].reduce(0, +)
        }
    }

    /// Why counts do not tell it.
    func absence(in counts: CountedObservations) -> String {
        switch self {
        case .error: return "its source does not count errors"
        case .slowerThan(let limit):
            let edges = counts.latencies.upperEdges.map { shortDecimal($0 / 1000) }.joined(separator: " ")
            return "its source has no bucket that ends at \(shortDecimal(limit / 1000)) ms, but at \(edges) ms"
        }
    }
}

/// Events and trials of both arms, for either claim: what is not known counts against each.
struct EventCounts: Sendable {
    fileprivate var toFail: [Arm: ArmCounts] = [:]
    fileprivate var toPass: [Arm: ArmCounts] = [:]

    /// Counts one request.
    mutating func add(_ observation: Observation, _ event: CountedEvent) {
        let isCandidate = observation.arm == .candidate
        add(event.happened(in: observation, ifUnknown: isCandidate) ? 1 : 0, of: 1, observation.arm, \.toFail)
        add(event.happened(in: observation, ifUnknown: !isCandidate) ? 1 : 0, of: 1, observation.arm, \.toPass)
    }

    /// Adds counts.
    mutating func add(_ events: Int, of trials: Int, _ arm: Arm) {
        add(events, of: trials, arm, \.toFail)
        add(events, of: trials, arm, \.toPass)
    }

    /// Adds other counts.
    mutating func add(_ other: EventCounts) {
        for arm in Arm.allCases {
            toFail[arm] = (try? self[arm].adding(other[arm])) ?? self[arm]
            toPass[arm] = (try? passing(arm).adding(other.passing(arm))) ?? passing(arm)
        }
    }

    subscript(_ arm: Arm) -> ArmCounts { toFail[arm] ?? .none }

    func passing(_ arm: Arm) -> ArmCounts { toPass[arm] ?? .none }

    /// Both arms of a look, as the failing side sees them.
    var failLook: LookCounts { LookCounts(candidate: self[.candidate], control: self[.control]) }

    /// Both arms of a look, as the passing side sees them.
    var passLook: LookCounts { LookCounts(candidate: passing(.candidate), control: passing(.control)) }

    private mutating func add(
        _ events: Int,
        of trials: Int,
        _ arm: Arm,
        _ side: WritableKeyPath<EventCounts, [Arm: ArmCounts]>
    ) {
        guard let more = try? ArmCounts(events: events, trials: trials) else { return }
        let before = self[keyPath: side][arm] ?? .none
        self[keyPath: side][arm] = (try? before.adding(more)) ?? before
    }
}

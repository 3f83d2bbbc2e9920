public import PhasegateCore
import Synchronization

/// A prober that says what it was told to say and never waits.
public final class ScriptedProber: Prober {
    /// What comes of asking for a criterion.
    public enum Answer: Hashable, Sendable {
        /// Measured just now.
        case measured(Measurement)
        /// Not measured.
        case unavailable(Reading.Unavailability)
        /// Measured, but no longer valid.
        case stale(Measurement)
        /// Measured by a clock that runs ahead.
        case future(Measurement)
        /// The prober leaves the criterion out, against its contract.
        case missing
    }

    private struct Script {
        var answers: [CriterionName: [Answer]] = [:]
        var requests: [[CriterionName]] = []
        var interruption: (@Sendable () async -> Void)?
    }

    private let script = Mutex(Script())
    private let now: @Sendable () -> Moment

    /// Reads the time of its readings off a clock.
    public init(now: @escaping @Sendable () -> Moment) { self.now = now }

    /// The criteria of each request so far.
    public var requests: [[CriterionName]] { script.withLock(\.requests) }

    /// Sets the answers for a criterion: one per request, the last for all that follow.
    public func answer(_ criterion: CriterionName, _ answers: Answer...) {
        script.withLock { $0.answers[criterion] = answers }
    }

    /// Sets one value for a criterion.
    public func answer(_ criterion: CriterionName, _ quantity: Quantity, samples: Int? = nil) {
        answer(criterion, .measured(Measurement(quantity, samples: samples)))
    }

    /// Runs something while the next request is being measured, as a person who does not wait for us.
    public func duringNextRequest(_ interruption: @escaping @Sendable () async -> Void) {
        script.withLock { $0.interruption = interruption }
    }

    /// One reading per criterion, unless the script leaves one out.
    public func readings(for request: ProbeRequest) async -> [Reading] {
        let interruption = script.withLock { script in
            script.requests.append(request.criteria.map(\.name))
            let interruption = script.interruption
            script.interruption = nil
            return interruption
        }
        await interruption?()
        return request.criteria.compactMap { reading(of: $0) }
    }

    private func reading(of criterion: Criterion) -> Reading? {
        let answer = script.withLock { script -> Answer in
            guard let answers = script.answers[criterion.name], let first = answers.first else {
                return .unavailable(.noData)
            }
            if answers.count > 1 { script.answers[criterion.name] = Array(answers.dropFirst()) }
            return first
        }
        let moment = now()
        return switch answer {
        case .measured(let measurement): reading(criterion, .measured(measurement), at: moment)
        case .unavailable(let why): reading(criterion, .unavailable(why, "as scripted"), at: moment)
        case .stale(let measurement):
            reading(criterion, .measured(measurement), at: moment + (.seconds(-1) - criterion.validFor))
        case .future(let measurement): reading(criterion, .measured(measurement), at: moment + .seconds(1))
        case .missing: nil
        }
    }

    private func reading(_ criterion: Criterion, _ outcome: Reading.Outcome, at moment: Moment) -> Reading {
        Reading(
            criterion: criterion.name,
            outcome: outcome,
            observedAt: moment,
            validUntil: moment + criterion.validFor
        )
    }
}

public import PhasegateCore

/// When an undelivered notice is tried again, and when it is given up.
///
/// The times are those of Standard Webhooks 1.0 (https://www.standardwebhooks.com), "deliverability and reliability":
/// the whole schedule spans about three days.
public struct DeliveryPolicy: Sendable {
    /// Waits before the second, third, … attempt.
    public let waits: [Duration]
    /// Longest wait a receiver may ask for.
    public let longestWait: Duration
    /// Draws the factor a wait is stretched by, so that not everybody comes back at once.
    private let jitter: @Sendable () -> Double

    /// Makes a policy.
    ///
    /// - Parameters:
    ///   - waits: before the second and every further attempt; a notice is dead after one more attempt than there are.
    ///   - longestWait: what `Retry-After` is limited to.
    ///   - jitter: a factor, from 0.8 to 1.2 by default.
    public init(
        waits: [Duration] = Self.standardWaits,
        longestWait: Duration = .seconds(86_400),
        jitter: @escaping @Sendable () -> Double = { Double.random(in: 0.8...1.2) }
    ) {
        self.waits = waits
        self.longestWait = longestWait
        self.jitter = jitter
    }

    /// 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h.
    public static let standardWaits: [Duration] = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400]
        .map { .seconds($0) }

    /// What follows from a failed attempt.
    ///
    /// - Parameters:
    ///   - failure: why.
    ///   - attempt: which one it was.
    ///   - moment: when it had failed, which is when a receiver that asks for time begins to count.
    /// - Returns: the outcome for the ledger.
    public func outcome(of failure: DeliveryFailure, attempt: DeliveryAttempt, at moment: Moment) -> Delivery.Outcome {
        switch failure.remedy {
        case .giveUp: return .dead(failure.message)
        case .closeChannel: return .closed(failure.message)
        case .retry(let asked):
            guard attempt.number <= waits.count else {
                return .dead("given up after \(attempt.number) attempts: \(failure.message)")
            }
            let drawn = Duration.milliseconds(Int64(Double(waits[attempt.number - 1].milliseconds) * jitter()))
            // A receiver that asks for more time gets it; asking for less does not hurry us.
            let wait = max(drawn, min(asked ?? .zero, longestWait))
            return .failed(failure.message, retryAt: moment + wait, isAsked: asked.map { $0 > .zero } ?? false)
        }
    }
}

/// When a gate samples and how long it waits, after Azure's release gates.
public struct GateClock: Hashable, Codable, Sendable {
    /// What happens when the gate has not opened in time.
    public enum TimeoutAction: String, Codable, Sendable, CaseIterable {
        /// Stop and call a person.
        case hold
        /// Undo the phase as its reversibility allows.
        case rollback
    }

    /// Wait before the first round.
    public var delay: Duration
    /// Time between rounds.
    public var interval: Duration
    /// Shortest time that all criteria have to hold together.
    public var steady: Duration
    /// Longest time the gate may stay closed.
    public var timeout: Duration
    /// What happens then.
    public var onTimeout: TimeoutAction

    /// Puts a clock together.
    public init(
        delay: Duration = .zero,
        interval: Duration = .seconds(10),
        steady: Duration = .zero,
        timeout: Duration = .seconds(1800),
        onTimeout: TimeoutAction = .hold
    ) {
        self.delay = delay
        self.interval = interval
        self.steady = steady
        self.timeout = timeout
        self.onTimeout = onTimeout
    }

    /// The same clock running faster; nothing is skipped, only waited for less.
    ///
    /// - Parameter scale: how many planned seconds pass in one real second; at least one.
    /// - Returns: the clock with every duration divided, the interval never under 100 ms.
    public func scaled(by scale: Double) -> GateClock {
        guard scale > 1 else { return self }
        var clock = self
        clock.delay = delay / scale
        clock.interval = max(.milliseconds(100), interval / scale)
        clock.steady = steady / scale
        // A timeout bounds the measuring too, which does not get any faster.
        clock.timeout = max(.seconds(60), timeout / scale)
        return clock
    }
}

/// The time that pools, pauses and breakers go by.
public struct PoolClock: Sendable {
    /// Time since some moment that does not change; never goes backwards.
    public let now: @Sendable () -> Duration
    /// Rests; ends early when the task is cancelled.
    public let sleep: @Sendable (Duration) async -> Void

    /// Puts a clock together.
    public init(now: @escaping @Sendable () -> Duration, sleep: @escaping @Sendable (Duration) async -> Void) {
        self.now = now
        self.sleep = sleep
    }

    /// The machine's own, which does not jump when somebody sets the time.
    public static let system: PoolClock = {
        let begin = ContinuousClock.now
        return PoolClock(now: { ContinuousClock.now - begin }, sleep: { try? await Task.sleep(for: $0) })
    }()
}

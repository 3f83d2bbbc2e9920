/// How long flags wait, and for what; tests hand in their own time.
public struct FlagPatience: Sendable {
    /// Between two attempts to make a sink hold nobody.
    let retry: Duration
    /// After how long a lowering gives up on sinks that do not confirm it.
    let limit: Duration
    /// Waits; returns early, or at once, in a cancelled task.
    let pause: @Sendable (Duration) async -> Void
    /// As `pause`, for the limit, so that a test can let it pass by itself.
    let deadline: @Sendable (Duration) async -> Void

    /// Puts it together.
    public init(
        retry: Duration = .milliseconds(200),
        limit: Duration = .seconds(30),
        pause: @escaping @Sendable (Duration) async -> Void,
        deadline: @escaping @Sendable (Duration) async -> Void
    ) {
        self.retry = retry
        self.limit = limit
        self.pause = pause
        self.deadline = deadline
    }

    /// The system's clock.
    public static let system = FlagPatience(
        pause: { try? await Task.sleep(for: $0) },
        deadline: { try? await Task.sleep(for: $0) }
    )
}

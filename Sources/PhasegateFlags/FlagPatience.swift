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
    /// Whether somebody wants the flag down, so that waiting for applications to see it has no point.
    let isCalledOff: @Sendable () async -> Bool

    /// How often it is asked whether a wait is called off.
    private static let slice = Duration.milliseconds(500)

    /// Puts it together.
    public init(
        retry: Duration = .milliseconds(200),
        limit: Duration = .seconds(30),
        pause: @escaping @Sendable (Duration) async -> Void,
        deadline: @escaping @Sendable (Duration) async -> Void,
        isCalledOff: @escaping @Sendable () async -> Bool = { false }
    ) {
        self.retry = retry
        self.limit = limit
        self.pause = pause
        self.deadline = deadline
        self.isCalledOff = isCalledOff
    }

    /// The system's clock.
    public static let system = system { false }

    /// The system's clock, and somebody who can call a wait off.
    public static func system(isCalledOff: @escaping @Sendable () async -> Bool) -> FlagPatience {
        FlagPatience(
            pause: { try? await Task.sleep(for: $0) },
            deadline: { try? await Task.sleep(for: $0) },
            isCalledOff: isCalledOff
        )
    }

    /// Waits until applications have seen a share.
    ///
    /// - Returns: whether they have had the time; not when it was called off, or the task was cancelled.
    func wait(_ duration: Duration) async -> Bool {
        var rest = duration
        while rest > .zero {
            if Task.isCancelled { return false }
            if await isCalledOff() { return false }
            let next = min(rest, Self.slice)
            await pause(next)
            rest -= next
        }
        return true
    }
}

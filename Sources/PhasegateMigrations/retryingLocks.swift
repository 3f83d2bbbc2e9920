import PhasegateProbes

/// Does again what found somebody else's lock in its way, with growing pauses.
///
/// - Parameters:
///   - end: when another pause is not begun any more.
///   - pause: rests between two tries.
///   - body: what leaves nothing behind when it throws `locked`.
/// - Returns: what the body returns.
/// - Throws: what the last try threw, with how often it was tried.
func retryingLocks<Value>(
    until end: ContinuousClock.Instant,
    pause: @Sendable (Duration) async -> Void,
    _ body: () async throws(SessionError) -> Value
) async throws(SessionError) -> Value {
    var rest = Duration.milliseconds(200)
    var attempt = 1
    while true {
        do throws(SessionError) {
            return try await body()
        } catch {
            guard error.code == .locked, attempt < 5, ContinuousClock.now + rest < end else {
                let tries = attempt > 1 ? " (tried \(attempt) times)" : ""
                throw SessionError(error.code, error.message + tries)
            }
        }
        await pause(rest * Double.random(in: 0.5...1.5))
        rest *= 2
        attempt += 1
    }
}

import PhasegateCore

/// Tries again what failed for want of a connection, with growing pauses.
///
/// - Parameters:
///   - policy: how often and with which pauses.
///   - clock: what the pauses go by.
///   - body: what is tried.
/// - Returns: what the first attempt that succeeds returns.
/// - Throws: at once what another attempt cannot mend, else what the last attempt threw.
func retrying<Value: Sendable>(
    _ policy: ConnectionPolicy.Retry,
    clock: PoolClock,
    _ body: @Sendable () async throws(SessionError) -> Value
) async throws(SessionError) -> Value {
    var attempt = 1
    while true {
        do throws(SessionError) {
            return try await body()
        } catch {
            guard error.category == .connection, attempt < policy.attempts, !Task.isCancelled else { throw error }
            await clock.sleep(policy.pause(after: attempt))
            attempt += 1
        }
    }
}

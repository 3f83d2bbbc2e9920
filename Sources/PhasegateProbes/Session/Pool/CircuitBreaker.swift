import PhasegateCore

/// Keeps off something that does not answer, so that not everybody waits for it.
///
/// Closed, it lets every call through; after so many failures in a row it
/// opens and lets none through; after its rest one call at a time may try, and
/// after so many successes it closes. A call with all its attempts counts once.
actor CircuitBreaker {
    /// How it stands.
    enum State: Hashable {
        case closed(failures: Int)
        case open(since: Duration)
        case halfOpen(successes: Int, isTrying: Bool)
    }

    private(set) var state = State.closed(failures: 0)
    private let policy: ConnectionPolicy.Breaker
    private let clock: PoolClock
    private var lastWords = ""

    init(_ policy: ConnectionPolicy.Breaker, clock: PoolClock) {
        self.policy = policy
        self.clock = clock
    }

    /// Makes a call, unless it is open.
    ///
    /// Only what tells of the connection counts: a wrong password or a
    /// statement that fails is an answer.
    ///
    /// - Throws: what the call throws, or `unreachable` with when it may be tried again.
    func call<Value: Sendable>(_ body: @Sendable () async throws(SessionError) -> Value) async throws(SessionError)
        -> Value
    {
        try admit()
        do {
            let value = try await body()
            succeeded()
            return value
        } catch {
            if error.category == .connection { failed(error) } else { succeeded() }
            throw error
        }
    }

    private func admit() throws(SessionError) {
        switch state {
        case .closed: return
        case .halfOpen(_, isTrying: true):
            throw SessionError(.unreachable, "not tried: somebody is trying whether it answers again; \(lastWords)")
        case .halfOpen(let successes, isTrying: false): state = .halfOpen(successes: successes, isTrying: true)
        case .open(let since):
            let left = policy.rest - (clock.now() - since)
            guard left <= .zero else {
                throw SessionError(
                    .unreachable,
                    "not tried after \(policy.failures) failures in a row, for another \(left.forPeople); \(lastWords)"
                )
            }
            state = .halfOpen(successes: 0, isTrying: true)
        }
    }

    private func succeeded() {
        switch state {
        case .closed: state = .closed(failures: 0)
        case .halfOpen(let successes, _):
            let reached = successes + 1
            state =
                reached >= policy.successes
                ? .closed(failures: 0) : .halfOpen(successes: reached, isTrying: false)
        // A call that was under way when others opened it: one answer does not close it.
        case .open: return
        }
    }

    private func failed(_ error: SessionError) {
        lastWords = error.message
        switch state {
        case .closed(let failures):
            state = failures + 1 >= policy.failures ? .open(since: clock.now()) : .closed(failures: failures + 1)
        case .halfOpen: state = .open(since: clock.now())
        case .open: return
        }
    }
}

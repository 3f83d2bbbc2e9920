/// Stops calling a database that keeps failing, and tries it again after a while.
///
/// Opens after five failed calls in a row, whatever number of attempts each of
/// them made; lets calls through again after thirty seconds; closes after
/// three that succeed, and opens at once when one fails.
struct CircuitBreaker: Sendable {
    private enum State {
        case closed(failures: Int)
        case open(until: ContinuousClock.Instant)
        case halfOpen(successes: Int)
    }

    private var state = State.closed(failures: 0)
    private let failuresToOpen: Int
    private let cooldown: Duration
    private let successesToClose: Int

    init(failuresToOpen: Int = 5, cooldown: Duration = .seconds(30), successesToClose: Int = 3) {
        self.failuresToOpen = failuresToOpen
        self.cooldown = cooldown
        self.successesToClose = successesToClose
    }

    /// Whether a call may be made now.
    mutating func admits(at now: ContinuousClock.Instant) -> Bool {
        switch state {
        case .closed, .halfOpen: return true
        case .open(let until):
            guard now >= until else { return false }
            state = .halfOpen(successes: 0)
            return true
        }
    }

    mutating func callSucceeded() {
        switch state {
        case .closed: state = .closed(failures: 0)
        case .open: break
        case .halfOpen(let successes):
            state = successes + 1 >= successesToClose ? .closed(failures: 0) : .halfOpen(successes: successes + 1)
        }
    }

    mutating func callFailed(at now: ContinuousClock.Instant) {
        switch state {
        case .closed(let failures):
            state = failures + 1 >= failuresToOpen ? .open(until: now + cooldown) : .closed(failures: failures + 1)
        case .open: break
        case .halfOpen: state = .open(until: now + cooldown)
        }
    }
}

import PhasegateProbes
import PhasegateStatistics
import Synchronization

/// Requests that are planned and wait for a session, in order; bounded.
final class LoadQueue: Sendable {
    /// A request that has begun by plan.
    struct Job: Sendable {
        let arm: Arm
        let user: String
        let query: SQLQuery
        let planned: ContinuousClock.Instant
    }

    private struct State {
        var jobs: [Job] = []
        var first = 0
        var waiters: [CheckedContinuation<Job?, Never>] = []
        var isOver = false
    }

    private let capacity: Int
    private let state = Mutex(State())

    init(capacity: Int = 10_000) { self.capacity = capacity }

    /// Takes a job; false when too many wait.
    func offer(_ job: Job) -> Bool {
        let (isTaken, waiter) = state.withLock { state -> (Bool, CheckedContinuation<Job?, Never>?) in
            if let waiter = state.waiters.popLast() { return (true, waiter) }
            guard state.jobs.count - state.first < capacity else { return (false, nil) }
            state.jobs.append(job)
            return (true, nil)
        }
        waiter?.resume(returning: job)
        return isTaken
    }

    /// The next job; nothing when no more come.
    func next() async -> Job? {
        await withCheckedContinuation { continuation in
            let answer: Job?? = state.withLock { state in
                if state.isOver { return .some(nil) }
                guard state.first < state.jobs.count else {
                    state.waiters.append(continuation)
                    return nil
                }
                defer {
                    state.first += 1
                    if state.first > 1000, state.first * 2 > state.jobs.count {
                        state.jobs.removeFirst(state.first)
                        state.first = 0
                    }
                }
                return state.jobs[state.first]
            }
            if let answer { continuation.resume(returning: answer) }
        }
    }

    /// Ends it; what waits is not done.
    func end() {
        let waiters = state.withLock { state in
            state.isOver = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume(returning: nil) }
    }
}

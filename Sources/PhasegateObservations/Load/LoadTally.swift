import Synchronization

/// What has come of requests and was not yet handed over.
final class LoadTally: Sendable {
    private struct State {
        var results: [LoadResult] = []
        var trouble: String?
        var isNewShare = false
    }

    private let state = Mutex(State())

    /// Most results that are kept; nobody fetches them any more then.
    private static let capacity = 1_000_000

    func note(_ result: LoadResult) {
        state.withLock { state in
            guard state.results.count < Self.capacity else {
                state.trouble = "results are not taken off, and some were dropped"
                return
            }
            state.results.append(result)
        }
    }

    func note(trouble: String) { state.withLock { $0.trouble = trouble } }

    func noteShare() { state.withLock { $0.isNewShare = true } }

    /// Everything since it was last asked, at most 10,000 results at once; trouble last.
    func fetch() -> [LoadEvent] {
        let now = state.withLock { state in
            defer { state = State() }
            return state
        }
        var events: [LoadEvent] = now.isNewShare ? [.share] : []
        for begin in stride(from: 0, to: now.results.count, by: 10_000) {
            events.append(.results(Array(now.results.dropFirst(begin).prefix(10_000))))
        }
        if let trouble = now.trouble { events.append(.trouble(trouble)) }
        return events
    }
}

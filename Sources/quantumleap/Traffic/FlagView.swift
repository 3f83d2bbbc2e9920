import PhasegateCore
import PhasegateFlags
import Synchronization

/// The flag as the application sees it: read again at most every 50 ms, the last value while it cannot be read.
final class FlagView: Sendable {
    private struct State {
        var rule: FlagRule
        var readAt: ContinuousClock.Instant?
        var problem: String?
    }

    private let store: FlagStore
    private let flag: FlagKey
    private let state: Mutex<State>
    private let age: Duration = .milliseconds(50)

    /// Nobody is exposed until the store says otherwise.
    init(store: String, flag: FlagKey) {
        self.store = FlagStore(path: store)
        self.flag = flag
        state = Mutex(State(rule: FlagRule(key: flag, salt: flag.rawValue, share: .none)))
    }

    /// The rule to decide by now; reads the store if the last reading is too old.
    func rule(at now: ContinuousClock.Instant) -> FlagRule {
        let isDue = state.withLock { state in
            // One worker reads, the others go on with what is known.
            if let readAt = state.readAt, now - readAt < age { return false }
            state.readAt = now
            return true
        }
        if isDue { refresh() }
        return state.withLock { $0.rule }
    }

    /// Why the store cannot be read, if it cannot.
    var problem: String? { state.withLock { $0.problem } }

    private func refresh() {
        let found = Result { () throws(FlagError) in try store.record(of: flag) }
        state.withLock { state in
            switch found {
            case .success(let record?):
                state.rule = record.rule
                state.problem = nil
            case .success(nil): state.problem = "flag '\(flag)' is not set in '\(store.path)'"
            case .failure(let error): state.problem = error.message
            }
        }
    }
}

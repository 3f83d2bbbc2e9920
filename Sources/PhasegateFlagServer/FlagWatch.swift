import PhasegateCore
public import PhasegateFlags
import Synchronization

/// Keeps what a flag store holds at hand, never older than the last question.
///
/// Asking whether the store has changed costs microseconds, so every question
/// asks: a kill holds from the next evaluation on, whoever has made it.
public final class FlagWatch: Sendable {
    private struct State {
        var snapshot: FlagSnapshot
        /// Of the files it was read from; nothing when they could not be read.
        var mark: FlagStoreMark?
        var listeners: [Int: AsyncStream<Void>.Continuation] = [:]
        var lastListener = 0
    }

    private let store: FlagStore
    private let state: Mutex<State>

    /// Reads the store for the first time.
    ///
    /// - Throws: `FlagError` when it cannot be read or is not there: answering that no flag exists would hand out the
    ///   callers' own defaults, which may be the new variant.
    public init(_ store: FlagStore) throws(FlagError) {
        self.store = store
        guard let mark = try store.mark() else {
            throw FlagError(.unreadable, "there is no flag store '\(store.path)' yet; set a flag first")
        }
        state = Mutex(State(snapshot: FlagSnapshot(try store.records(), isCurrent: true), mark: mark))
    }

    /// The flags as they are now; from memory when nothing has changed.
    ///
    /// When the store cannot be read any more, all flags answer with the safe variant until it can.
    func current() -> FlagSnapshot {
        state.withLock { state in
            let mark = try? store.mark()
            if let mark, mark == state.mark { return state.snapshot }
            let snapshot: FlagSnapshot
            if let mark, let records = try? store.records() {
                state.mark = mark
                snapshot = FlagSnapshot(records, isCurrent: true)
            } else {
                guard state.mark != nil else { return state.snapshot }
                state.mark = nil
                snapshot = FlagSnapshot(state.snapshot.ordered.map(\.record), isCurrent: false)
            }
            guard snapshot.mark != state.snapshot.mark else { return state.snapshot }
            state.snapshot = snapshot
            for listener in state.listeners.values { listener.yield() }
            return snapshot
        }
    }

    /// Looks for changes until the task is cancelled, so that listeners hear of them without anybody asking.
    ///
    /// - Parameter interval: between two looks; what a listener waits at most.
    public func run(every interval: Duration) async {
        while (try? await Task.sleep(for: interval)) != nil { _ = current() }
    }

    /// One element for each change from now on; several changes in a row may be one.
    func changes() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let number = state.withLock { state in
            state.lastListener += 1
            state.listeners[state.lastListener] = continuation
            return state.lastListener
        }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLock { $0.listeners[number] = nil }
        }
        return stream
    }
}

import Synchronization

/// Rung by whoever observes harm, so that nobody who waits for the next round goes on waiting.
///
/// Stays rung until it is taken, also when nobody waited.
public final class Alarm: Sendable {
    private struct State {
        var isRung = false
        var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
        var last = 0
    }

    private let state = Mutex(State())

    /// Makes an alarm that is not rung.
    public init() {}

    /// Wakes everybody who waits.
    public func ring() {
        let waiting = state.withLock { state in
            state.isRung = true
            defer { state.waiting = [:] }
            return Array(state.waiting.values)
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Whether it is rung and nobody has taken that yet.
    public var isRung: Bool { state.withLock(\.isRung) }

    /// Whether it is rung; it is not any more then.
    public func take() -> Bool {
        state.withLock { state in
            defer { state.isRung = false }
            return state.isRung
        }
    }

    /// Returns when it is rung, at once where it is already, or when the task is cancelled.
    public func wait() async {
        let number = state.withLock { state in
            state.last += 1
            return state.last
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    // A cancellation that came first finds nobody here, and is seen by this.
                    if state.isRung || Task.isCancelled { return true }
                    state.waiting[number] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            let continuation = state.withLock { $0.waiting.removeValue(forKey: number) }
            continuation?.resume()
        }
    }
}

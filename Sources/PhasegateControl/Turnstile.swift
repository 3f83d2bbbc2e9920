import Synchronization

/// Lets one through at a time, in the order they came, also over suspensions.
///
/// An actor alone does not: while one of its calls waits, another runs.
final class Turnstile: Sendable {
    private struct Line {
        var isTaken = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let line = Mutex(Line())

    /// Returns when it is one's turn; `leave` ends it.
    func enter() async {
        await withCheckedContinuation { turn in
            let isFree = line.withLock { line in
                if line.isTaken {
                    line.waiting.append(turn)
                    return false
                }
                line.isTaken = true
                return true
            }
            if isFree { turn.resume() }
        }
    }

    /// Lets the next one through.
    func leave() {
        let next = line.withLock { line in
            if line.waiting.isEmpty {
                line.isTaken = false
                return nil as CheckedContinuation<Void, Never>?
            }
            return line.waiting.removeFirst()
        }
        next?.resume()
    }
}

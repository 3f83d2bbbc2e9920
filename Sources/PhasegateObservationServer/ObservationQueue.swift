import PhasegateObservations
import Synchronization

/// What was sent and not yet judged; bounded, so that a flood is sent back instead of kept.
final class ObservationQueue: Sendable {
    /// What came in with one request.
    struct Parcel: Sendable {
        let observations: [Observation]
        let rejected: RejectedLines?
    }

    private struct State {
        var waiting: [Parcel] = []
        var count = 0
    }

    /// Most requests that wait.
    private let capacity: Int
    private let state = Mutex(State())
    private let arrival = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    init(capacity: Int = 200_000) { self.capacity = capacity }

    /// Takes a parcel, or all of it not.
    func offer(_ parcel: Parcel) -> Bool {
        let isTaken = state.withLock { state in
            guard state.count + parcel.observations.count <= capacity else { return false }
            state.waiting.append(parcel)
            state.count += parcel.observations.count
            return true
        }
        if isTaken { arrival.continuation.yield() }
        return isTaken
    }

    /// Says that nothing more comes.
    func end() { arrival.continuation.finish() }

    /// Hands everything over until the task is cancelled or nothing more comes; what is being judged still counts as waiting.
    func drain(_ take: (Parcel) async -> Void) async {
        for await _ in arrival.stream {
            while let parcel = state.withLock({ $0.waiting.isEmpty ? nil : $0.waiting.removeFirst() }) {
                await take(parcel)
                state.withLock { $0.count -= parcel.observations.count }
                if Task.isCancelled { return }
            }
        }
    }
}

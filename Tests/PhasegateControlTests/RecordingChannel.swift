import PhasegateCore
import Synchronization

/// A receiver with a memory and moods.
final class RecordingChannel: NoticeChannel {
    /// What arrived, as a receiver sees it.
    struct Arrival: Hashable, Sendable {
        let notice: Notice
        let attempt: Int
        let at: Moment
    }

    typealias Mood = @Sendable (Notice, DeliveryAttempt) throws(DeliveryFailure) -> Void

    let name: ChannelName
    let refresh: Duration?
    private let inside = Mutex<(arrivals: [Arrival], asked: Int, mood: Mood?)>(([], 0, nil))
    private let (arrived, arrival) = AsyncStream<Void>.makeStream()

    init(_ name: ChannelName = "recording", refresh: Duration? = nil) {
        self.name = name
        self.refresh = refresh
    }

    var arrivals: [Arrival] { inside.withLock(\.arrivals) }
    var notices: [Notice] { arrivals.map(\.notice) }
    var asked: Int { inside.withLock(\.asked) }

    /// Sets what it says to each attempt from now on.
    func setMood(_ mood: Mood?) { inside.withLock { $0.mood = mood } }

    /// Returns once so many have arrived; for one waiter at a time.
    func waitForArrivals(_ count: Int = 1) async {
        for await _ in arrived where arrivals.count >= count { return }
    }

    func send(_ notice: Notice, attempt: DeliveryAttempt) async throws(DeliveryFailure) -> String {
        let mood = inside.withLock { inside in
            inside.asked += 1
            return inside.mood
        }
        try mood?(notice, attempt)
        inside.withLock {
            $0.arrivals.append(Arrival(notice: notice, attempt: attempt.number, at: attempt.at))
        }
        arrival.yield()
        return "taken"
    }

    func preview(_ notice: Notice, attempt: DeliveryAttempt) throws(DeliveryFailure) -> String { notice.body }
}

import PhasegateCore
import PhasegateStatistics

/// The events of a look, from requests or from counts, and why counts do not tell them.
struct EventLook: Sendable {
    private let event: CountedEvent
    private var counts = EventCounts()
    /// Why counts do not tell the event; nothing as long as they do.
    private(set) var absence: String?

    init(_ event: CountedEvent) { self.event = event }

    /// Counts one request.
    mutating func add(_ observation: Observation) { counts.add(observation, event) }

    /// Adds counts of one arm, or notes that they do not tell the event.
    mutating func add(_ counted: CountedObservations, isJudged: Bool) {
        guard let events = event.number(in: counted) else {
            absence = event.absence(in: counted)
            return
        }
        let trials = counted.latencies.total
        if isJudged { counts.add(min(events, trials), of: trials, counted.arm) }
    }

    /// Hands over what was counted, and begins anew.
    mutating func take() -> EventCounts {
        defer { counts = EventCounts() }
        return counts
    }
}

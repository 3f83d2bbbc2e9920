import PhasegateStatistics

/// The users of a step: who was seen in which arm, and whose time is running.
struct UserWindows: Sendable {
    /// A user whose time is running.
    private struct Visit: Sendable {
        let arm: Arm
        let until: Duration
        var tallies: [UserTally]
        /// Whether it was served in the other arm as well.
        var isMixed = false

        mutating func add(_ count: (inout [UserTally]) -> Void) { count(&tallies) }
    }

    private let window: Duration
    private let tallyCount: Int
    /// Users who have been seen in this step, with the arm they were seen in first.
    private var seen: [Observation.User: Arm] = [:]
    private var visits: [Observation.User: Visit] = [:]
    /// Users whose time is running, in the order in which it ends.
    private var order: [Observation.User] = []
    private var firstOpen = 0
    /// Users seen for the first time since it was last asked.
    private(set) var fresh: [Arm: Int] = [:]
    /// Users who were served in both arms within the step.
    private(set) var mixed: Set<Observation.User> = []
    /// Requests that named nobody.
    private(set) var unnamed = 0

    /// Users who were seen.
    var count: Int { seen.count }

    /// Most users that are told apart in one step; those who come later are not counted.
    static let capacity = 2_000_000

    /// - Parameters:
    ///   - window: how long a user is watched from its first request.
    ///   - tallyCount: how many gauges count.
    init(window: Duration, tallyCount: Int) {
        self.window = window
        self.tallyCount = tallyCount
    }

    /// Notes a request.
    ///
    /// - Parameters:
    ///   - observation: the request.
    ///   - now: since the step began.
    ///   - count: counts it in the tallies, where the user's time is running in this arm.
    mutating func note(_ observation: Observation, at now: Duration, _ count: (inout [UserTally]) -> Void) {
        guard let user = observation.user else {
            unnamed += 1
            return
        }
        if let arm = seen[user] {
            guard arm == observation.arm else {
                // Which arm did it? Neither may take it for its own.
                mixed.insert(user)
                visits[user]?.isMixed = true
                return
            }
            visits[user]?.add(count)
            return
        }
        guard seen.count < Self.capacity else { return }
        seen[user] = observation.arm
        fresh[observation.arm, default: 0] += 1
        guard tallyCount > 0 else { return }
        var visit = empty(observation.arm, now)
        count(&visit.tallies)
        visits[user] = visit
        order.append(user)
    }

    private func empty(_ arm: Arm, _ now: Duration) -> Visit {
        Visit(arm: arm, until: now + window, tallies: Array(repeating: UserTally(), count: tallyCount))
    }

    /// Hands over the users whose time is over.
    mutating func close(at now: Duration, _ enter: ([UserTally], Arm) -> Void) {
        while firstOpen < order.count, let visit = visits[order[firstOpen]], visit.until <= now {
            visits[order[firstOpen]] = nil
            firstOpen += 1
            if !visit.isMixed { enter(visit.tallies, visit.arm) }
        }
        guard firstOpen > 10_000, firstOpen > order.count / 2 else { return }
        order.removeFirst(firstOpen)
        firstOpen = 0
    }

    /// Forgets how many were new.
    mutating func takeFresh() -> [Arm: Int] {
        defer { fresh = [:] }
        return fresh
    }
}

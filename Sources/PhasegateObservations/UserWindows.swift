import PhasegateStatistics

/// The users of a step: who was seen in which arm, and whose time is running.
struct UserWindows: Sendable {
    /// What is known of a user.
    private struct Known: Sendable {
        let arm: Arm
        /// Where its tallies are while its time is running.
        var slot: Int32?
    }

    /// A user whose time is running.
    private struct Visit: Sendable {
        let user: Observation.User
        let until: Duration
        let slot: Int32
    }

    private let window: Duration
    private let tallyCount: Int
    /// Users who have been seen in this step.
    private var seen: [Observation.User: Known] = [:]
    /// Users whose time is running, in the order in which it ends; those before `firstOpen` are done.
    private var order: [Visit] = []
    private var firstOpen = 0
    /// The tallies of users whose time is running, `tallyCount` for each slot; one array for all, as there are many.
    private var tallies: [UserTally] = []
    private var freeSlots: [Int32] = []
    /// Users seen for the first time since it was last asked.
    private var fresh: [Arm: Int] = [:]
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
    ///   - count: counts it in a gauge's tally, where the user's time is running in this arm.
    mutating func note(
        _ observation: Observation,
        at now: Duration,
        _ count: (_ gauge: Int, _ tally: inout UserTally) -> Void
    ) {
        guard let user = observation.user else {
            unnamed += 1
            return
        }
        let known = seen[user]
        guard let known else {
            guard seen.count < Self.capacity else { return }
            fresh[observation.arm, default: 0] += 1
            let slot = tallyCount > 0 ? takeSlot() : nil
            seen[user] = Known(arm: observation.arm, slot: slot)
            guard let slot else { return }
            order.append(Visit(user: user, until: now + window, slot: slot))
            self.count(in: slot, count)
            return
        }
        if known.arm == observation.arm {
            if let slot = known.slot { self.count(in: slot, count) }
        } else if mixed.insert(user).inserted {
            // Which arm did it? Neither may take it for its own.
            seen[user]?.slot = nil
        }
    }

    private mutating func count(in slot: Int32, _ count: (Int, inout UserTally) -> Void) {
        let first = Int(slot) * tallyCount
        for gauge in 0..<tallyCount { count(gauge, &tallies[first + gauge]) }
    }

    private mutating func takeSlot() -> Int32 {
        if let slot = freeSlots.popLast() {
            let first = Int(slot) * tallyCount
            for gauge in 0..<tallyCount { tallies[first + gauge] = UserTally() }
            return slot
        }
        for _ in 0..<tallyCount { tallies.append(UserTally()) }
        return Int32(tallies.count / tallyCount - 1)
    }

    /// Hands over the users whose time is over.
    mutating func close(at now: Duration, _ enter: (_ gauge: Int, UserTally, Arm) -> Void) {
        while firstOpen < order.count, order[firstOpen].until <= now {
            let visit = order[firstOpen]
            firstOpen += 1
            freeSlots.append(visit.slot)
            // Somebody who was served in both arms has no slot any more.
            guard let known = seen[visit.user], known.slot == visit.slot else { continue }
            seen[visit.user]?.slot = nil
            for gauge in 0..<tallyCount { enter(gauge, tallies[Int(visit.slot) * tallyCount + gauge], known.arm) }
        }
        guard firstOpen > 10_000, firstOpen > order.count / 2 else { return }
        order.removeFirst(firstOpen)
        firstOpen = 0
    }

    /// How many users of each arm were new since this was last asked.
    mutating func takeFresh() -> [Arm: Int] {
        defer { fresh = [:] }
        return fresh
    }
}

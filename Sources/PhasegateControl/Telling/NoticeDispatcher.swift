public import PhasegateCore

/// Delivers what the ledger says is to be told, and writes down what came of it.
///
/// A notice is in the ledger before it is sent, and its arrival after. A process that dies in between leaves it
/// undelivered in the ledger: the next one sends it again under the same identifier, and the receiver sees one notice.
/// Deliveries run beside the rollout, so that a slow receiver holds up no guard. Only the holder of the lease runs one.
public actor NoticeDispatcher {
    private let rollout: RolloutName
    private let ledger: any Ledger
    private let channels: [ChannelName: any NoticeChannel]
    private let actor: String
    private let policy: DeliveryPolicy
    private let now: @Sendable () -> Moment

    private var unrecorded: [Delivery] = []
    private var isRecording = false
    private var refreshedAt: [Refresh: Moment] = [:]
    private var isEnding = false
    private var wasPoked = false
    private var sleeper: CheckedContinuation<Void, Never>?

    private struct Refresh: Hashable {
        let channel: ChannelName
        let episode: EpisodeKey
    }

    /// How many deliveries are under way at once.
    private static let width = 8
    /// How many are taken from the ledger in one go.
    private static let batch = 64

    /// Makes a dispatcher; it does nothing before it is asked to.
    ///
    /// - Parameters:
    ///   - rollout: whose notices.
    ///   - ledger: where they are; the lease on the rollout is the caller's.
    ///   - channels: all that the plan names.
    ///   - actor: who delivers, for the ledger.
    ///   - policy: when an undelivered one is tried again.
    ///   - now: the clock.
    public init(
        rollout: RolloutName,
        ledger: any Ledger,
        channels: [any NoticeChannel],
        actor: String,
        policy: DeliveryPolicy = DeliveryPolicy(),
        now: @escaping @Sendable () -> Moment
    ) {
        self.rollout = rollout
        self.ledger = ledger
        self.channels = Dictionary(channels.map { ($0.name, $0) }) { first, _ in first }
        self.actor = actor
        self.policy = policy
        self.now = now
    }

    /// Sends everything that is due, and what becomes due by it.
    ///
    /// - Returns: when there is more to do; nothing when nothing is waiting.
    /// - Throws: `LedgerError`; what was sent and could not be written down is sent again under the same identifier.
    @discardableResult
    public func deliverDue() async throws -> Moment? {
        while true {
            let state = try await ledger.state(of: rollout)
            let due = state.outbox.due(at: now(), limit: Self.batch)
            guard !due.isEmpty else { return try await refresh(state.outbox) }
            try await deliver(due)
        }
    }

    /// Delivers until told to end; sleeps while nothing is due.
    ///
    /// - Throws: `LedgerError`.
    public func run() async throws {
        while !isEnding {
            let next = try await deliverDue()
            await rest(until: next)
        }
    }

    /// Something new may be in the ledger.
    public func poke() {
        wasPoked = true
        sleeper?.resume()
        sleeper = nil
    }

    /// Ends `run` once what is under way has come to an end.
    public func end() {
        isEnding = true
        poke()
    }

    // MARK: One batch

    private func deliver(_ due: [Outbox.Pending]) async throws {
        var notices: [Int: Notice] = [:]
        for sequence in Set(due.map(\.sequence)) {
            if case .raised(let notice, _) = try await ledger.entry(sequence, of: rollout)?.event {
                notices[sequence] = notice
            }
        }
        try await withThrowingTaskGroup { group in
            var rest = due[...]
            for _ in 0..<Self.width {
                guard let item = rest.popFirst() else { break }
                let notice = notices[item.sequence]
                group.addTask { try await self.deliver(item, notice) }
            }
            while try await group.next() != nil {
                guard let item = rest.popFirst() else { continue }
                let notice = notices[item.sequence]
                group.addTask { try await self.deliver(item, notice) }
            }
        }
    }

    private func deliver(_ item: Outbox.Pending, _ notice: Notice?) async throws {
        let attempt = DeliveryAttempt(number: item.attempts + 1, at: now())
        let outcome: Delivery.Outcome
        if let notice, let channel = channels[item.channel], try await isOpen(item.channel) {
            if item.awaitsFiring {
                return try await record(item, 0, .dropped("nothing was heard here that could be taken back"))
            }
            do {
                outcome = .arrived(try await channel.send(notice, attempt: attempt))
                refreshedAt[Refresh(channel: item.channel, episode: item.episode)] = attempt.at
            } catch {
                outcome = policy.outcome(of: error, attempt: attempt)
            }
        } else if notice == nil {
            outcome = .dead("the ledger has no such notice")
        } else if channels[item.channel] == nil {
            outcome = .dead("the plan has no channel '\(item.channel)' any more")
        } else {
            return try await record(item, item.attempts, .dropped("the receiver is gone for good"))
        }
        try await record(item, attempt.number, outcome)
    }

    private func isOpen(_ channel: ChannelName) async throws -> Bool {
        try await !ledger.state(of: rollout).outbox.closed.contains(channel)
    }

    private func record(_ item: Outbox.Pending, _ attempt: Int, _ outcome: Delivery.Outcome) async throws {
        unrecorded.append(Delivery(notice: item.notice, channel: item.channel, attempt: attempt, outcome: outcome))
        // Whoever is writing already takes it along: many arrivals become one append.
        guard !isRecording else { return }
        isRecording = true
        defer { isRecording = false }
        while !unrecorded.isEmpty {
            let events = unrecorded.map { LedgerEvent.delivered($0) }
            unrecorded = []
            try await ledger.append(events, to: rollout, by: actor, at: now())
        }
    }

    // MARK: Receivers that forget

    /// Tells receivers that forget again of what still goes on; not news, so the ledger does not hear of it.
    private func refresh(_ outbox: Outbox) async throws -> Moment? {
        var next = outbox.nextDueAt
        for (key, episode) in outbox.episodes.sorted(by: { $0.key < $1.key }) {
            for name in episode.told {
                guard let channel = channels[name], let interval = channel.refresh, !outbox.closed.contains(name) else {
                    continue
                }
                let place = Refresh(channel: name, episode: key)
                if now() >= (refreshedAt[place] ?? Moment(milliseconds: 0)) + interval {
                    refreshedAt[place] = now()
                    if case .raised(let notice, _) = try await ledger.entry(episode.lastSequence, of: rollout)?.event {
                        // A receiver that is away for a moment hears of it at the next interval.
                        _ = try? await channel.send(notice, attempt: DeliveryAttempt(number: 1, at: now()))
                    }
                }
                let again = (refreshedAt[place] ?? now()) + interval
                next = min(next ?? again, again)
            }
        }
        return next
    }

    // MARK: Sleep

    private func rest(until moment: Moment?) async {
        if wasPoked || isEnding {
            wasPoked = false
            return
        }
        let alarm = moment.map { moment in
            Task {
                try? await Task.sleep(for: max(.milliseconds(10), moment - now()))
                if !Task.isCancelled { self.poke() }
            }
        }
        await withCheckedContinuation { sleeper = $0 }
        alarm?.cancel()
        wasPoked = false
    }
}

public import PhasegateCore

/// Delivers what the ledger says is to be told, and writes down what came of it.
///
/// A notice is in the ledger before it is sent, and its arrival after. A process that dies in between leaves it
/// undelivered in the ledger: the next one sends it again under the same identifier, and the receiver sees one notice.
/// Deliveries run beside the rollout and each channel beside the others, so that a slow receiver holds up neither a
/// guard nor anybody else. Only the holder of the lease runs one.
public actor NoticeDispatcher {
    private let rollout: RolloutName
    private let ledger: any Ledger
    private let channels: [ChannelName: any NoticeChannel]
    private let actor: String
    private let policy: DeliveryPolicy
    private let now: @Sendable () -> Moment

    private var unrecorded: [(delivery: Delivery, recorded: CheckedContinuation<Void, any Error>)] = []
    private var isRecording = false
    private var refreshedAt: [Refresh: Moment] = [:]
    private var isEnding = false
    private var pokes = 0
    private var sleepers: [Int: CheckedContinuation<Void, Never>] = [:]
    private var lastSleeper = 0

    private struct Refresh: Hashable {
        let channel: ChannelName
        let episode: EpisodeKey
    }

    /// Who is served together: one channel, or all that the plan no longer has.
    private enum Lane: Hashable {
        case channel(ChannelName)
        case unknown
    }

    /// How many deliveries are under way at once on a channel.
    private static let width = 8
    /// How many are taken from the ledger in one go.
    private static let batch = 64
    /// Longest wait before a ledger that failed is tried again.
    private static let longestTrouble = Duration.seconds(30)

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
            let next = try await deliverDueOnce()
            // While one channel was slow, another may have come to its next attempt.
            if try await ledger.state(of: rollout).outbox.due(at: now(), limit: 1).isEmpty { return next }
        }
    }

    private func deliverDueOnce() async throws -> Moment? {
        try await withThrowingTaskGroup(of: Moment?.self) { group in
            for lane in lanes { group.addTask { try await self.deliverDue(in: lane) } }
            var next: Moment?
            while let moment = try await group.next() {
                if let moment { next = min(next ?? moment, moment) }
            }
            return next
        }
    }

    /// Delivers until told to end; sleeps while nothing is due.
    ///
    /// A ledger that cannot be used for a moment is tried again, so that a rollout of days does not go silent.
    ///
    /// - Parameters:
    ///   - onTrouble: hears of each failure of the ledger once.
    ///   - telling: raises what is due by time alone, and says when it wants to be asked again.
    public func run(
        onTrouble: @escaping @Sendable (any Error) -> Void = { _ in },
        telling: (@Sendable () async throws -> Moment?)? = nil
    ) async {
        await withTaskGroup { group in
            if let telling {
                group.addTask { await self.keepAsking(onTrouble) { try await telling() } }
            }
            for lane in lanes {
                group.addTask { await self.keepAsking(onTrouble) { try await self.deliverDue(in: lane) } }
            }
        }
    }

    /// Something new may be in the ledger.
    public func poke() {
        pokes += 1
        for sleeper in sleepers.values { sleeper.resume() }
        sleepers = [:]
    }

    /// Ends `run` once what is under way has come to an end.
    public func end() {
        isEnding = true
        poke()
    }

    // MARK: One channel

    private var lanes: [Lane] { [.unknown] + channels.keys.sorted().map { .channel($0) } }

    private func isServed(_ channel: ChannelName, in lane: Lane) -> Bool {
        switch lane {
        case .channel(let name): name == channel
        case .unknown: channels[channel] == nil
        }
    }

    private func deliverDue(in lane: Lane) async throws -> Moment? {
        while true {
            let outbox = try await ledger.state(of: rollout).outbox
            let due = outbox.due(at: now(), on: { isServed($0, in: lane) }, limit: Self.batch)
            guard due.isEmpty else {
                try await deliver(due)
                continue
            }
            let next = outbox.nextDueAt { isServed($0, in: lane) }
            guard case .channel(let name) = lane, let again = try await refresh(name, outbox) else { return next }
            return min(next ?? again, again)
        }
    }

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
                outcome = policy.outcome(of: error, attempt: attempt, at: now())
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
        let delivery = Delivery(notice: item.notice, channel: item.channel, attempt: attempt, outcome: outcome)
        try await withCheckedThrowingContinuation { recorded in
            unrecorded.append((delivery, recorded))
            // Whoever is writing already takes it along: many arrivals become one append.
            guard !isRecording else { return }
            isRecording = true
            Task { await recordAll() }
        }
    }

    private func recordAll() async {
        while !unrecorded.isEmpty {
            let batch = unrecorded
            unrecorded = []
            do {
                try await ledger.append(batch.map { .delivered($0.delivery) }, to: rollout, by: actor, at: now())
                for (_, recorded) in batch { recorded.resume() }
            } catch {
                for (_, recorded) in batch { recorded.resume(throwing: error) }
            }
        }
        isRecording = false
    }

    // MARK: Receivers that forget

    /// Tells a receiver that forgets again of what still goes on; not news, so the ledger does not hear of it.
    ///
    /// - Returns: when it has to be told again.
    private func refresh(_ name: ChannelName, _ outbox: Outbox) async throws -> Moment? {
        guard let channel = channels[name], let interval = channel.refresh, !outbox.closed.contains(name) else {
            return nil
        }
        var next: Moment?
        var isAway = false
        for (key, episode) in outbox.episodes.sorted(by: { $0.key < $1.key }) where episode.told.contains(name) {
            let place = Refresh(channel: name, episode: key)
            if !isEnding, now() >= (refreshedAt[place] ?? Moment(milliseconds: 0)) + interval {
                refreshedAt[place] = now()
                // Away for one is away for all; it hears of them at the next interval.
                if !isAway,
                    case .raised(let notice, _) = try await ledger.entry(episode.lastSequence, of: rollout)?.event
                {
                    do {
                        _ = try await channel.send(notice, attempt: DeliveryAttempt(number: 1, at: now()))
                    } catch {
                        isAway = true
                    }
                }
            }
            let again = (refreshedAt[place] ?? now()) + interval
            next = min(next ?? again, again)
        }
        return next
    }

    // MARK: Sleep

    /// Does a piece of work over and over, whenever it wants to be done again or somebody pokes.
    private func keepAsking(
        _ onTrouble: @Sendable (any Error) -> Void,
        _ work: @Sendable () async throws -> Moment?
    ) async {
        var trouble = Duration.zero
        while !isEnding {
            let seen = pokes
            do {
                let next = try await work()
                trouble = .zero
                await rest(until: next, unlessPokedSince: seen)
            } catch {
                if trouble == .zero { onTrouble(error) }
                trouble = min(max(trouble * 2, .seconds(1)), Self.longestTrouble)
                await rest(until: now() + trouble, unlessPokedSince: pokes)
            }
        }
    }

    private func rest(until moment: Moment?, unlessPokedSince seen: Int) async {
        guard pokes == seen, !isEnding else { return }
        lastSleeper += 1
        let number = lastSleeper
        let alarm = moment.map { moment in
            Task {
                try? await Task.sleep(for: max(.milliseconds(10), moment - now()))
                if !Task.isCancelled { self.wake(number) }
            }
        }
        await withCheckedContinuation { sleepers[number] = $0 }
        alarm?.cancel()
    }

    private func wake(_ number: Int) { sleepers.removeValue(forKey: number)?.resume() }
}

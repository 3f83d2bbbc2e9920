/// What is still to be told and to whom: the part of a rollout's state that notices live in.
///
/// It holds open episodes and undelivered notices only, so that it stays small
/// however long the ledger grows; the notices themselves are in the ledger.
public struct Outbox: Hashable, Codable, Sendable {
    /// A notice that one channel has still to carry.
    public struct Pending: Hashable, Codable, Sendable {
        /// The notice.
        public let notice: NoticeID
        /// Where it is in the ledger.
        public let sequence: Int
        /// Its episode.
        public let episode: EpisodeKey
        /// Where in its episode it stands.
        public let kind: Notice.Kind
        /// The channel.
        public let channel: ChannelName
        /// Attempts made.
        public var attempts = 0
        /// Not before.
        public var dueAt: Moment
        /// Whether the receiver itself asked not to be tried before.
        public var isAskedToWait = false
        /// Whether it is only sent after an earlier notice of its episode has arrived on this channel.
        public var awaitsFiring = false
    }

    /// Something people were told of that still goes on.
    public struct Episode: Hashable, Codable, Sendable {
        /// Level of its last notice.
        public var level: String
        /// The phase.
        public let phase: PhaseName?
        /// The stage the rollout stood at when it began.
        public let stage: StageName?
        /// The risk.
        public let risk: RiskID?
        /// Criteria of its last notice.
        public var criteria: [CriterionName]
        /// How the rollout stood at its last notice.
        public var standing: String
        /// When it began.
        public let startedAt: Moment
        /// How often it was passed on.
        public var rung = 0
        /// Repetitions since it was passed on last.
        public var repeats = 0
        /// When its last notice was raised.
        public var lastRaisedAt: Moment
        /// When people hear of its last notice at the earliest: later than it was raised in quiet hours.
        public var heardAt: Moment
        /// Where its last notice is in the ledger.
        public var lastSequence: Int
        /// Until when somebody has to acknowledge it; excluded.
        public var acknowledgeBy: Moment?
        /// Who takes care of it, once somebody does.
        public var acknowledgement: Acknowledgement?
        /// Channels that carried a firing notice of it.
        public var told: [ChannelName] = []
    }

    /// Undelivered notices, oldest first.
    public var pending: [Pending] = []
    /// What goes on.
    public var episodes: [EpisodeKey: Episode] = [:]
    /// Channels whose receiver is gone for good.
    public var closed: [ChannelName] = []
    /// Notices raised so far; numbers the next one.
    public var raised = 0

    /// Nothing to tell.
    public init() {}

    /// What may be sent now: due, and nothing older of its episode waiting for the same channel.
    ///
    /// A notice is due with the first of those that wait behind it: what quiet hours hold back must not hold back what
    /// they never silence, and news is a reason to try a receiver again that was away. A receiver that asked for time
    /// is given it all the same.
    ///
    /// - Parameters:
    ///   - moment: now.
    ///   - isWanted: which channels are asked for; all by default.
    ///   - limit: the most that is wanted.
    /// - Returns: oldest first.
    public func due(
        at moment: Moment,
        on isWanted: (ChannelName) -> Bool = { _ in true },
        limit: Int = .max
    ) -> [Pending] {
        let lines = lines(on: isWanted)
        return Array(lines.lazy.filter { $0.dueAt <= moment }.map { pending[$0.first] }.prefix(limit))
    }

    /// When the next notice becomes due.
    ///
    /// - Parameter isWanted: which channels are asked for; all by default.
    /// - Returns: nothing when none is waiting.
    public func nextDueAt(on isWanted: (ChannelName) -> Bool = { _ in true }) -> Moment? {
        lines(on: isWanted).map(\.dueAt).min()
    }

    /// Channels that have a firing of the present episode still to carry.
    public func channelsUnderWay(in episode: EpisodeKey) -> [ChannelName] {
        var underWay: [ChannelName] = []
        for item in pending where item.episode == episode {
            if item.kind == .resolved {
                underWay.removeAll { $0 == item.channel }
            } else if !underWay.contains(item.channel) {
                underWay.append(item.channel)
            }
        }
        return underWay
    }

    /// What waits for one channel in one episode.
    private struct Line {
        /// Index of its oldest notice.
        let first: Int
        /// When that may be sent.
        var dueAt: Moment
    }

    /// By their oldest notice.
    private func lines(on isWanted: (ChannelName) -> Bool) -> [Line] {
        struct Key: Hashable {
            let channel: ChannelName
            let episode: EpisodeKey
        }
        var places: [Key: Int] = [:]
        var lines: [Line] = []
        for (index, item) in pending.enumerated() where isWanted(item.channel) {
            let key = Key(channel: item.channel, episode: item.episode)
            if let place = places[key] {
                guard !pending[lines[place].first].isAskedToWait else { continue }
                lines[place].dueAt = min(lines[place].dueAt, item.dueAt)
            } else {
                places[key] = lines.count
                lines.append(Line(first: index, dueAt: item.dueAt))
            }
        }
        return lines
    }
}

extension Outbox {
    mutating func raise(_ notice: Notice, to assignments: [Assignment], sequence: Int) {
        raised += 1
        let told = episodes[notice.episode]?.told ?? []
        for assignment in assignments {
            var item = Pending(
                notice: notice.id,
                sequence: sequence,
                episode: notice.episode,
                kind: notice.kind,
                channel: assignment.channel,
                dueAt: assignment.dueAt
            )
            // What people were never told of need not be taken back. Whether they are may still be open, or have been
            // when the resolution was thought of.
            item.awaitsFiring = notice.kind == .resolved && !told.contains(assignment.channel)
            pending.append(item)
        }
        let heardAt = assignments.map(\.dueAt).min() ?? notice.raisedAt
        switch notice.kind {
        case .resolved:
            episodes[notice.episode] = nil
        case .fired, .updated, .repeated, .escalated, .test:
            var episode =
                episodes[notice.episode]
                ?? Episode(
                    level: notice.level,
                    phase: notice.phase,
                    stage: notice.stage,
                    risk: notice.risk,
                    criteria: notice.criteria,
                    standing: notice.standing,
                    startedAt: notice.startedAt,
                    lastRaisedAt: notice.raisedAt,
                    heardAt: heardAt,
                    lastSequence: sequence
                )
            episode.level = notice.level
            episode.criteria = notice.criteria
            episode.standing = notice.standing
            episode.repeats = notice.kind == .repeated ? episode.repeats + 1 : 0
            episode.rung = notice.rung
            episode.lastRaisedAt = notice.raisedAt
            episode.heardAt = heardAt
            episode.lastSequence = sequence
            episode.acknowledgeBy = notice.acknowledgeBy
            episodes[notice.episode] = episode
        }
    }

    mutating func settle(_ delivery: Delivery) {
        guard
            let index = pending.firstIndex(where: {
                $0.notice == delivery.notice && $0.channel == delivery.channel
            })
        else { return }
        let item = pending[index]
        switch delivery.outcome {
        case .failed(_, let retryAt, let isAsked):
            pending[index].attempts = delivery.attempt
            pending[index].dueAt = retryAt
            pending[index].isAskedToWait = isAsked
            // What waits behind it has been the reason to try once, and is not again.
            for later in pending.indices[(index + 1)...]
            where pending[later].channel == item.channel && pending[later].episode == item.episode {
                pending[later].dueAt = max(pending[later].dueAt, retryAt)
            }
            return
        case .arrived where item.kind != .resolved:
            noteFiring(at: index)
        case .closed:
            if !closed.contains(item.channel) { closed.append(item.channel) }
        case .arrived, .dead, .dropped:
            break
        }
        pending.remove(at: index)
    }

    /// A firing has arrived: what takes it back may be sent there, now or once it is raised.
    private mutating func noteFiring(at index: Int) {
        let item = pending[index]
        let resolution = pending[(index + 1)...].firstIndex {
            $0.channel == item.channel && $0.episode == item.episode && $0.kind == .resolved
        }
        if let resolution {
            // It belongs to an episode that is over; the present one, if any, has firings of its own.
            pending[resolution].awaitsFiring = false
        } else if episodes[item.episode]?.told.contains(item.channel) == false {
            episodes[item.episode]?.told.append(item.channel)
        }
    }

    mutating func acknowledge(_ acknowledgement: Acknowledgement) {
        episodes[acknowledgement.episode]?.acknowledgement = acknowledgement
    }
}

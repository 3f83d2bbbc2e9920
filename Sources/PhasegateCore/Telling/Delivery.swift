/// What came of one attempt to deliver a notice; an entry of the ledger.
public struct Delivery: Hashable, Codable, Sendable {
    /// What came of it.
    public enum Outcome: Hashable, Codable, Sendable {
        /// The receiver has it; what it said.
        case arrived(String)
        /// Not delivered; tried again at the moment, and not before where the receiver asked for that time.
        case failed(String, retryAt: Moment, isAsked: Bool = false)
        /// Not delivered, and given up.
        case dead(String)
        /// Not delivered, and the receiver is gone for good: nothing more is sent on this channel.
        case closed(String)
        /// Not sent, because there was nothing to say any more on this channel.
        case dropped(String)
    }

    /// The notice.
    public let notice: NoticeID
    /// The channel.
    public let channel: ChannelName
    /// Which attempt, from 1; 0 for one that was dropped without any.
    public let attempt: Int
    /// What came of it.
    public let outcome: Outcome

    /// Puts a delivery together.
    public init(notice: NoticeID, channel: ChannelName, attempt: Int, outcome: Outcome) {
        self.notice = notice
        self.channel = channel
        self.attempt = attempt
        self.outcome = outcome
    }
}

/// A channel that is to carry a notice, and from when on.
public struct Assignment: Hashable, Codable, Sendable {
    /// The channel.
    public let channel: ChannelName
    /// Not before; later than the notice in quiet hours.
    public let dueAt: Moment

    /// Puts an assignment together.
    public init(channel: ChannelName, dueAt: Moment) {
        self.channel = channel
        self.dueAt = dueAt
    }
}

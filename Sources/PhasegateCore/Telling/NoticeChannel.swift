/// Carries notices to people or to the programs that reach them.
public protocol NoticeChannel: Sendable {
    /// Its name in the rollout file, as `operations-mail`.
    var name: ChannelName { get }

    /// How often a receiver that forgets has to be told that an episode still goes on; nothing for one that remembers.
    var refresh: Duration? { get }

    /// Sends a notice; returns once the receiver has said that it has it.
    ///
    /// Sending the same notice again is safe: the receiver sees the same identifier.
    ///
    /// - Parameters:
    ///   - notice: what to send.
    ///   - attempt: which attempt this is; time stamps and signatures are made from its time, never from the notice's.
    /// - Returns: what the receiver said, as `200` or `250 queued`, for the ledger; without secrets.
    /// - Throws: `DeliveryFailure`.
    func send(_ notice: Notice, attempt: DeliveryAttempt) async throws(DeliveryFailure) -> String

    /// The bytes that would be sent, for people who want to see them; secrets left out. Touches nothing.
    func preview(_ notice: Notice, attempt: DeliveryAttempt) throws(DeliveryFailure) -> String
}

extension NoticeChannel {
    /// The receiver remembers.
    public var refresh: Duration? { nil }
}

/// One try to deliver a notice on a channel.
public struct DeliveryAttempt: Hashable, Sendable {
    /// From 1.
    public let number: Int
    /// When it is made.
    public let at: Moment

    /// Puts an attempt together.
    public init(number: Int, at: Moment) {
        self.number = number
        self.at = at
    }
}

/// A notice was not delivered.
public struct DeliveryFailure: Error, Hashable, Codable, Sendable, CustomStringConvertible {
    /// Whether trying again can help.
    public enum Remedy: Hashable, Codable, Sendable {
        /// Trying again may help; not before so long, where the receiver said so.
        case retry(after: Duration?)
        /// The receiver will never take this notice, or the channel is set up wrongly.
        case giveUp
        /// The receiver is gone for good (HTTP 410): nothing more is to be sent to it.
        case closeChannel
    }

    /// What was tried and why it failed; without secrets and without the address where that is one.
    public let message: String
    /// Whether trying again can help.
    public let remedy: Remedy

    /// Puts a failure together.
    public init(_ message: String, remedy: Remedy = .retry(after: nil)) {
        self.message = message
        self.remedy = remedy
    }

    /// The message.
    public var description: String { message }
}

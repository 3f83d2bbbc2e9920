public import PhasegateCore

/// Hands one message to a mail server; the port that tests put faults into.
public protocol OutgoingMail: Sendable {
    /// Submits a message.
    ///
    /// - Parameter submission: what is sent, by whom and to whom.
    /// - Returns: the server's reply, as `250 queued`.
    /// - Throws: `DeliveryFailure`: to retry for replies 4xx, the network and time, to give up for replies 5xx.
    func submit(_ submission: MailSubmission) async throws(DeliveryFailure) -> String
}

/// A message with its envelope.
public struct MailSubmission: Hashable, Sendable {
    /// How the way to the server is protected.
    public enum Security: String, Hashable, Sendable, CaseIterable {
        /// TLS after a plain greeting; a server that does not offer it gets nothing.
        case starttls
        /// TLS from the first byte.
        case tls
        /// None; only within this machine.
        case none
    }

    /// Name or address of the server.
    public let host: String
    /// Its port.
    public let port: Int
    /// How the way is protected.
    public let security: Security
    /// What this machine calls itself; its own name unless given.
    public let hello: String?
    /// User name, a secret.
    public let user: String?
    /// Password, a secret.
    public let password: String?
    /// Address of the envelope's sender, without brackets.
    public let sender: String
    /// Addresses of the envelope's recipients, without brackets; one that is refused refuses all.
    public let recipients: [String]
    /// The message with its header, lines ended by CRLF.
    public let message: [UInt8]
    /// From looking up the name to the last reply.
    public let timeout: Duration
    /// File with the authorities to trust instead of the system's.
    public let authorities: String?

    /// Puts a submission together.
    public init(
        host: String,
        port: Int,
        security: Security,
        hello: String? = nil,
        user: String? = nil,
        password: String? = nil,
        sender: String,
        recipients: [String],
        message: [UInt8],
        timeout: Duration = .seconds(15),
        authorities: String? = nil
    ) {
        self.host = host
        self.port = port
        self.security = security
        self.hello = hello
        self.user = user
        self.password = password
        self.sender = sender
        self.recipients = recipients
        self.message = message
        self.timeout = timeout
        self.authorities = authorities
    }
}

public import PhasegateCore

/// Sends one request and says what came back; the port that tests put faults into.
public protocol OutgoingHTTP: Sendable {
    /// Sends a POST. Redirects are not followed: they come back as answers.
    ///
    /// - Parameter request: what is sent.
    /// - Returns: the answer, whatever its status.
    /// - Throws: `DeliveryFailure` when there was no complete answer; its message names no address.
    func post(_ request: OutgoingRequest) async throws(DeliveryFailure) -> IncomingAnswer
}

/// A POST that is ready to go.
public struct OutgoingRequest: Hashable, Sendable {
    /// A line of the head.
    public struct Header: Hashable, Sendable {
        /// As `content-type`.
        public let name: String
        /// Printable ASCII.
        public let value: String

        /// Puts a line together.
        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// An `http` or `https` address; may itself be a secret.
    public let address: String
    /// In the order they are sent; may hold secrets.
    public let headers: [Header]
    /// The body.
    public let body: [UInt8]
    /// How it is carried.
    public let transport: HTTPTransport

    /// Puts a request together.
    public init(address: String, headers: [Header], body: [UInt8], transport: HTTPTransport = HTTPTransport()) {
        self.address = address
        self.headers = headers
        self.body = body
        self.transport = transport
    }
}

/// How a channel's requests are carried.
public struct HTTPTransport: Hashable, Sendable {
    /// From looking up the name to the last byte of the answer.
    public let timeout: Duration
    /// Whether `http_proxy`, `https_proxy` and `no_proxy` are looked at.
    public let usesProxyVariables: Bool
    /// File with the certificates of the authorities to trust instead of the system's.
    public let authorities: String?

    /// Puts it together.
    public init(timeout: Duration = .seconds(15), usesProxyVariables: Bool = false, authorities: String? = nil) {
        self.timeout = timeout
        self.usesProxyVariables = usesProxyVariables
        self.authorities = authorities
    }
}

/// What a receiver answered.
public struct IncomingAnswer: Hashable, Sendable {
    /// Status, as 200.
    public let status: Int
    /// Header lines by lower-case name; of several with one name the last.
    public let headers: [String: String]
    /// At most 64 KiB of the body.
    public let body: [UInt8]

    /// Puts an answer together.
    public init(status: Int, headers: [String: String] = [:], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

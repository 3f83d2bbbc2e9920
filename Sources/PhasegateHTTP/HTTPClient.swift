/// A request that is ready to go; address and headers may hold secrets.
package struct HTTPRequest: Hashable, Sendable {
    /// As `PATCH`.
    package let method: String
    /// An `http` or `https` address.
    package let address: String
    /// As `content-type: application/json`.
    package let headers: [String]
    /// Nothing for a request without one.
    package let body: [UInt8]?
    /// From looking up the name to the last byte of the answer.
    package let timeout: Duration
    /// File with the certificates of the authorities to trust instead of the system's.
    package let authorities: String?
    /// Bytes of the answer's body that are kept; the rest is not read.
    package let longestAnswer: Int

    /// Puts a request together.
    package init(
        method: String,
        address: String,
        headers: [String],
        body: [UInt8]?,
        timeout: Duration,
        authorities: String?,
        longestAnswer: Int = CurlTransfer.bodyLimit
    ) {
        self.method = method
        self.address = address
        self.headers = headers
        self.body = body
        self.timeout = timeout
        self.authorities = authorities
        self.longestAnswer = longestAnswer
    }
}

/// What a receiver answered.
package struct HTTPAnswer: Hashable, Sendable {
    /// Status, as 200.
    package let status: Int
    /// The body, up to what was asked for.
    package let body: [UInt8]
    /// Whether there was more of it.
    package let isCut: Bool

    /// Puts an answer together.
    package init(status: Int, body: [UInt8], isCut: Bool = false) {
        self.status = status
        self.body = body
        self.isCut = isCut
    }
}

/// There was no complete answer.
package struct HTTPFailure: Error, Hashable, Sendable {
    /// What happened, without addresses.
    package let message: String
    /// Whether trying again can help.
    package let canRetry: Bool

    /// Puts a failure together.
    package init(_ message: String, canRetry: Bool) {
        self.message = message
        self.canRetry = canRetry
    }
}

/// Sends one request and says what came back.
package protocol HTTPClient: Sendable {
    /// Sends a request; redirects are not followed, they come back as answers.
    func send(_ request: HTTPRequest) async throws(HTTPFailure) -> HTTPAnswer
}

/// HTTP through libcurl, which is loaded with the first request.
package struct CurlClient: HTTPClient {
    private let library: String

    /// Makes a client; nothing is loaded yet.
    package init(library: String = "libcurl.so.4") { self.library = library }

    /// Sends on a thread of its own; cancelling the task ends it within about a second.
    package func send(_ request: HTTPRequest) async throws(HTTPFailure) -> HTTPAnswer {
        guard webAddressProblem(request.address) == nil else {
            throw HTTPFailure("the address cannot be used", canRetry: false)
        }
        guard request.headers.allSatisfy({ $0.utf8.allSatisfy { (0x20..<0x7F).contains($0) } }) else {
            throw HTTPFailure("a header is not one line of printable ASCII", canRetry: false)
        }
        let transfer = CurlTransfer(
            address: request.address,
            payload: .request(method: request.method, headers: request.headers, body: request.body),
            timeout: request.timeout,
            authorities: request.authorities,
            longestAnswer: request.longestAnswer
        )
        switch await transfer.run(library: library) {
        case .success(let answer): return HTTPAnswer(status: answer.status, body: answer.body, isCut: answer.isCut)
        case .failure(let failure): throw HTTPFailure(failure.message, canRetry: failure.canRetry)
        }
    }
}

import PhasegateCore
import PhasegateHTTP
import PhasegateHashing

/// A channel that sends each notice as one request.
protocol HTTPChannel: ChannelKind {
    /// How requests go out.
    var http: any OutgoingHTTP { get }
    /// Where secrets come from.
    var secrets: SecretSource { get }

    /// Whether somebody who reads a request on its way could send others in our name.
    var carriesCredentials: Bool { get }

    /// The request that carries a notice.
    func request(
        _ notice: Notice,
        attempt: DeliveryAttempt,
        secrets: SecretSource
    ) throws(DeliveryFailure) -> OutgoingRequest

    /// What the answer means; statuses mean the same on all channels.
    func receipt(_ answer: IncomingAnswer, attempt: DeliveryAttempt) throws(DeliveryFailure) -> String
}

extension HTTPChannel {
    func receipt(_ answer: IncomingAnswer, attempt: DeliveryAttempt) throws(DeliveryFailure) -> String {
        try answer.receipt(for: attempt)
    }

    /// Sends the request and reads the answer.
    public func send(_ notice: Notice, attempt: DeliveryAttempt) async throws(DeliveryFailure) -> String {
        let request = try request(notice, attempt: attempt, secrets: secrets)
        // Where the address is a reference, this is the first time it is seen.
        guard
            !carriesCredentials
                || isPrivate(
                    wayTo: request.address,
                    usingProxyVariables: request.transport.usesProxyVariables
                )
        else {
            throw DeliveryFailure(
                "credentials are sent to an 'https://' address, or to this machine, and the address is neither",
                remedy: .giveUp
            )
        }
        return try receipt(try await http.post(request), attempt: attempt)
    }

    /// The request as it would be sent, secrets replaced by their references; touches nothing.
    public func preview(_ notice: Notice, attempt: DeliveryAttempt) throws(DeliveryFailure) -> String {
        let request = try request(notice, attempt: attempt, secrets: .masked)
        let head = ["POST \(request.address)"] + request.headers.map { "\($0.name): \($0.value)" }
        return head.joined(separator: "\n") + "\n\n" + String(decoding: request.body, as: UTF8.self) + "\n"
    }
}

extension HTTPAuthorization {
    /// The header line, or its form with the references in place of the secrets.
    func header(from secrets: SecretSource) throws(DeliveryFailure) -> OutgoingRequest.Header {
        switch self {
        case .bearer(let token): return .init("authorization", "Bearer \(try secrets.secret(token))")
        case .basic(let user, let password):
            let pair = "\(try secrets.secret(user)):\(try secrets.secret(password))"
            return .init("authorization", "Basic \(secrets.isMasked ? pair : base64(Array(pair.utf8)))")
        }
    }
}

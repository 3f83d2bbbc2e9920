public import PhasegateCore
import PhasegateHTTP

/// HTTP through libcurl, which is loaded with the first request.
public struct CurlHTTP: OutgoingHTTP {
    private let library: String

    /// Makes the port; nothing is loaded yet.
    ///
    /// - Parameter library: what is loaded.
    public init(library: String = "libcurl.so.4") { self.library = library }

    /// Sends a POST on a thread of its own.
    ///
    /// - Parameter request: what is sent.
    /// - Returns: the answer, whatever its status.
    /// - Throws: `DeliveryFailure`: to retry for the network, for time and for a missing libcurl, to give up for
    ///   what cannot be sent.
    public func post(_ request: OutgoingRequest) async throws(DeliveryFailure) -> IncomingAnswer {
        guard webAddressProblem(request.address) == nil else {
            throw DeliveryFailure("the address cannot be used", remedy: .giveUp)
        }
        for header in request.headers where !header.isSendable {
            throw DeliveryFailure("the header '\(header.name)' cannot be sent as it is", remedy: .giveUp)
        }
        let transfer = CurlTransfer(
            address: request.address,
            payload: .request(
                method: "POST",
                headers: request.headers.map { "\($0.name): \($0.value)" },
                body: request.body
            ),
            timeout: request.transport.timeout,
            authorities: request.transport.authorities,
            usesProxyVariables: request.transport.usesProxyVariables
        )
        switch await transfer.run(library: library) {
        case .success(let answer):
            return IncomingAnswer(status: answer.status, headers: headers(from: answer.lines), body: answer.body)
        case .failure(let failure):
            throw DeliveryFailure(failure.message, remedy: failure.canRetry ? .retry(after: nil) : .giveUp)
        }
    }

    /// The header lines of the last head; an interim answer (1xx) has one of its own.
    private func headers(from lines: [String]) -> [String: String] {
        var headers: [String: String] = [:]
        for line in lines {
            if line.hasPrefix("HTTP/") { headers = [:] }
            guard let colon = line.utf8.firstIndex(of: UInt8(ascii: ":")) else { continue }
            let name = line[..<colon].lowercased()
            headers[name] = NoticeText.oneLine(String(line[line.utf8.index(after: colon)...]))
        }
        return headers
    }
}

extension OutgoingRequest.Header {
    /// Whether it stays one line of printable ASCII: what a data value could break out with is not sent.
    var isSendable: Bool {
        !name.isEmpty && name.utf8.allSatisfy { $0.isHeaderNameByte } && !value.isEmpty
            && value.utf8.allSatisfy { (0x20..<0x7F).contains($0) }
    }
}

extension UInt8 {
    fileprivate var isHeaderNameByte: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}

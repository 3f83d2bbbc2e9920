import CLibCurl
import Dispatch
import PhasegateCore
import Synchronization

/// What libcurl is asked to do, as plain values.
package struct CurlTransfer: Sendable {
    /// What is sent.
    package enum Payload: Sendable {
        /// A request of HTTP; without a body none is announced.
        case request(method: String, headers: [String], body: [UInt8]?)
        case mail(from: String, recipients: [String], message: [UInt8])
    }

    /// What came back.
    package struct Answer: Sendable {
        /// Status of HTTP, or the last reply code of SMTP; 0 for none.
        package let status: Int
        /// Header lines of HTTP, or reply lines of SMTP, in order.
        package let lines: [String]
        /// The body, up to the limit.
        package let body: [UInt8]
        /// Whether there was more of it.
        package let isCut: Bool
    }

    /// A transfer that did not come to its end.
    package struct Failure: Error {
        /// What happened, without addresses.
        package let message: String
        /// The last reply code, 0 for none.
        package let status: Int
        /// Whether trying again can help.
        package let canRetry: Bool
    }

    /// Bytes of an answer that are kept unless said otherwise; the rest is not read.
    package static let bodyLimit = 64 * 1024

    private let address: String
    private let payload: Payload
    private let timeout: Duration
    private let authorities: String?
    private let usesProxyVariables: Bool
    private let user: String?
    private let password: String?
    private let requiresTLS: Bool
    private let longestAnswer: Int

    /// Puts a transfer together.
    ///
    /// - Parameters:
    ///   - address: where to.
    ///   - payload: what.
    ///   - timeout: for all of it.
    ///   - authorities: a file with the authorities to trust instead of the system's.
    ///   - usesProxyVariables: whether `http_proxy` and its like are looked at.
    ///   - user: SMTP only.
    ///   - password: SMTP only.
    ///   - requiresTLS: SMTP only: STARTTLS or nothing.
    ///   - longestAnswer: bytes of the body that are kept.
    package init(
        address: String,
        payload: Payload,
        timeout: Duration,
        authorities: String? = nil,
        usesProxyVariables: Bool = false,
        user: String? = nil,
        password: String? = nil,
        requiresTLS: Bool = false,
        longestAnswer: Int = CurlTransfer.bodyLimit
    ) {
        self.address = address
        self.payload = payload
        self.timeout = timeout
        self.authorities = authorities
        self.usesProxyVariables = usesProxyVariables
        self.user = user
        self.password = password
        self.requiresTLS = requiresTLS
        self.longestAnswer = longestAnswer
    }

    /// Runs the transfer on a thread of its own; cancelling the task ends it within about a second.
    ///
    /// - Parameter library: what is loaded, as `libcurl.so.4`.
    /// - Returns: the answer, whatever its status, or why there is none.
    package func run(library: String) async -> Result<Answer, Failure> {
        let exchange = CurlExchange(upload: uploaded, bodyLimit: longestAnswer)
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                // A queue of its own, so that a hanging receiver holds up nobody else.
                DispatchQueue(label: "http.transfer").async {
                    perform(exchange, library: library) { continuation.resume(returning: $0) }
                }
            }
        } onCancel: {
            exchange.cancel()
        }
    }

    private var uploaded: [UInt8] {
        if case .mail(_, _, let message) = payload { message } else { [] }
    }

    /// Transfers and cleans up; the result is handed over, once, before the cleaning up.
    private func perform(
        _ exchange: CurlExchange,
        library: String,
        handOver: (Result<Answer, Failure>) -> Void
    ) {
        if let problem = load(library) { return handOver(notStarted(problem)) }
        guard let handle = libcurl_open() else { return handOver(notStarted("libcurl could not start a transfer")) }
        var lists: [UnsafeMutableRawPointer] = []
        if configure(handle, exchange: exchange, lists: &lists) {
            let result = libcurl_perform(handle)
            handOver(conclude(result, status: libcurl_status(handle), exchange))
        } else {
            handOver(notStarted("libcurl did not accept what is to be sent"))
        }
        // Closing says goodbye to a mail server and waits for the answer, as long as for any other reply. The message
        // has been taken or refused by then, so nobody but this thread waits. The answer still reaches the exchange.
        withExtendedLifetime(exchange) { libcurl_close(handle) }
        lists.forEach(libcurl_list_free)
    }

    /// Loads libcurl, if it is not loaded yet.
    ///
    /// - Returns: what keeps it from being used, with the remedy.
    private func load(_ library: String) -> String? {
        switch libcurl_load(library) {
        case LIBCURL_LOADED: nil
        case LIBCURL_MISSING:
            "cannot load \(library), which sends requests and mail: install libcurl (Debian: apt install libcurl4)"
        default:
            "\(library) lacks what sending requests and mail needs: install libcurl 7.61 or newer"
        }
    }

    /// What is missing here is a matter of this machine, as a missing secret: it may be there at the next attempt.
    private func notStarted(_ message: String) -> Result<Answer, Failure> {
        .failure(Failure(message: message, status: 0, canRetry: true))
    }

    private func conclude(_ result: Int32, status: Int, _ exchange: CurlExchange) -> Result<Answer, Failure> {
        let answer = Answer(status: status, lines: exchange.lines, body: exchange.body, isCut: exchange.isFull)
        let message: String
        switch libcurl_result(rawValue: UInt32(bitPattern: result)) {
        case LIBCURL_OK: return .success(answer)
        // We stopped reading; what the receiver decided is known by then.
        case LIBCURL_WRITE_ERROR where exchange.isFull: return .success(answer)
        case LIBCURL_ABORTED: message = "sending was stopped before the receiver had answered"
        case LIBCURL_TIMED_OUT: message = "no answer within \(timeout.forPeople)"
        case LIBCURL_MALFORMED_URL:
            return .failure(Failure(message: "the address cannot be used", status: status, canRetry: false))
        // Only protocols that libcurl usually knows get here.
        case LIBCURL_UNSUPPORTED_PROTOCOL:
            return notStarted("libcurl was built without the protocol that is needed: install the usual one")
        default: message = libcurl_reason(result).map { String(cString: $0) } ?? "the transfer failed (\(result))"
        }
        return .failure(Failure(message: message, status: status, canRetry: true))
    }

    /// Sets every option; nothing is left to the environment that libcurl lets us decide.
    private func configure(
        _ handle: UnsafeMutableRawPointer,
        exchange: CurlExchange,
        lists: inout [UnsafeMutableRawPointer]
    ) -> Bool {
        let milliseconds = Int(max(1, timeout.milliseconds))
        var isMail = false
        if case .mail = payload { isMail = true }
        let protocols =
            isMail
            ? LIBCURL_PROTOCOL_SMTP.rawValue | LIBCURL_PROTOCOL_SMTPS.rawValue
            : LIBCURL_PROTOCOL_HTTP.rawValue | LIBCURL_PROTOCOL_HTTPS.rawValue
        let numbers: [(libcurl_number_option, Int)] = [
            (LIBCURL_PROTOCOLS, Int(protocols)), (LIBCURL_FOLLOWLOCATION, 0), (LIBCURL_SSL_VERIFYPEER, 1),
            (LIBCURL_SSL_VERIFYHOST, 2), (LIBCURL_SSLVERSION, Int(LIBCURL_TLS_1_2.rawValue)), (LIBCURL_NOSIGNAL, 1),
            (LIBCURL_DISALLOW_USERNAME_IN_URL, 1), (LIBCURL_TIMEOUT_MS, milliseconds),
            (LIBCURL_CONNECTTIMEOUT_MS, milliseconds),
            // Up to the next second, so that the time for the whole transfer always ends first.
            (LIBCURL_SERVER_RESPONSE_TIMEOUT, (milliseconds + 999) / 1000),
            (LIBCURL_USE_SSL, requiresTLS ? Int(LIBCURL_SSL_REQUIRED.rawValue) : 0),
        ]
        var texts: [(libcurl_text_option, String)] = [(LIBCURL_URL, address), (LIBCURL_USERAGENT, "phasegate")]
        // An empty proxy is "none", whatever the environment says.
        if !usesProxyVariables { texts.append((LIBCURL_PROXY, "")) }
        if let authorities { texts.append((LIBCURL_CAINFO, authorities)) }
        if let user { texts.append((LIBCURL_USERNAME, user)) }
        if let password { texts.append((LIBCURL_PASSWORD, password)) }
        if case .mail(let from, _, _) = payload { texts.append((LIBCURL_MAIL_FROM, from)) }
        let ok = Int32(LIBCURL_OK.rawValue)
        return numbers.allSatisfy { libcurl_set_number(handle, $0, $1) == ok }
            && texts.allSatisfy { libcurl_set_text(handle, $0, $1) == ok }
            && configurePayload(handle, exchange: exchange, lists: &lists)
            && exchange.listen(to: handle)
    }

    private func configurePayload(
        _ handle: UnsafeMutableRawPointer,
        exchange: CurlExchange,
        lists: inout [UnsafeMutableRawPointer]
    ) -> Bool {
        let ok = Int32(LIBCURL_OK.rawValue)
        switch payload {
        case .request(let method, let headers, let body):
            // An empty `Expect:` keeps libcurl from waiting for a `100 Continue` that few receivers send.
            guard let list = list(of: headers + ["Expect:"], lists: &lists) else { return false }
            guard libcurl_set_list(handle, LIBCURL_HTTPHEADER, list) == ok,
                libcurl_set_text(handle, LIBCURL_CUSTOMREQUEST, method) == ok
            else { return false }
            guard let body else { return true }
            // Even a body of no bytes needs an address: without one libcurl would wait for a reader.
            return (body.isEmpty ? [0] : body).withUnsafeBytes {
                libcurl_set_post(handle, $0.baseAddress, Int64(body.count))
            } == ok
        case .mail(_, let recipients, _):
            guard let list = list(of: recipients, lists: &lists) else { return false }
            return libcurl_set_list(handle, LIBCURL_MAIL_RCPT, list) == ok && exchange.upload(to: handle)
        }
    }

    private func list(of texts: [String], lists: inout [UnsafeMutableRawPointer]) -> UnsafeMutableRawPointer? {
        var list: UnsafeMutableRawPointer?
        for text in texts {
            guard let longer = libcurl_list_append(list, text) else {
                if let list { lists.append(list) }
                return nil
            }
            list = longer
        }
        if let list { lists.append(list) }
        return list
    }
}

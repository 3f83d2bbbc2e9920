public import PhasegateCore
import PhasegateHTTP

/// SMTP through libcurl, which is loaded with the first message.
public struct CurlMail: OutgoingMail {
    private let library: String

    /// Makes the port; nothing is loaded yet.
    ///
    /// - Parameter library: what is loaded.
    public init(library: String = "libcurl.so.4") { self.library = library }

    /// Submits a message on a thread of its own; libcurl doubles the dots at the beginning of lines.
    ///
    /// - Parameter submission: what is sent.
    /// - Returns: the server's last reply, in one line.
    /// - Throws: `DeliveryFailure`: to retry for replies 4xx, the network, time and a missing libcurl, to give up
    ///   for replies 5xx.
    public func submit(_ submission: MailSubmission) async throws(DeliveryFailure) -> String {
        let scheme = submission.security == .tls ? "smtps" : "smtp"
        let hello = submission.hello.map { "/\(percentEncoded($0))" } ?? ""
        let transfer = CurlTransfer(
            address: "\(scheme)://\(submission.host):\(submission.port)\(hello)",
            payload: .mail(
                from: "<\(submission.sender)>",
                recipients: submission.recipients.map { "<\($0)>" },
                message: submission.message
            ),
            timeout: submission.timeout,
            authorities: submission.authorities,
            user: submission.user,
            password: submission.password,
            requiresTLS: submission.security == .starttls
        )
        switch await transfer.run(library: library) {
        case .success(let answer):
            return reply(answer, hiding: [submission.user, submission.password].compactMap(\.self))
        case .failure(let failure):
            // A refusal has a reply code; without one it was the network, or the time.
            switch failure.status {
            case 400..<500: throw DeliveryFailure("the mail server answered \(failure.status) and may take it later")
            case 500..<600:
                throw DeliveryFailure("the mail server refused the message: \(failure.status)", remedy: .giveUp)
            default:
                throw DeliveryFailure(failure.message, remedy: failure.canRetry ? .retry(after: nil) : .giveUp)
            }
        }
    }

    private func reply(_ answer: CurlTransfer.Answer, hiding secrets: [String]) -> String {
        // Before cutting, which could leave the beginning of one.
        let line = NoticeText.short(NoticeText.masked(answer.lines.last ?? "", hiding: secrets), 120)
        return line.isEmpty ? String(answer.status) : line
    }
}

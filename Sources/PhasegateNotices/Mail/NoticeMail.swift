import PhasegateCore
import PhasegateHashing

/// A notice as a mail message: text first, HTML last, threaded by its episode.
struct NoticeMail {
    /// The sender.
    let from: Mailbox
    /// The recipients.
    let to: [Mailbox]

    /// More text than this does not help anybody in a mail.
    private static let bodyLimit = 32 * 1024

    /// The message, lines ended by CRLF and at most 76 characters long but for long addresses.
    ///
    /// The same for every attempt but for its date.
    func message(_ notice: Notice, at moment: Moment) -> [UInt8] {
        let boundary = "=_phasegate_\(sha256(of: notice.id.rawValue).prefix(32))"
        let text = NoticeText.cut(NoticeText.text(notice.body), to: Self.bodyLimit) { UTF8.width($0) }
        let lines =
            header(notice, at: moment) + [
                "MIME-Version: 1.0", "Content-Type: multipart/alternative;", " boundary=\"\(boundary)\"", "",
                "--\(boundary)", "Content-Type: text/plain; charset=utf-8",
                "Content-Transfer-Encoding: quoted-printable", "", quotedPrintable(text) + "--\(boundary)",
                "Content-Type: text/html; charset=utf-8", "Content-Transfer-Encoding: quoted-printable", "",
                quotedPrintable(NoticeMailPage.html(notice, text: text)) + "--\(boundary)--", "",
            ]
        return Array(lines.joined(separator: "\r\n").utf8)
    }

    private func header(_ notice: Notice, at moment: Moment) -> [String] {
        let root = identifier("episode\n\(notice.episode)\n\(notice.startedAt)")
        var fields = [
            "Date: \(moment.mailDate)", MailHeader.field("From", [from]), MailHeader.field("To", to),
            MailHeader.field("Subject", "[phasegate] \(notice.level): \(notice.title)"),
            // The moment it was raised keeps notices of two ledgers apart that count from one.
            "Message-ID: \(identifier("notice\n\(notice.id)\n\(notice.raisedAt)"))", "In-Reply-To: \(root)",
            "References: \(root)", "Auto-Submitted: auto-generated",
        ]
        let more = [
            ("X-Phasegate-Notice", notice.id.rawValue), ("X-Phasegate-Episode", notice.episode.rawValue),
            ("X-Phasegate-Kind", notice.kind.rawValue), ("X-Phasegate-Level", notice.level),
            ("X-Phasegate-Rollout", notice.rollout.rawValue), ("X-Phasegate-Phase", notice.phase?.rawValue ?? ""),
            ("X-Phasegate-Risk", notice.risk?.rawValue ?? ""),
        ]
        for (name, value) in more where !value.isEmpty { fields.append(MailHeader.field(name, value)) }
        return fields
    }

    /// Says nothing about the notice but whether two are the same.
    private func identifier(_ subject: String) -> String {
        "<\(sha256(of: subject).prefix(32)).phasegate@\(from.domain)>"
    }
}

public import PhasegateCore
import PhasegateHTTP

/// Sends notices by mail, through a submission server.
public struct EmailChannel: ChannelKind {
    static let declaration = ChannelDeclaration(
        kind: "email",
        summary: "Sends notices by mail: text and HTML, through a submission server.",
        settings: [
            .init("server", .text, required: true, "Name or address of the submission server."),
            .init("port", .whole(1...65_535), "Its port; 587, or 465 with 'security: tls', unless given."),
            .init(
                "security",
                .oneOf(MailSubmission.Security.allCases.map(\.rawValue)),
                "starttls, tls, or none within this machine; starttls unless given."
            ),
            .init("user", .text, "User name, as env:NAME or file:PATH."),
            .init("password", .text, "Password, as env:NAME or file:PATH."),
            .init("from", .text, required: true, "Sender, as Phasegate <phasegate@example.org>."),
            .init("to", .list(.text, orOne: true), required: true, "Recipients; one that is refused refuses all."),
            .init("hello", .text, "What this machine calls itself to the server; its own name unless given."),
            .init("timeout", .duration, "How long sending may take in all; 15 s unless given."),
            .init(
                "authorities",
                .text,
                "File with the authorities to trust instead of the system's; relative to the rollout file."
            ),
        ],
        check: { settings throws(Diagnostic) in _ = try Options(ChannelSettings(settings)) }
    )

    /// Its name in the rollout file.
    public let name: ChannelName
    private let options: Options
    private let mail: any OutgoingMail
    private let secrets: SecretSource

    init(_ channel: NoticePlan.Channel, context: ChannelContext) throws(Diagnostic) {
        name = channel.name
        options = try Options(ChannelSettings(channel.settings, baseDirectory: context.baseDirectory))
        mail = context.mail
        secrets = context.secrets
    }

    private struct Options {
        let host: String
        let port: Int
        let security: MailSubmission.Security
        let user: SecretReference?
        let password: SecretReference?
        let from: Mailbox
        let to: [Mailbox]
        let hello: String?
        let timeout: Duration
        let authorities: String?

        init(_ settings: ChannelSettings) throws(Diagnostic) {
            host = try settings.required("server")
            security = try settings.text("security").flatMap(MailSubmission.Security.init) ?? .starttls
            port = settings.whole("port") ?? (security == .tls ? 465 : 587)
            user = try settings.secret("user")
            password = try settings.secret("password")
            from = try Self.mailbox(try settings.required("from"), "from")
            var recipients: [Mailbox] = []
            for text in settings.texts("to") { recipients.append(try Self.mailbox(text, "to")) }
            to = recipients
            hello = try settings.text("hello")
            timeout = try settings.duration("timeout", in: .milliseconds(1)...(.seconds(120))) ?? .seconds(15)
            authorities = try settings.path("authorities")
            try check()
        }

        private func check() throws(Diagnostic) {
            guard isHost(host[...]) else {
                throw ChannelSettings.problem("'server' is not a host name", hint: "as 'mail.example.org', port apart")
            }
            if let hello, !isHost(hello[...]) {
                throw ChannelSettings.problem("'hello' is not a host name", hint: "as 'deploy.example.org'")
            }
            guard !to.isEmpty else {
                throw ChannelSettings.problem("'to' names nobody", hint: "give at least one address")
            }
            guard security != .none || isLoopback(host) else {
                throw ChannelSettings.problem(
                    "'security: none' would send notices unprotected through the network",
                    hint: "use starttls or tls; none is for a server on this machine"
                )
            }
            guard (user == nil) == (password == nil) else {
                throw ChannelSettings.problem(
                    "'user' and 'password' only work together",
                    hint: "give both, or neither for a server that asks for none"
                )
            }
        }

        private static func mailbox(_ text: String, _ key: String) throws(Diagnostic) -> Mailbox {
            guard let mailbox = Mailbox(text) else {
                throw ChannelSettings.problem(
                    "'\(NoticeText.short(text, 80))' under '\(key)' is not a mail address",
                    hint: "write 'ops@example.org' or 'Operations <ops@example.org>'"
                )
            }
            return mailbox
        }
    }

    /// Submits the message.
    ///
    /// - Returns: the server's reply, as `250 queued`.
    /// - Throws: `DeliveryFailure`: to retry for replies 4xx, the network and time, to give up for replies 5xx.
    public func send(_ notice: Notice, attempt: DeliveryAttempt) async throws(DeliveryFailure) -> String {
        try await mail.submit(try submission(notice, attempt: attempt, secrets: secrets))
    }

    /// The envelope and the message as it would be sent, secrets replaced by their references; touches nothing.
    public func preview(_ notice: Notice, attempt: DeliveryAttempt) throws(DeliveryFailure) -> String {
        let submission = try submission(notice, attempt: attempt, secrets: .masked)
        var lines = ["SMTP \(submission.host):\(submission.port), security \(submission.security.rawValue)"]
        if let user = submission.user, let password = submission.password { lines.append("AUTH \(user) \(password)") }
        lines.append("MAIL FROM:<\(submission.sender)>")
        lines += submission.recipients.map { "RCPT TO:<\($0)>" }
        return lines.joined(separator: "\n") + "\n\n" + String(decoding: submission.message, as: UTF8.self)
    }

    private func submission(
        _ notice: Notice,
        attempt: DeliveryAttempt,
        secrets: SecretSource
    ) throws(DeliveryFailure) -> MailSubmission {
        var user: String?
        var password: String?
        if let reference = options.user { user = try secrets.secret(reference) }
        if let reference = options.password { password = try secrets.secret(reference) }
        return MailSubmission(
            host: options.host,
            port: options.port,
            security: options.security,
            hello: options.hello,
            user: user,
            password: password,
            sender: options.from.address,
            recipients: options.to.map(\.address),
            message: NoticeMail(from: options.from, to: options.to).message(notice, at: attempt.at),
            timeout: options.timeout,
            authorities: options.authorities
        )
    }
}

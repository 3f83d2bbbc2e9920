import FoundationEssentials
public import PhasegateCore

/// Posts notices to an incoming webhook of Slack, or of a chat that takes the same messages.
public struct SlackChannel: HTTPChannel {
    static let declaration = ChannelDeclaration(
        kind: "slack",
        summary: "Posts notices to an incoming webhook of Slack or of a chat that takes the same messages.",
        settings: [
            .init("url", .text, required: true, "The webhook's address, which is a secret, as env:NAME or file:PATH.")
        ] + ChannelSettings.transportKeys,
        check: { settings throws(Diagnostic) in
            _ = try address(ChannelSettings(settings))
            _ = try ChannelSettings(settings).transport()
        }
    )

    /// Its name in the rollout file.
    public let name: ChannelName
    /// Its address is one.
    let carriesCredentials = true
    let http: any OutgoingHTTP
    let secrets: SecretSource
    private let address: ChannelAddress
    private let transport: HTTPTransport

    init(_ channel: NoticePlan.Channel, context: ChannelContext) throws(Diagnostic) {
        let settings = ChannelSettings(channel.settings, baseDirectory: context.baseDirectory)
        name = channel.name
        address = try Self.address(settings)
        transport = try settings.transport()
        http = context.http
        secrets = context.secrets
    }

    private static func address(_ settings: ChannelSettings) throws(Diagnostic) -> ChannelAddress {
        // Whoever knows a webhook's address can post to it, so none may stand in the file.
        .reference(try settings.requiredSecret("url"))
    }

    func request(
        _ notice: Notice,
        attempt: DeliveryAttempt,
        secrets: SecretSource
    ) throws(DeliveryFailure) -> OutgoingRequest {
        OutgoingRequest(
            address: try address.resolved(by: secrets),
            headers: [.init("content-type", "application/json; charset=utf-8")],
            body: message(notice).bytes,
            transport: transport
        )
    }

    /// Slack answers `ok`; anything else is a failure, even with status 200.
    func receipt(_ answer: IncomingAnswer, attempt: DeliveryAttempt) throws(DeliveryFailure) -> String {
        let receipt = try answer.receipt(for: attempt)
        if let reply = try? JSONDecoder().decode(Reply.self, from: Data(answer.body)) {
            if reply.ok { return receipt }
            throw refusal(reply.error ?? "")
        }
        let text = String(decoding: answer.body.prefix(200), as: UTF8.self).trimmingBlanks()
        if text == "ok" { return "\(receipt) ok" }
        throw refusal(text)
    }

    private struct Reply: Decodable {
        let ok: Bool
        let error: String?
    }

    private func refusal(_ word: String) -> DeliveryFailure {
        // Only words we know are repeated: an answer may hold anything, the address included.
        Self.lastingRefusals.contains(word)
            ? DeliveryFailure("the chat refused the message: \(word)", remedy: .giveUp)
            : DeliveryFailure("the chat answered 200, but not with 'ok'")
    }

    private static let lastingRefusals: Set<String> = [
        "action_prohibited", "channel_is_archived", "channel_not_found", "invalid_blocks", "invalid_payload",
        "invalid_token", "no_service", "no_team", "no_text", "posting_to_general_channel_denied", "team_disabled",
        "too_many_attachments", "user_not_found",
    ]

    /// `text` for notifications and screen readers, blocks for the eye; nothing in them is read as a command.
    private func message(_ notice: Notice) -> JSONText {
        let title = NoticeText.oneLine(notice.title)
        let body = NoticeText.cut(NoticeText.text(notice.body), to: 8000, cost: Self.cost)
        var blocks: [JSONText] = [
            .map([
                ("type", .text("header")),
                (
                    "text",
                    .map([
                        ("type", .text("plain_text")), ("text", .text(Self.escaped(title, within: 150))),
                        ("emoji", .truth(false)),
                    ])
                ),
            ])
        ]
        blocks += Self.pieces(of: body, within: 2900).map { .map([("type", .text("section")), ("text", plain($0))]) }
        blocks.append(.map([("type", .text("context")), ("elements", .list([plain(footer(notice))]))]))
        return .map([
            ("text", .text(Self.escaped("\(notice.level): \(title)", within: 1000))), ("blocks", .list(blocks)),
            ("unfurl_links", .truth(false)), ("unfurl_media", .truth(false)), ("link_names", .truth(false)),
        ])
    }

    /// A text in which Slack looks for nothing by itself.
    private func plain(_ escaped: String) -> JSONText {
        .map([("type", .text("mrkdwn")), ("text", .text(escaped)), ("verbatim", .truth(true))])
    }

    private func footer(_ notice: Notice) -> String {
        let parts = [
            notice.level, notice.kind.rawValue, notice.rollout.rawValue, notice.phase?.rawValue, notice.id.rawValue,
            "raised \(notice.raisedAt.forPeople) UTC",
        ]
        return parts.compactMap(\.self).map { Self.escaped(NoticeText.oneLine($0), within: 200) }
            .joined(separator: " \u{B7} ")
    }

    /// UTF-16 units after escaping, which is the largest of the ways Slack may count.
    private static func cost(of scalar: Unicode.Scalar) -> Int {
        switch scalar {
        case "&": 5
        case "<", ">": 4
        default: UTF16.width(scalar)
        }
    }

    /// The characters Slack reads as commands, written as it wants them; cut with an ellipsis.
    private static func escaped(_ text: String, within limit: Int = .max) -> String {
        var result = String.UnicodeScalarView()
        var spent = 0
        for scalar in text.unicodeScalars {
            spent += cost(of: scalar)
            if spent > limit - 1 {
                result.append("\u{2026}")
                break
            }
            switch scalar {
            case "&": result.append(contentsOf: "&amp;".unicodeScalars)
            case "<": result.append(contentsOf: "&lt;".unicodeScalars)
            case ">": result.append(contentsOf: "&gt;".unicodeScalars)
            default: result.append(scalar)
            }
        }
        return String(result)
    }

    /// The text in escaped pieces, cut at line ends where there is one.
    private static func pieces(of text: String, within limit: Int) -> [String] {
        var pieces: [String] = []
        var piece = String.UnicodeScalarView()
        var spent = 0
        func finish() {
            let text = String(piece).trimmingBlanks()
            if !text.isEmpty { pieces.append(escaped(text)) }
            piece = .init()
            spent = 0
        }
        for line in text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false) {
            let length = line.reduce(1) { $0 + cost(of: $1) }
            if spent + length > limit { finish() }
            for scalar in line {
                if spent + cost(of: scalar) >= limit { finish() }
                piece.append(scalar)
                spent += cost(of: scalar)
            }
            piece.append("\n")
            spent += 1
        }
        finish()
        return pieces
    }
}

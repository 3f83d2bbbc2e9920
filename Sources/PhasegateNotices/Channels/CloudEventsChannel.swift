public import PhasegateCore
import PhasegateHTTP

/// Posts notices as CloudEvents 1.0.
public struct CloudEventsChannel: HTTPChannel {
    /// How an event is put into a request.
    private enum Mode: String, CaseIterable {
        /// Everything in the body.
        case structured
        /// Attributes in `ce-` headers, the data in the body.
        case binary
    }

    static let declaration = ChannelDeclaration(
        kind: "cloudevents",
        summary: "Posts notices as CloudEvents 1.0.",
        settings: [
            .init("url", .text, required: true, "The receiver's address; env:NAME or file:PATH where it is secret."),
            .init("mode", .oneOf(Mode.allCases.map(\.rawValue)), "structured or binary; structured unless given."),
        ] + ChannelSettings.authorizationKeys + ChannelSettings.transportKeys,
        check: { settings throws(Diagnostic) in _ = try Options(ChannelSettings(settings)) }
    )

    /// Receivers have to take 64 KiB in all (CloudEvents 1.0.2, section 5); a notice needs less.
    private static let dataLimit = 32_000

    /// Its name in the rollout file.
    public let name: ChannelName
    var carriesCredentials: Bool { options.authorization != nil }
    let http: any OutgoingHTTP
    let secrets: SecretSource
    private let options: Options

    init(_ channel: NoticePlan.Channel, context: ChannelContext) throws(Diagnostic) {
        name = channel.name
        options = try Options(ChannelSettings(channel.settings, baseDirectory: context.baseDirectory))
        http = context.http
        secrets = context.secrets
    }

    private struct Options {
        let address: ChannelAddress
        let mode: Mode
        let authorization: HTTPAuthorization?
        let transport: HTTPTransport

        init(_ settings: ChannelSettings) throws(Diagnostic) {
            address = try settings.address("url")
            mode = try settings.text("mode").flatMap(Mode.init) ?? .structured
            transport = try settings.transport()
            authorization = try settings.authorization(to: address, over: transport)
        }
    }

    func request(
        _ notice: Notice,
        attempt: DeliveryAttempt,
        secrets: SecretSource
    ) throws(DeliveryFailure) -> OutgoingRequest {
        let attributes = attributes(notice)
        let data = notice.json(within: Self.dataLimit)
        var headers: [OutgoingRequest.Header]
        let body: [UInt8]
        switch options.mode {
        case .structured:
            headers = [.init("content-type", "application/cloudevents+json; charset=utf-8")]
            let members = attributes + [("datacontenttype", .text("application/json")), ("data", data)]
            body = JSONText.map(members).bytes
        case .binary:
            headers = [.init("content-type", "application/json")]
            headers += attributes.map { .init("ce-\($0.key)", headerValue($0.value)) }
            body = data.bytes
        }
        if let authorization = options.authorization { headers.append(try authorization.header(from: secrets)) }
        return OutgoingRequest(
            address: try options.address.resolved(by: secrets),
            headers: headers,
            body: body,
            transport: options.transport
        )
    }

    private func attributes(_ notice: Notice) -> [(key: String, value: JSONText)] {
        let episode = NoticeText.short(notice.episode.rawValue, 400)
        var attributes: [(key: String, value: JSONText)] = [
            ("specversion", .text("1.0")), ("id", .text(notice.id.rawValue)),
            ("source", .text("/phasegate/" + percentEncoded(notice.rollout.rawValue))),
            ("type", .text("dev.phasegate.notice.\(notice.kind.rawValue)")), ("subject", .text(episode)),
            ("time", .text(notice.raisedAt.description)),
            // What was correlated ends with its episode; the next one of the same key begins later.
            ("correlationid", .text("\(episode)@\(notice.startedAt)")),
        ]
        if let severity = severity(notice.level) {
            attributes.append(("severitytext", .text(notice.level.uppercased())))
            attributes.append(("severitynumber", .whole(severity)))
        }
        return attributes
    }

    /// Numbers of OpenTelemetry's log levels: INFO, WARN, ERROR, FATAL; nothing for a level of one's own.
    private func severity(_ level: String) -> Int? {
        switch level.uppercased() {
        case "LOW": 9
        case "MEDIUM": 13
        case "HIGH": 17
        case "CRITICAL": 21
        default: nil
        }
    }

    /// HTTP binding, section 3.1.3.2: what is not printable ASCII, and `"`, `%` and blanks, is percent-encoded.
    private func headerValue(_ value: JSONText) -> String {
        switch value {
        case .text(let text): percentEncoded(text) { (0x21..<0x7F).contains($0) && $0 != 0x22 && $0 != 0x25 }
        case .whole(let number): String(number)
        case .truth, .list, .map: preconditionFailure("attributes are texts and numbers")
        }
    }
}

/// A text with every byte but the harmless ones written as `%XX`.
func percentEncoded(
    _ text: String,
    keeping isHarmless: (UInt8) -> Bool = { $0.isASCIILetterOrDigit || "-._~".utf8.contains($0) }
) -> String {
    var result = ""
    for byte in text.utf8 {
        if isHarmless(byte) {
            result.unicodeScalars.append(Unicode.Scalar(byte))
        } else {
            result += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }
    }
    return result
}

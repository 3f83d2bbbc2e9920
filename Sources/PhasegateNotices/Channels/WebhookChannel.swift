public import PhasegateCore
import PhasegateHashing

/// Posts notices to a receiver of one's own, signed as Standard Webhooks 1.0.0 describes.
public struct WebhookChannel: HTTPChannel {
    /// How a request is signed.
    private enum Signature: String, CaseIterable {
        /// `webhook-signature`, over identifier, time and body.
        case standard
        /// `X-Hub-Signature-256`, over the body.
        case github
    }

    static let declaration = ChannelDeclaration(
        kind: "webhook",
        summary: "Posts notices to a receiver of one's own, signed per Standard Webhooks.",
        settings: [
            .init("url", .text, required: true, "The receiver's address; env:NAME or file:PATH where it is secret."),
            .init(
                "secret",
                .list(.text, orOne: true),
                required: true,
                "The signing secret, as env:NAME or file:PATH; several during a rotation, the newest first."
            ),
            .init(
                "signature",
                .oneOf(Signature.allCases.map(\.rawValue)),
                "standard (Standard Webhooks) or github (X-Hub-Signature-256); standard unless given."
            ),
        ] + ChannelSettings.transportKeys,
        check: { settings throws(Diagnostic) in _ = try Options(ChannelSettings(settings)) }
    )

    /// Standard Webhooks asks for less than 20 kB.
    private static let bodyLimit = 19_900

    /// Its name in the rollout file.
    public let name: ChannelName
    /// A signature is of no use for another notice, and its secret is not sent.
    let carriesCredentials = false
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
        let references: [SecretReference]
        let signature: Signature
        let transport: HTTPTransport

        init(_ settings: ChannelSettings) throws(Diagnostic) {
            address = try settings.address("url")
            references = try settings.secrets("secret")
            signature = try settings.text("signature").flatMap(Signature.init) ?? .standard
            transport = try settings.transport()
            guard !references.isEmpty else {
                throw ChannelSettings.problem("'secret' is missing", hint: "add 'secret: env:NAME'")
            }
            guard signature == .standard || references.count == 1 else {
                throw ChannelSettings.problem(
                    "'signature: github' has room for one signature only",
                    hint: "give one 'secret', or use 'signature: standard' to rotate without a gap"
                )
            }
        }
    }

    func request(
        _ notice: Notice,
        attempt: DeliveryAttempt,
        secrets: SecretSource
    ) throws(DeliveryFailure) -> OutgoingRequest {
        let timestamp = String(attempt.at.milliseconds / 1000)
        let body = body(notice)
        return OutgoingRequest(
            address: try options.address.resolved(by: secrets),
            headers: [
                .init("content-type", "application/json"), .init("webhook-id", notice.id.rawValue),
                .init("webhook-timestamp", timestamp),
                try signature(over: body, id: notice.id.rawValue, timestamp: timestamp, secrets),
            ],
            body: body,
            transport: options.transport
        )
    }

    private func body(_ notice: Notice) -> [UInt8] {
        func event(_ data: JSONText) -> [UInt8] {
            JSONText.map([
                ("type", .text("phasegate.notice.\(notice.kind.rawValue)")),
                ("timestamp", .text(notice.raisedAt.description)), ("data", data),
            ]).bytes
        }
        return event(notice.json(within: Self.bodyLimit - event(.text("")).count))
    }

    private func signature(
        over body: [UInt8],
        id: String,
        timestamp: String,
        _ secrets: SecretSource
    ) throws(DeliveryFailure) -> OutgoingRequest.Header {
        var signatures: [String] = []
        for reference in options.references {
            let secret = try secrets.secret(reference)
            switch (options.signature, secrets.isMasked) {
            case (.standard, true): signatures.append("v1,\(secret)")
            case (.github, true): signatures.append("sha256=\(secret)")
            case (.standard, false):
                let key = try key(from: secret, reference)
                let code = hmacSHA256(of: Array("\(id).\(timestamp).".utf8) + body, key: key)
                signatures.append("v1,\(base64(code))")
            case (.github, false):
                signatures.append("sha256=\(hexadecimal(hmacSHA256(of: body, key: Array(secret.utf8))))")
            }
        }
        let name = options.signature == .standard ? "webhook-signature" : "x-hub-signature-256"
        return .init(name, signatures.joined(separator: " "))
    }

    /// The key of a Standard Webhooks secret: `whsec_` and 24 to 64 bytes in Base64.
    private func key(from secret: String, _ reference: SecretReference) throws(DeliveryFailure) -> [UInt8] {
        guard secret.hasPrefix("whsec_"), let key = bytes(fromBase64: String(secret.dropFirst(6))),
            (24...64).contains(key.count)
        else {
            throw DeliveryFailure(
                "the secret '\(reference)' is not 'whsec_' and 24 to 64 bytes in Base64",
                remedy: .giveUp
            )
        }
        return key
    }
}

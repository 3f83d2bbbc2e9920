public import PhasegateCore
import PhasegateHTTP

/// Posts notices to an Alertmanager, so that grouping, silences and routing are done there.
///
/// Labels are an alert's identity, so they stay the same from the first notice
/// of an episode to the last; whatever changes is an annotation.
public struct AlertmanagerChannel: HTTPChannel {
    static let declaration = ChannelDeclaration(
        kind: "alertmanager",
        summary: "Posts notices to an Alertmanager (API version 2).",
        settings: [
            .init("url", .text, required: true, "Its address without '/api/v2/alerts', as http://127.0.0.1:9093."),
            .init("alertname", .text, "Label that names the alert; PhasegateNotice unless given."),
            .init("environment", .text, "Label that tells environments apart, as production."),
            .init("labels", .named(.text), "More labels that never change, as team; letters, digits and '_'."),
            .init("runbook-url", .text, "Annotation runbook_url."),
            .init("generator-url", .text, "Where people find the rollout; an http or https address."),
            .init("lifetime", .duration, "How long an alert fires after its last notice; 24 h unless given."),
            .init("refresh", .duration, "How often a firing alert is sent again; 60 s unless given, 0 s for never."),
        ] + ChannelSettings.authorizationKeys + ChannelSettings.transportKeys,
        check: { settings throws(Diagnostic) in _ = try Options(ChannelSettings(settings)) }
    )

    /// A notice that only shows that notices arrive need not fire for a day.
    private static let testLifetime = Duration.seconds(300)

    /// Its name in the rollout file.
    public let name: ChannelName
    /// Alertmanager keeps alerts in memory, so a restarted one has to hear of them again.
    public var refresh: Duration? { options.refresh == .zero ? nil : options.refresh }
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
        let alertname: String
        let environment: String?
        let labels: [(key: String, value: String)]
        let runbook: String?
        let generator: String?
        let lifetime: Duration
        let refresh: Duration
        let authorization: HTTPAuthorization?
        let transport: HTTPTransport

        init(_ settings: ChannelSettings) throws(Diagnostic) {
            address = try settings.address("url")
            alertname = try settings.text("alertname") ?? "PhasegateNotice"
            environment = try settings.text("environment")
            labels = settings.map("labels")
            runbook = try settings.text("runbook-url")
            generator = try settings.text("generator-url")
            lifetime = try settings.duration("lifetime", in: .seconds(60)...(.seconds(30 * 86_400))) ?? .seconds(86_400)
            refresh = try settings.duration("refresh", in: .zero...(.seconds(86_400))) ?? .seconds(60)
            transport = try settings.transport()
            authorization = try settings.authorization(to: address, over: transport)
            for (key, value) in labels {
                guard isLabelName(key), !ownLabels.contains(key), !value.isEmpty else {
                    throw ChannelSettings.problem(
                        "'\(NoticeText.short(key, 60))' cannot be a label of one's own",
                        hint: "letters, digits and '_', not beginning with a digit or '__', and none of "
                            + ownLabels.sorted().joined(separator: ", ")
                    )
                }
            }
            if let generator, let problem = webAddressProblem(generator) {
                throw ChannelSettings.problem(
                    "the address under 'generator-url' \(problem)",
                    hint: "write an 'https://' or 'http://' address, or leave it out"
                )
            }
            guard refresh == .zero || refresh < lifetime else {
                throw ChannelSettings.problem(
                    "'refresh' is not shorter than 'lifetime'",
                    hint: "an alert that is sent again too late stops firing in between"
                )
            }
        }
    }

    func request(
        _ notice: Notice,
        attempt: DeliveryAttempt,
        secrets: SecretSource
    ) throws(DeliveryFailure) -> OutgoingRequest {
        var headers: [OutgoingRequest.Header] = [.init("content-type", "application/json")]
        if let authorization = options.authorization { headers.append(try authorization.header(from: secrets)) }
        return OutgoingRequest(
            address: try options.address.resolved(by: secrets, adding: "/api/v2/alerts"),
            headers: headers,
            body: JSONText.list([alert(notice, at: attempt.at)]).bytes,
            transport: options.transport
        )
    }

    private func alert(_ notice: Notice, at now: Moment) -> JSONText {
        var alert: [(key: String, value: JSONText)] = [
            ("labels", labels(notice)), ("annotations", annotations(notice)),
            ("startsAt", .text(notice.startedAt.description)), ("endsAt", .text(end(notice, at: now).description)),
        ]
        if let generator = options.generator { alert.append(("generatorURL", .text(generator))) }
        return .map(alert)
    }

    private func end(_ notice: Notice, at now: Moment) -> Moment {
        let end =
            switch notice.kind {
            case .resolved: now
            case .test: now + Self.testLifetime
            case .fired, .updated, .repeated, .escalated: now + options.lifetime
            }
        // An end before the start is refused; a clock that was set back must not lose the resolution.
        return max(end, notice.startedAt + .milliseconds(1))
    }

    private func labels(_ notice: Notice) -> JSONText {
        let labels: [(key: String, value: String?)] = [
            ("alertname", options.alertname), ("severity", notice.level.lowercased()),
            ("rollout", notice.rollout.rawValue), ("phase", notice.phase?.rawValue), ("risk", notice.risk?.rawValue),
            ("environment", options.environment),
        ]
        // A label without a value is no label.
        return .map(
            (labels + options.labels.map { ($0.key, $0.value) }).compactMap { label in
                let value = NoticeText.short(label.value ?? "", 200)
                return value.isEmpty ? nil : (label.key, .text(value))
            }
        )
    }

    private func annotations(_ notice: Notice) -> JSONText {
        var annotations: [(key: String, value: String)] = [
            ("summary", NoticeText.short(notice.title, 300)),
            ("description", NoticeText.cut(NoticeText.text(notice.body), to: 8000, cost: JSONText.cost)),
            ("reason", NoticeText.short(notice.reason, 400)), ("kind", notice.kind.rawValue),
            ("notice", notice.id.rawValue), ("episode", NoticeText.short(notice.episode.rawValue, 400)),
            ("criteria", NoticeText.short(notice.criteria.map(\.rawValue).joined(separator: ", "), 600)),
            ("audience", NoticeText.short(notice.audience.joined(separator: ", "), 300)),
            ("rung", String(notice.rung)), ("acknowledge_by", notice.acknowledgeBy?.description ?? ""),
            ("runbook_url", options.runbook ?? ""),
        ]
        let taken = Set(annotations.map(\.key))
        for fact in notice.facts.prefix(20) where isLabelName(fact.name) && !taken.contains(fact.name) {
            annotations.append((fact.name, NoticeText.short(fact.value, 200)))
        }
        var seen: Set<String> = []
        return .map(
            annotations.compactMap { annotation in
                guard !annotation.value.isEmpty, seen.insert(annotation.key).inserted else { return nil }
                return (annotation.key, .text(annotation.value))
            }
        )
    }
}

private let ownLabels: Set<String> = ["alertname", "severity", "rollout", "phase", "risk", "environment"]

/// Letters, digits and `_`, not beginning with a digit; names that begin with `__` belong to Prometheus.
private func isLabelName(_ text: String) -> Bool {
    guard let first = text.utf8.first, !(0x30...0x39).contains(first), !text.hasPrefix("__") else { return false }
    return text.utf8.count <= 60 && text.utf8.allSatisfy { $0.isASCIILetterOrDigit || $0 == UInt8(ascii: "_") }
}

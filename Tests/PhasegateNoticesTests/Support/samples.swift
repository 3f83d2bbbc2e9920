public import PhasegateCore
import PhasegateNotices
import Synchronization

/// When the sample attempts are made: 2026-06-09 10:13:20 UTC.
let attemptMoment = Moment(milliseconds: 1_781_000_000_000)

/// An attempt, the first unless said otherwise.
func attempt(_ number: Int = 1, after duration: Duration = .zero) -> DeliveryAttempt {
    DeliveryAttempt(number: number, at: attemptMoment + duration)
}

/// A notice with everything in it.
func notice(
    id: NoticeID = "quantumleap.17",
    kind: Notice.Kind = .fired,
    reason: String = "criterion p95 failed",
    level: String = "HIGH",
    phase: PhaseName? = "query-optimisation",
    criteria: [CriterionName] = ["p95"],
    title: String = "\u{1F6A8} RISK ALERT: R003 - Performance regression",
    body: String? = nil,
    facts: [Notice.Fact] = [.init("observed", "54.6 ms"), .init("bound", "> 50 ms")]
) -> Notice {
    Notice(
        id: id,
        episode: "quantumleap/query-optimisation/R003",
        kind: kind,
        reason: reason,
        level: level,
        rollout: "quantumleap",
        phase: phase,
        risk: "R003",
        criteria: criteria,
        audience: ["Incident Commander"],
        title: title,
        body: body ?? "\(title)\n\nSeverity: \(level)\nContact: L. Brandt in #database",
        facts: facts,
        startedAt: attemptMoment + .seconds(-600),
        raisedAt: attemptMoment + .seconds(-5),
        acknowledgeBy: attemptMoment + .seconds(1800)
    )
}

/// A channel of a kind, with settings as the loader hands them over.
func channel(
    _ kind: String,
    _ settings: [String: Setting],
    http: any OutgoingHTTP = CurlHTTP(),
    mail: any OutgoingMail = CurlMail(),
    secrets: [String: String] = [:],
    baseDirectory: String = "/rollouts/shop",
    directory: String = "notices",
    write: @escaping @Sendable (String) -> Void = { _ in }
) throws(Diagnostic) -> any NoticeChannel {
    try NoticeChannels.channel(
        from: .init(name: "operations", kind: kind, settings: .map(settings)),
        context: ChannelContext(
            baseDirectory: baseDirectory,
            directory: directory,
            write: write,
            http: http,
            mail: mail,
            secrets: SecretSource { reference throws(DeliveryFailure) in
                guard let secret = secrets["\(reference)"] else { throw DeliveryFailure("'\(reference)' is not set") }
                return secret
            }
        )
    )
}

/// Keeps requests and answers them all alike.
final class RecordingHTTP: OutgoingHTTP {
    private let kept = Mutex<[OutgoingRequest]>([])
    private let answer: IncomingAnswer

    init(_ answer: IncomingAnswer = IncomingAnswer(status: 200)) { self.answer = answer }

    var requests: [OutgoingRequest] { kept.withLock(\.self) }

    func post(_ request: OutgoingRequest) async throws(DeliveryFailure) -> IncomingAnswer {
        kept.withLock { $0.append(request) }
        return answer
    }
}

/// Keeps submissions.
final class RecordingMail: OutgoingMail {
    private let kept = Mutex<[MailSubmission]>([])

    var submissions: [MailSubmission] { kept.withLock(\.self) }

    func submit(_ submission: MailSubmission) async throws(DeliveryFailure) -> String {
        kept.withLock { $0.append(submission) }
        return "250 queued"
    }
}

extension OutgoingRequest {
    /// The value of a header line.
    func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }

    /// The body as text.
    var text: String { String(decoding: body, as: UTF8.self) }
}

/// The failure of an attempt; nothing when it arrived.
func failing(_ channel: any NoticeChannel, _ notice: Notice = notice()) async -> DeliveryFailure? {
    do {
        _ = try await channel.send(notice, attempt: attempt())
        return nil
    } catch {
        return error
    }
}

extension Setting: ExpressibleByStringLiteral {
    /// Reads a literal as text, so that settings in tests look as in a file.
    public init(stringLiteral value: String) { self = .text(value) }
}

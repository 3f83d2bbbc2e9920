import Foundation
import PhasegateCore
import PhasegateNotices

/// A notice of a risk that has become real.
func makeNotice(
    _ kind: Notice.Kind = .fired,
    id: NoticeID = "readers.17",
    rollout: RolloutName = "readers",
    risk: RiskID = "R003",
    level: String = "HIGH",
    title: String = "\u{1F6A8} RISK ALERT: R003 - Performance regression",
    startedAt: Moment
) -> Notice {
    Notice(
        id: id,
        episode: EpisodeKey(rawValue: "\(rollout)/query-optimisation/\(risk)"),
        kind: kind,
        reason: "criterion p95 failed",
        level: level,
        rollout: rollout,
        phase: "query-optimisation",
        risk: risk,
        criteria: ["p95"],
        audience: ["Incident Commander"],
        title: title,
        body:
            "\(title)\n\nSeverity: \(level)\nObserved: 54.6 ms, größer als 50 ms & <b>zu viel</b>\n.a line with a dot",
        facts: [.init("observed", "54.6 ms"), .init("bound", "> 50 ms")],
        startedAt: startedAt,
        raisedAt: startedAt
    )
}

/// A channel as the loader makes it, over the real network stack.
func makeChannel(
    _ kind: String,
    _ settings: [String: Setting],
    secrets: [String: String] = [:]
) throws -> any NoticeChannel {
    try NoticeChannels.channel(
        from: .init(name: "operations", kind: kind, settings: .map(settings)),
        context: ChannelContext(
            baseDirectory: "/",
            directory: "notices",
            write: { _ in },
            secrets: SecretSource { reference throws(DeliveryFailure) in
                guard let secret = secrets["\(reference)"] else { throw DeliveryFailure("'\(reference)' is not set") }
                return secret
            }
        )
    )
}

extension Moment {
    /// The clock on the wall, which receivers compare with.
    static var now: Moment { Moment(milliseconds: Int64(Date().timeIntervalSince1970 * 1_000)) }
}

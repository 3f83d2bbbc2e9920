public import PhasegateCore

/// Writes notices to the terminal or wherever its closure leads.
public struct ConsoleChannel: ChannelKind {
    static let declaration = ChannelDeclaration(
        kind: "console",
        summary: "Writes notices to standard output.",
        settings: []
    )

    /// Its name in the rollout file.
    public let name: ChannelName
    private let write: @Sendable (String) -> Void

    init(_ channel: NoticePlan.Channel, context: ChannelContext) throws(Diagnostic) {
        name = channel.name
        write = context.write
    }

    /// Writes the body, control characters left out.
    ///
    /// - Returns: `written`.
    public func send(_ notice: Notice, attempt: DeliveryAttempt) async throws(DeliveryFailure) -> String {
        write(NoticeText.lines(notice.body))
        return "written"
    }

    /// The text that would be written.
    public func preview(_ notice: Notice, attempt: DeliveryAttempt) throws(DeliveryFailure) -> String {
        NoticeText.lines(notice.body)
    }
}

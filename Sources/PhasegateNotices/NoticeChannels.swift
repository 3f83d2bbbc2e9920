public import PhasegateCore

/// The kinds of notice channel there are.
public enum NoticeChannels {
    /// A new kind is one file under `Channels/` and one line here.
    static let kinds: [any ChannelKind.Type] = [
        ConsoleChannel.self,
        FileChannel.self,
        EmailChannel.self,
        SlackChannel.self,
        WebhookChannel.self,
        CloudEventsChannel.self,
        AlertmanagerChannel.self,
    ]

    /// What the loader needs to know of each kind, in a fixed order.
    public static let declarations = kinds.map { $0.declaration }

    /// Makes a channel.
    ///
    /// - Parameters:
    ///   - channel: as the rollout file describes it.
    ///   - context: what channels reach the world through.
    /// - Returns: the channel; nothing is opened or sent yet.
    /// - Throws: a diagnostic that names the nearest kind, or what is wrong with the settings.
    public static func channel(
        from channel: NoticePlan.Channel,
        context: ChannelContext
    ) throws(Diagnostic) -> any NoticeChannel {
        for kind in kinds where kind.declaration.kind == channel.kind {
            return try kind.init(channel, context: context)
        }
        let names = kinds.map { $0.declaration.kind }
        let all = "there are \(names.joined(separator: ", "))"
        let hint = nearest(to: channel.kind, among: names).map { "did you mean '\($0)'? \(all)" } ?? all
        throw Diagnostic(rule: "unknown-channel", "there is no kind of notice channel '\(channel.kind)'", hint: hint)
    }
}

/// A kind of notice channel: what it may be told, and how one is made.
protocol ChannelKind: NoticeChannel {
    /// What the loader needs to know.
    static var declaration: ChannelDeclaration { get }

    /// Makes a channel; reads its settings and nothing else.
    init(_ channel: NoticePlan.Channel, context: ChannelContext) throws(Diagnostic)
}

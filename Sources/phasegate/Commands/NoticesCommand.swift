import ArgumentParser

/// What people are told, and whether it arrives.
struct NoticesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "notices",
        abstract: "What people were told, whether it arrived, and whether it would.",
        subcommands: [NoticesListCommand.self, NoticesSendCommand.self, NoticesTestCommand.self],
        defaultSubcommand: NoticesListCommand.self
    )
}

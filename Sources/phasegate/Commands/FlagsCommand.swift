import ArgumentParser
import PhasegateCore
import PhasegateFlags

/// The flags of a rollout: what they are at, and a server that answers questions about them.
struct FlagsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "flags",
        abstract: "The flags as read back from their stores, and a server for applications that ask.",
        subcommands: [FlagsShowCommand.self, FlagsServeCommand.self, FlagsLiftCommand.self],
        defaultSubcommand: FlagsShowCommand.self
    )
}

/// The flags as read back from their stores.
struct FlagsShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "The flags as read back from their stores, with their history."
    )

    @OptionGroup var options: RolloutOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let assembly = try Assembly(options)
        var records: [FlagRecord] = []
        for (key, location) in assembly.flagLocations.sorted(by: { $0.key < $1.key }) {
            do {
                records += try FlagStore(path: location.store).history(of: key)
            } catch {
                throw Failure(.unreachable, error.message)
            }
        }
        if output.json {
            try printJSON(records)
            return
        }
        if records.isEmpty { Terminal.standard.line("no flag was ever set") }
        for record in records {
            Terminal.standard.line(
                "\(record.key) v\(record.version) \(column(record.share.description, 8)) \(record.changedAt.forPeople) UTC  \(record.isKilled ? "killed by \(harmless(record.actor)): " : "")\(harmless(record.reason))"
            )
        }
    }
}

import ArgumentParser
import PhasegateCore

/// Where a rollout stands; reads the ledger and nothing else.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Where the rollout stands, from the ledger alone."
    )

    @OptionGroup var options: RolloutOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let (name, ledger) = try options.nameAndLedger()
        let state = try await ledger.open().state(of: name)
        if output.json {
            try printJSON(StatusDocument(state, rollout: name))
        } else {
            for line in StatusLines(state, rollout: name, argument: options.rollout).lines {
                Terminal.standard.line(line)
            }
        }
    }
}

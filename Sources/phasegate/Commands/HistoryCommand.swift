import ArgumentParser
import PhasegateControl
import PhasegateCore

/// All that happened.
struct HistoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "All that happened, oldest first."
    )

    @OptionGroup var options: RolloutOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let (name, ledger) = try options.nameAndLedger()
        let entries = try await ledger.open().entries(of: name)
        let lines = ledgerLog(of: entries)
        if output.json {
            try printJSON(lines)
            return
        }
        for line in lines {
            let repeats = line.repeats > 1 ? " (\(line.repeats) times)" : ""
            Terminal.standard.line(
                "\(column(String(line.sequence), 5)) \(line.at.forPeople)  \(column(line.kind, 14)) \(harmless(line.sentence))\(repeats)"
            )
        }
    }
}

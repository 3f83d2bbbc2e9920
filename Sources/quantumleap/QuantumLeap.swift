import ArgumentParser

/// The demo's application: a trading database to change, and users who must not notice.
@main
struct QuantumLeap: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quantumleap",
        abstract: "A small trading application whose database phasegate changes while it runs.",
        subcommands: [GenerateCommand.self, TrafficCommand.self, DrillCommand.self]
    )
}

/// Something the application cannot work with; printed as it is.
struct ApplicationError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

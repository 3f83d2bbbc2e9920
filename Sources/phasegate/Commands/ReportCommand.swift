import ArgumentParser
import PhasegateCore
import PhasegateReports

/// Renders reports from the ledger.
struct ReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Render the reports from the ledger."
    )

    @OptionGroup var options: RolloutOptions

    @Option(help: "Formats, separated by commas: html, junit, json.")
    var format: String = "html,junit,json"

    @Option(help: "Also write JUnit XML to this file.")
    var junit: String?

    func run() async throws {
        var formats: [any ReportFormat] = []
        for name in format.split(separator: ",") {
            formats.append(try ReportFormats.format(named: name.trimmingBlanks()))
        }
        let assembly = try Assembly(options)
        let ledger = try assembly.ledger(creating: false)
        for path in try await assembly.writeReports(formats, from: ledger, junit: junit) {
            Terminal.standard.line("wrote \(path)")
        }
    }
}

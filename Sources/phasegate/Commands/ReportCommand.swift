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
    @OptionGroup var page: PageOptions
    @OptionGroup var junit: JUnitOptions

    @Option(help: "Formats, separated by commas: html, junit, markdown, json.")
    var format: String = "html,junit,markdown,json"

    func run() async throws {
        let formats = try format.split(separator: ",").map { name in
            try ReportFormats.format(named: name.trimmingBlanks())
        }.map { $0 is HTMLReport ? HTMLReport(audience: page.audience, templates: page.templates) : $0 }
        let assembly = try Assembly(options)
        let ledger = try await assembly.ledger(creating: false)
        for path in try await assembly.writeReports(formats, from: ledger, extra: junit.extra) {
            Terminal.standard.line("wrote \(path)")
        }
    }
}

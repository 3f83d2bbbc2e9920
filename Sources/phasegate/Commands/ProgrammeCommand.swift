import ArgumentParser
import FoundationEssentials
import PhasegateCore
import PhasegateReports

/// Several rollouts in one page.
struct ProgrammeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "programme",
        abstract: "Render several rollouts into one page, with links to the reports they have under reports/ROLLOUT."
    )

    @Argument(help: "Rollout files, or names under phases/.")
    var rollouts: [String]

    @Option(help: "What they are together.")
    var title: String = "Programme"

    @Option(help: "The ledger they share; else each one's own.")
    var ledger: String?

    @Option(help: "Directory of the data they share; else each one's own.")
    var workspace: String?

    @Option(help: "Directory the page goes to.")
    var reports: String = "reports"

    @Option(help: "A directory of templates that replace the built-in ones of the same name.")
    var templates: String?

    func run() async throws {
        let format = HTMLReport(templates: templates)
        let directory = RolloutOptions.absolute(reports)
        var found: [RolloutReport] = []
        var paths: [String?] = []
        for rollout in rollouts {
            var arguments = [rollout]
            if let ledger { arguments += ["--ledger", ledger] }
            if let workspace { arguments += ["--workspace", workspace] }
            let assembly = try Assembly(RolloutOptions.parse(arguments))
            found.append(try await assembly.report(from: assembly.ledger(creating: false)))
            // A link to a page that nobody has written would lead nowhere.
            let own = assembly.places.reports + "/report.html"
            let isThere = FileManager.default.fileExists(atPath: own)
            paths.append(isThere ? ReportDirectory.path(to: own, from: directory) : nil)
        }
        let programme = ProgrammeReport(
            title: title,
            generatedAt: found.map(\.generatedAt).max() ?? wallClock(),
            version: phasegateVersion,
            rollouts: found
        )
        for path in try ReportDirectory.write(format.render(programme, linkingTo: paths), into: reports) {
            Terminal.standard.line("wrote \(path)")
        }
    }
}

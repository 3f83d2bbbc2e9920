import ArgumentParser
import PhasegateCore
import PhasegateReports

/// Several rollouts in one page.
struct ProgrammeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "programme",
        abstract: "Render several rollouts into one page."
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

    @OptionGroup var page: PageOptions

    func run() async throws {
        let format = HTMLReport(audience: page.audience, templates: page.templates)
        var found: [RolloutReport] = []
        for rollout in rollouts {
            var arguments = [rollout]
            if let ledger { arguments += ["--ledger", ledger] }
            if let workspace { arguments += ["--workspace", workspace] }
            let assembly = try Assembly(RolloutOptions.parse(arguments))
            found.append(try await assembly.report(from: assembly.ledger(creating: false)))
        }
        let programme = ProgrammeReport(
            title: title,
            generatedAt: found.map(\.generatedAt).max() ?? wallClock(),
            version: phasegateVersion,
            rollouts: found
        )
        for path in try ReportDirectory.write(format.render(programme), into: reports) {
            Terminal.standard.line("wrote \(path)")
        }
    }
}

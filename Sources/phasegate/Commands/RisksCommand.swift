import ArgumentParser
import PhasegateCore
import PhasegateRisk

/// The risks of a rollout: as they are declared and derived, and what they may cost.
struct RisksCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "risks",
        abstract: "The risks as declared and as derived from the grid, and what they may cost.",
        subcommands: [RisksListCommand.self, RisksSimulateCommand.self],
        defaultSubcommand: RisksListCommand.self
    )
}

/// The register in both voices.
struct RisksListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "The risks as declared and as derived from the grid, with what disagrees."
    )

    @OptionGroup var options: RolloutOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let assembly = try Assembly(options)
        let risks = appraise(assembly.rollout.register, phases: assembly.rollout.phases, findings: [], criteria: [])
        if output.json {
            try printJSON(risks)
            return
        }
        let terminal = Terminal.standard
        for risk in risks {
            let percent = risk.declared.percent.map { " \(shortDecimal($0)) %" } ?? ""
            terminal.line(
                "\(column(risk.id.rawValue, 6)) \(column(risk.level, 7)) \(column(risk.declared.likelihood + percent + " x " + risk.declared.impact, 24)) \(harmless(risk.title))"
            )
            if let disagreement = risk.disagreement { terminal.line("       ! \(harmless(disagreement))") }
        }
        let disagreements = risks.filter { $0.disagreement != nil }.count
        terminal.line("\(risks.count) risks, \(disagreements) disagreements")
    }
}

import ArgumentParser
import PhasegateCore
import PhasegateFiles
import PhasegateRisk

/// Decisions between ways to go.
struct StrategyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "strategy",
        abstract: "Weigh a decision: which way wins, by how much, and what would turn it round.",
        subcommands: [StrategyCompareCommand.self],
        defaultSubcommand: StrategyCompareCommand.self
    )
}

/// Which way wins, by how much, and what would turn it round.
struct StrategyCompareCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract:
            "Compare the options of a decision file by factors, by the harm of a defect, and by costs and benefits.",
        discussion: "What is compared, and how, is said in docs/strategy.md."
    )

    @Argument(help: "A decision file, or a name under phases/decisions/.")
    var decision: String

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let candidates = [decision, "phases/decisions/\(decision).yaml"]
        guard let path = candidates.first(where: RolloutOptions.isFile) else {
            throw Failure(
                .badInput,
                "there is no decision '\(decision)': neither a file nor a name under phases/decisions/"
            )
        }
        let question: StrategyQuestion
        do throws(Diagnostics) {
            question = try Assembly.loader.loadStrategy(path)
        } catch {
            throw Failure(.badInput, error.description)
        }
        let comparison = StrategyComparison(of: question)
        if output.json {
            try printJSON(comparison)
            return
        }
        for line in StrategyLines(comparison, of: question).lines { Terminal.standard.line(line) }
    }
}

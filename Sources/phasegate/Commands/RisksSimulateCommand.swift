import ArgumentParser
import PhasegateCore
import PhasegateRisk

/// What the risks may cost.
struct RisksSimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract:
            "What the risks may cost, by the register's loss model: drawn many times, and in closed form beside it.",
        discussion: "The same seed draws the same worlds on any machine. Nothing is touched and nothing is recorded."
    )

    @OptionGroup var options: RolloutOptions
    @OptionGroup var output: OutputOptions

    @Option(help: "How many worlds are drawn.")
    var worlds: Int = 200_000

    @Option(help: "The seed.")
    var seed: UInt64 = 20_250_825

    @Option(help: "One scenario instead of all.")
    var scenario: String?

    func validate() throws {
        guard (1000...20_000_000).contains(worlds) else {
            throw ValidationError("--worlds is a number from 1000 to 20000000")
        }
    }

    func run() async throws {
        let register = try Assembly(options).rollout.register
        guard let model = register.loss else {
            throw Failure(.badInput, "the register has no loss model; see 'loss' in docs/risks.md")
        }
        let names = model.scenarios.map(\.name)
        if let scenario, !names.contains(scenario) {
            let near = nearest(to: scenario, among: names).map { "; did you mean '\($0)'?" } ?? ""
            throw Failure(.usage, "the loss model has no scenario '\(scenario)'\(near)")
        }
        let forecasts = forecastLosses(of: register, scenario: scenario, worlds: worlds, seed: seed)
        if output.json {
            try printJSON(forecasts)
            return
        }
        for (number, forecast) in forecasts.enumerated() {
            if number > 0 { Terminal.standard.line() }
            for line in ForecastLines(forecast).lines { Terminal.standard.line(line) }
        }
    }
}

import ArgumentParser
import PhasegateCore
import PhasegateFiles
import PhasegateFlags
import PhasegateNotices
import PhasegateObservations
import PhasegateProbes

/// Reports every problem of a rollout file at once.
struct ValidateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Report every problem of a rollout file at once, as file:line:column."
    )

    @Argument(help: "A rollout file, or a name under phases/.")
    var rollout: String?

    @Flag(help: "Print the JSON Schema of rollout files instead.")
    var schema = false

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard schema || rollout != nil else { throw ValidationError("name a rollout, or ask for --schema") }
    }

    func run() async throws {
        if schema {
            let schema = rolloutSchemaJSON(
                probes: Assembly.probeKinds.declarations,
                channels: NoticeChannels.declarations,
                sinks: FlagSinks.declarations,
                sources: Assembly.sources.declarations
            )
            Terminal.standard.line(schema.trimmingBlanks())
            return
        }
        let file = try RolloutOptions.parse([rollout ?? ""]).path()
        let (found, loaded) = Assembly.examine(file)
        let errors = found.filter { $0.severity == .error }.count
        if output.json {
            try printJSON(found)
        } else {
            for diagnostic in found { Terminal.standard.line(harmless(diagnostic.description)) }
            let phases = loaded?.rollout.phases.count ?? 0
            let criteria = loaded?.rollout.phases.map(\.criteria.count).reduce(0, +) ?? 0
            printError(
                errors == 0
                    ? "\(file): valid, \(phases) phases, \(criteria) criteria, \(found.count) warnings"
                    : "\(file): \(errors) errors, \(found.count - errors) warnings"
            )
        }
        if errors > 0 { throw ExitStatus.badInput.code }
    }
}

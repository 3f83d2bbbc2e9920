import ArgumentParser
import Glibc

/// The command line.
@main
struct Phasegate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "phasegate",
        abstract: "Takes a risky database change from a plan to all users, one gate at a time, and proves each step.",
        discussion: """
            Exit status: 0 go or finished, 1 no-go, 3 hold, 64 usage, 65 bad input file, 69 target or ledger unreachable, \
            70 internal error, 73 cannot write output, 75 somebody else holds the lease, 77 not permitted.
            """,
        version: phasegateVersion,
        groupedSubcommands: [
            CommandGroup(
                name: "Before",
                subcommands: [ValidateCommand.self, PlanCommand.self, SelftestCommand.self, MigrationsCommand.self]
            ),
            CommandGroup(
                name: "On the way",
                subcommands: [CheckCommand.self, AdvanceCommand.self, RunCommand.self, LoadCommand.self]
            ),
            CommandGroup(
                name: "Where it stands",
                subcommands: [
                    StatusCommand.self, ExplainCommand.self, HistoryCommand.self, ReportCommand.self,
                    ProgrammeCommand.self, ReviewCommand.self, NoticesCommand.self, RisksCommand.self,
                    StrategyCommand.self,
                    FlagsCommand.self, LedgerCommand.self,
                ]
            ),
            CommandGroup(
                name: "What people do",
                subcommands: [
                    AckCommand.self, ApproveCommand.self, AttestCommand.self, WaiveCommand.self, HoldCommand.self,
                    ResumeCommand.self, AdoptCommand.self,
                    RollbackCommand.self, KillCommand.self,
                ]
            ),
        ]
    )

    /// Maps every way of ending to the documented exit status.
    static func main() async {
        // `phasegate run | head` must not kill a rollout in the middle of a step.
        signal(SIGPIPE, SIG_IGN)
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            if let failure = Failure(error) {
                printError(failure.message)
                exit(withError: failure.status.code)
            }
            exit(withError: error)
        }
    }
}

/// Version of phasegate, as in CHANGELOG.md.
let phasegateVersion = "0.1.0"

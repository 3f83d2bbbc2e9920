import ArgumentParser
import PhasegateCore

/// Ends the rollout for good.
struct KillCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kill",
        abstract: "End the rollout for good: nobody is exposed from now on, then as rollback; it does not come back.",
        discussion: """
            First every place of the rollout's flags is set to nobody, by this process, whoever else is at work and \
            whether the ledger can be reached or not; a ledger that cannot is told by the next verb that can. No raise \
            of these flags succeeds until somebody lifts the kill: phasegate flags lift. Exit status 1 when every place \
            is confirmed, 69 when one is not, 73 when the kill could be recorded nowhere.
            """
    )

    @OptionGroup var options: RolloutOptions
    @OptionGroup var person: PersonOptions
    @OptionGroup var drive: DriveOptions

    func run() async throws { throw try await Kill(options: options, person: person, drive: drive)().code }
}

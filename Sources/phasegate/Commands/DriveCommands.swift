import ArgumentParser

/// Measures and weighs; acts on nothing.
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Measure and weigh the present gate once, act on nothing, write the reports."
    )

    @OptionGroup var options: RolloutOptions
    @OptionGroup var drive: DriveOptions

    func run() async throws { throw try await Driver(options: options, drive: drive)(.check).code }
}

/// Goes through one gate.
struct AdvanceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "advance",
        abstract: "Go through one gate and carry out what follows it, up to the next gate."
    )

    @OptionGroup var options: RolloutOptions
    @OptionGroup var drive: DriveOptions

    func run() async throws { throw try await Driver(options: options, drive: drive)(.advance).code }
}

/// Goes on until the end.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Go on until the rollout is finished, held or stopped."
    )

    @OptionGroup var options: RolloutOptions
    @OptionGroup var drive: DriveOptions

    @Flag(help: "Stay while the rollout is held: guards go on being weighed, and it goes on once the hold is lifted.")
    var watch = false

    @Flag(help: "Wait while another controller acts, and take over when it is gone.")
    var standby = false

    func run() async throws {
        throw try await Driver(options: options, drive: drive)(.run(watching: watch, standingBy: standby)).code
    }
}

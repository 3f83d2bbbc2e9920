import ArgumentParser
import PhasegateCore
import PhasegateFlags

/// Lets a killed flag be raised again.
struct FlagsLiftCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lift",
        abstract: "Let a flag that was killed be raised again, by another rollout; it stays at nobody.",
        discussion: "The killed rollout does not come back. Who lifts the kill, and why, stays in the flag's history."
    )

    @OptionGroup var options: RolloutOptions

    @Argument(help: "The flag.")
    var flag: String

    @OptionGroup var person: PersonOptions

    func run() async throws {
        let assembly = try Assembly(options)
        let key = FlagKey(rawValue: flag)
        guard let location = assembly.flagLocations[key] else {
            let near = nearest(to: flag, among: assembly.flagLocations.keys.map(\.rawValue))
                .map { "; did you mean '\($0)'?" }
            throw Failure(.badInput, "'\(assembly.rollout.name)' has no flag '\(flag)'\(near ?? "")")
        }
        do throws(FlagError) {
            let record = try FlagStore(path: location.store)
                .lift(key, by: person.by, because: person.because, at: wallClock())
            Terminal.standard.line(
                "flag '\(key)' may be raised again; it is at \(record.share), version \(record.version)"
            )
        } catch {
            throw Failure(error.code == .invalid ? .badInput : .unreachable, error.message)
        }
    }
}

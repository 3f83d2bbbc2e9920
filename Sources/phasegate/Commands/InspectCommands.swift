import ArgumentParser
import PhasegateCore
import PhasegateMigrations
import PhasegateProbes

/// The migration files and what the targets have of them.
struct MigrationsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrations",
        abstract: "The migrations of every phase and whether their targets have them."
    )

    @OptionGroup var options: RolloutOptions
    @OptionGroup var output: OutputOptions

    /// A migration with its state.
    struct Line: Codable {
        let phase: PhaseName
        let version: Int
        let file: String
        let target: TargetName
        let state: String
        let detail: String
    }

    func run() async throws {
        let assembly = try Assembly(options)
        let sessions = assembly.sessions()
        let runner = MigrationRunner(
            sessions: sessions,
            baseDirectory: assembly.places.rolloutDirectory,
            backupDirectory: assembly.places.backups,
            scratchDirectory: assembly.places.scratch,
            now: wallClock
        )
        var lines: [Line] = []
        for phase in assembly.rollout.orderedPhases {
            guard let set = phase.change else { continue }
            let directory = MigrationDirectory(
                path: absolutePath(set.directory, in: assembly.places.rolloutDirectory),
                dialect: assembly.rollout.dialect(of: set.target)
            )
            for version in set.versions {
                let (state, detail) = describe(
                    try await runner.state(of: .migrate(MigrationStep(of: set, version: version)))
                )
                lines.append(
                    Line(
                        phase: phase.name,
                        version: version,
                        file: directory.file(version)?.name ?? "?",
                        target: set.target,
                        state: state,
                        detail: detail
                    )
                )
            }
        }
        await sessions.closeAll()
        if output.json {
            try printJSON(lines)
            return
        }
        for line in lines {
            Terminal.standard.line(
                "\(column(String(line.version), 4)) \(column(line.state, 9)) \(column(line.file, 36)) \(line.phase)"
            )
        }
    }

    private func describe(_ state: StepState) -> (String, String) {
        switch state {
        case .done(let seen): ("applied", seen)
        case .notDone(let seen): ("pending", seen)
        case .unclear(let why): ("edited", why)
        }
    }
}

/// The ledger itself.
struct LedgerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ledger",
        abstract: "Look after the ledger.",
        subcommands: [LedgerVerifyCommand.self]
    )
}

/// Follows the hash chain.
struct LedgerVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Follow the hash chain from the first entry to the last; finds any edit."
    )

    @OptionGroup var options: RolloutOptions

    func run() async throws {
        let (name, ledger) = try options.nameAndLedger()
        do {
            let (entries, head) = try await ledger.open().verify(name)
            Terminal.standard.line("\(name): \(entries) entries, unbroken, head \(head)")
        } catch let error as LedgerError where error.code == .brokenChain || error.code == .unreadableEntry {
            throw Failure(.noGo, error.message)
        }
    }
}

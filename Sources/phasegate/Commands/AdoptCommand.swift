import ArgumentParser
import PhasegateCore
import PhasegateLedger
import PhasegateMigrations
import PhasegateProbes

/// Takes over a database that somebody else has migrated until now.
struct AdoptCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "adopt",
        abstract: "Take over a database that another tool or plain scripts have migrated until now.",
        discussion: """
            Writes into the target's journal that everything up to a version is there, so that the rollout's \
            migrations begin with the next one. Nothing else of the target is changed.
            """
    )

    @OptionGroup var options: RolloutOptions
    @OptionGroup var person: PersonOptions

    @Option(help: "The last version that is there already; the rollout's migrations begin after it.")
    var version: Int

    @Option(help: "The target.")
    var target: String = "main"

    @Option(help: "What migrated it until now: alembic, sqitch or scripts.")
    var from: String

    @Option(help: "Where that tool has to stand: Alembic's revision, Sqitch's change.")
    var head: String?

    func validate() throws {
        guard EarlierTool(rawValue: from) != nil else {
            throw ValidationError("--from is one of \(EarlierTool.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        guard version > 0 else { throw ValidationError("--version is a number from 1") }
        if EarlierTool(rawValue: from) == .scripts, head != nil {
            throw ValidationError("scripts leave nothing behind that --head could be compared with")
        }
    }

    func run() async throws {
        let desk = try await Person(options, mayBegin: true)
        let rollout = desk.assembly.rollout
        guard rollout.target(TargetName(rawValue: target)) != nil else {
            throw Failure(.badInput, "there is no target '\(target)' in '\(rollout.name)'")
        }
        // Nobody may migrate it meanwhile.
        try await desk.ledger.takeLease(on: rollout.name, holder: controllerName(), at: wallClock())
        let sessions = desk.assembly.sessions()
        let runner = MigrationRunner(
            sessions: sessions,
            baseDirectory: desk.assembly.places.rolloutDirectory,
            backupDirectory: desk.assembly.places.backups,
            scratchDirectory: desk.assembly.places.scratch,
            now: wallClock
        )
        let found: String
        do throws(StepError) {
            found = try await runner.adopt(
                version,
                of: TargetName(rawValue: target),
                from: EarlierTool(rawValue: from) ?? .scripts,
                at: head
            )
        } catch {
            await sessions.closeAll()
            await desk.ledger.releaseLease()
            throw Failure(.unreachable, error.message)
        }
        await sessions.closeAll()
        let moment = wallClock()
        try await desk.write(
            .attested(
                Attestation(
                    statement: "\(target)-adopted-at-\(version)",
                    by: person.by,
                    because: person.because,
                    evidence: found,
                    expires: moment,
                    planDigest: desk.planDigest,
                    at: moment
                )
            ),
            by: person.by,
            "took over '\(target)' at version \(version): \(found)"
        )
        await desk.ledger.releaseLease()
    }
}

import PhasegateCore
import PhasegateProbes

// Migrations whose statements commit by themselves.
extension MigrationRunner {
    /// Applies a migration statement by statement, or goes on with one that was cut off.
    ///
    /// When a statement fails and those before it can be taken back, which is tried out on a restored copy first, they are.
    func applyStatementwise(_ file: MigrationFile, _ step: MigrationStep) async throws(StepError) -> StepOutcome {
        var evidence = ["file": file.name, "checksum": file.checksum, "statements": "\(file.statementCount)"]
        let begun = try await reaching(step.target, for: .reading) { (session) throws(SessionError) in
            try await StatementJournal(session: session, limit: step.deadline).rows(of: step.version, .up)
        }
        var backup: VerifiedBackup?
        if begun.isEmpty {
            let taken = try await verifiedBackup(before: step, &evidence)
            if file.rollback != nil { evidence["rehearsal"] = try await rehearse(file, on: taken, step) }
            backup = taken
        } else {
            evidence["resumed"] = "at statement \((begun.lastIndex { $0.isDone } ?? -1) + 2) of \(file.statementCount)"
        }
        let begin = ContinuousClock.now
        let statements = SQLScript(file.sql, file.dialect).statements
        do throws(StepError) {
            try await carryOut(statements, .up, step, "migration \(step.version)") {
                (session, before) throws(SessionError) in
                let journal = MigrationJournal(session: session, limit: step.deadline)
                // Not in the transaction, which it would end in MariaDB.
                try await journal.prepare()
                try await session.run(script: "START TRANSACTION", within: step.deadline)
                try await journal.record(file, schemaBefore: before, took: ContinuousClock.now - begin, at: now())
                try await StatementJournal(session: session, limit: step.deadline).forgetAll(of: step.version)
                try await session.run(script: "COMMIT", within: step.deadline)
            }
        } catch {
            throw try await undone(error, file, backup, step)
        }
        evidence["took"] = (ContinuousClock.now - begin).forPeople
        guard case .done(let seen) = try await state(of: .migrate(step)) else {
            throw StepError("migration \(step.version) was carried out but cannot be read back", leftTraces: true)
        }
        return StepOutcome(observed: seen, evidence: evidence)
    }

    /// Takes a migration back statement by statement, or goes on with that.
    func takeBackStatementwise(_ rollback: String, to before: DatabaseSchema, _ step: MigrationStep)
        async throws(StepError)
    {
        let statements = SQLScript(rollback, sessions.rollout.dialect(of: step.target)).statements
        try await carryOut(statements, .down, step, "the rollback of migration \(step.version)") {
            (session, _) throws(SessionError) in
            let after = try await schema(of: session, within: step.deadline)
            if let difference = after.differences(from: before).first {
                throw SessionError(.failed, "the schema is not what it was before: \(difference)")
            }
            try await session.run(script: "START TRANSACTION", within: step.deadline)
            try await MigrationJournal(session: session, limit: step.deadline).erase(step.version)
            try await StatementJournal(session: session, limit: step.deadline).forgetAll(of: step.version)
            try await session.run(script: "COMMIT", within: step.deadline)
        }
    }

    /// Alone on the database, as far as migrations go.
    private func carryOut(
        _ statements: [SQLScript.Statement],
        _ direction: StatementJournal.Direction,
        _ step: MigrationStep,
        _ what: String,
        _ finish: (any DatabaseSession, DatabaseSchema) async throws(SessionError) -> Void
    ) async throws(StepError) {
        do throws(SessionError) {
            let session = try await sessions.newSession(on: step.target, for: .writing)
            try await closing(session) { (session) throws(SessionError) in
                guard let session = session as? any StatementwiseMigrating else {
                    throw SessionError(.unsupported, "the engine cannot migrate")
                }
                try await session.lockMigrations()
                let script = StatementwiseScript(
                    statements: statements,
                    version: step.version,
                    direction: direction,
                    session: session,
                    limit: step.deadline
                )
                try await finish(session, try await script.carryOut())
            }
        } catch {
            await sessions.forget(step.target)
            throw StepError("\(what): \(error.message)", leftTraces: true)
        }
        await sessions.forget(step.target)
    }

    /// What is to be said of a migration that failed, once what can be taken back is taken back.
    private func undone(
        _ error: StepError,
        _ file: MigrationFile,
        _ backup: VerifiedBackup?,
        _ step: MigrationStep
    ) async throws(StepError) -> StepError {
        let begun = try? await reaching(step.target, for: .reading) { (session) throws(SessionError) in
            try await StatementJournal(session: session, limit: step.deadline).rows(of: step.version, .up)
        }
        guard let begun else { return error }
        if begun.isEmpty { return StepError(error.message + "; nothing of it took effect") }
        let stays = StepError(
            error.message
                + "; the \(begun.count { $0.isDone }) statements before it took effect and stay: put the cause "
                + "right and it goes on from there, or restore the backup taken before from '\(backupDirectory)'",
            leftTraces: true
        )
        guard begun.allSatisfy(\.isDone), let rollback = file.rollback, let backup,
            let before = begun.first?.schemaBefore,
            await canUndo(
                Array(SQLScript(file.sql, file.dialect).statements.prefix(begun.count)),
                rollback,
                backup,
                step
            )
        else { return stays }
        do throws(StepError) {
            try await reaching(step.target, for: .writing) { (session) throws(SessionError) in
                guard let session = session as? any StatementwiseMigrating else { return }
                try await session.lockMigrations()
                await runTolerantly(rollback, in: session, step)
                let after = try await schema(of: session, within: step.deadline)
                if let difference = after.differences(from: before).first {
                    throw SessionError(.failed, "the schema is not what it was before: \(difference)")
                }
                try await StatementJournal(session: session, limit: step.deadline).forgetAll(of: step.version)
            }
        } catch let failure {
            return StepError(stays.message + " (taking them back failed: \(failure.message))", leftTraces: true)
        }
        await sessions.forget(step.target)
        return StepError(
            error.message + "; the \(begun.count) statements before it were taken back, as tried on a copy"
        )
    }

    /// Whether the rollback, as far as it can be run, takes back the first statements of a migration: tried on a copy.
    private func canUndo(
        _ done: [SQLScript.Statement],
        _ rollback: String,
        _ backup: VerifiedBackup,
        _ step: MigrationStep
    ) async -> Bool {
        guard let (engine, origin) = try? await sessions.backups(of: step.target),
            let scratch = try? await engine.restore(
                backup.artifact,
                as: backup.format,
                into: ScratchPlace(origin: origin, directory: scratchDirectory, purpose: "undoing"),
                within: step.deadline
            )
        else { return false }
        var isUndone = false
        if let session = try? await engine.open(scratch, for: .writing) {
            do throws(SessionError) {
                let before = try await session.contents(hashing: true, within: step.deadline)
                for statement in done { try await session.run(script: statement.text, within: step.deadline) }
                await runTolerantly(rollback, in: session, step)
                let after = try await session.contents(hashing: true, within: step.deadline)
                isUndone = after.schema.differences(from: before.schema).isEmpty && after.tables == before.tables
            } catch {
                isUndone = false
            }
            await session.close()
        }
        await engine.remove(scratch)
        return isUndone
    }

    /// Runs each statement; those that have nothing to take back fail, and that is expected.
    private func runTolerantly(_ rollback: String, in session: any DatabaseSession, _ step: MigrationStep) async {
        for statement in SQLScript(rollback, session.dialect).statements {
            try? await session.run(script: statement.text, within: step.deadline)
        }
    }
}

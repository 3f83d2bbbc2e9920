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
            if file.rollback != nil { evidence["rehearsal"] = try await rehearse([file], on: taken, step).seen }
            backup = taken
        } else {
            evidence["resumed"] = "at statement \((begun.lastIndex { $0.isDone } ?? -1) + 2) of \(file.statementCount)"
        }
        let begin = ContinuousClock.now
        let statements = SQLScript(file.sql, file.dialect).statements
        try await reaching(step.target, for: .writing) { (session) throws(SessionError) in
            try await alongside(.migrate(step), session)
        }
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
            try await settleFailure(error, file, backup, step)
        }
        evidence["took"] = (ContinuousClock.now - begin).forPeople
        guard case .done(let seen) = try? await state(of: .migrate(step)) else {
            throw StepError("migration \(step.version) was carried out but cannot be read back", leftTraces: true)
        }
        return StepOutcome(observed: seen, evidence: evidence)
    }

    /// Takes a migration back statement by statement, or goes on with that.
    func takeBackStatementwise(_ rollback: String, to before: DatabaseSchema, _ step: MigrationStep)
        async throws(StepError)
    {
        let statements = SQLScript(rollback, sessions.rollout.dialect(of: step.target)).statements
        try await reaching(step.target, for: .writing) { (session) throws(SessionError) in
            try await alongside(.unmigrate(step), session)
        }
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

    /// Alone on the database, as far as migrations go; whether there is anything to do is looked up behind the lock.
    private func carryOut(
        _ statements: [SQLScript.Statement],
        _ direction: StatementJournal.Direction,
        _ step: MigrationStep,
        _ what: String,
        _ finish: (any DatabaseSession, DatabaseSchema) async throws(SessionError) -> Void
    ) async throws(StepError) {
        do throws(SessionError) {
            try await behindTheLock(step) { (session, place) throws(SessionError) in
                // Somebody else was faster, or the answer to our own last commit got lost.
                guard place.isRecorded == (direction == .down) else { return }
                try place.demandClear()
                let script = StatementwiseScript(
                    statements: statements,
                    version: step.version,
                    direction: direction,
                    session: session,
                    limit: step.deadline,
                    pause: pause
                )
                try await finish(session, try await script.carryOut())
            }
        } catch {
            await sessions.forget(step.target)
            throw StepError("\(what): \(error.message)", leftTraces: true)
        }
        await sessions.forget(step.target)
    }

    /// What a target's journals say of a version, read while nobody else migrates.
    private struct Place {
        let version: Int
        let isRecorded: Bool
        let underWay: Set<Int>
        let up: [StatementJournal.Row]
        let isBeingUndone: Bool

        /// Refuses to go on where something else has to be put right first.
        func demandClear() throws(SessionError) {
            if let other = underWay.first(where: { $0 != version }) {
                throw SessionError(
                    .failed,
                    "migration \(other) is half-way through and has to be brought to its end first"
                )
            }
            guard !isBeingUndone else {
                throw SessionError(
                    .failed,
                    "it failed half-way, and taking it back did not come to its end; restore the backup"
                )
            }
        }
    }

    private func behindTheLock(
        _ step: MigrationStep,
        _ body: (any StatementwiseMigrating, Place) async throws(SessionError) -> Void
    ) async throws(SessionError) {
        let end = ContinuousClock.now + step.deadline
        let session = try await sessions.newSession(on: step.target, for: .writing)
        try await closing(session) { (session) throws(SessionError) in
            guard let session = session as? any StatementwiseMigrating else {
                throw SessionError(.unsupported, "the engine cannot migrate statement by statement")
            }
            // A change that a killed process had begun may go on in the server, which rightly holds the lock meanwhile.
            while true {
                do throws(SessionError) {
                    try await session.lockMigrations()
                    break
                } catch {
                    guard error.code == .locked, ContinuousClock.now < end else { throw error }
                }
            }
            let statements = StatementJournal(session: session, limit: step.deadline)
            let recorded = try await MigrationJournal(session: session, limit: step.deadline).rows()
            let place = Place(
                version: step.version,
                isRecorded: recorded.contains { $0.version == step.version },
                underWay: try await statements.versionsUnderWay(),
                up: try await statements.rows(of: step.version, .up),
                isBeingUndone: try await !statements.rows(of: step.version, .undo).isEmpty
            )
            try await body(session, place)
        }
    }

    /// Finds out what a migration that failed has left, and takes back what can be taken back.
    ///
    /// - Throws: `StepError` saying what is there now; nothing when it turns out to be through.
    private func settleFailure(
        _ failure: StepError,
        _ file: MigrationFile,
        _ backup: VerifiedBackup?,
        _ step: MigrationStep
    ) async throws(StepError) {
        await settleWhatWasCutOff(file, step)
        let seen = try? await reaching(step.target, for: .reading) { (session) throws(SessionError) in
            try await StatementJournal(session: session, limit: step.deadline).rows(of: step.version, .up)
        }
        let done = seen?.count { $0.isDone } ?? 0
        var isUndoable = false
        if let seen, !seen.isEmpty, seen.allSatisfy(\.isDone), let rollback = file.rollback, let backup {
            let statements = SQLScript(file.sql, file.dialect).statements
            isUndoable = await canUndo(Array(statements.prefix(done)), rollback, backup, step)
        }
        var ending = Ending.stays
        do throws(SessionError) {
            try await behindTheLock(step) { (session, place) throws(SessionError) in
                guard !place.isRecorded else { return ending = .isThrough }
                guard !place.up.isEmpty else { return ending = place.isBeingUndone ? .stays : .hadNoEffect }
                // What was tried out is what is there, and nothing else.
                guard isUndoable, let seen, place.up.count == seen.count, place.up.allSatisfy(\.isDone),
                    place.underWay == [step.version], !place.isBeingUndone, let before = place.up.first?.schemaBefore
                else { return }
                ending = .isBroken
                try await undo(file.rollback ?? "", to: before, in: session, step)
                ending = .isUndone
            }
        } catch {
            // `ending` says how far it came.
        }
        await sessions.forget(step.target)
        switch ending {
        case .isThrough: return
        case .hadNoEffect: throw StepError(failure.message + "; nothing of it took effect")
        case .isUndone:
            throw StepError(failure.message + "; the \(done) statements before it were taken back, as tried on a copy")
        case .stays:
            throw StepError(
                failure.message + "; the \(done) statements before it took effect and stay: put the cause right and it "
                    + "goes on from there, or restore the backup taken before from '\(backupDirectory)'",
                leftTraces: true
            )
        case .isBroken:
            throw StepError(
                failure.message + "; taking back the \(done) statements before it did not come to its end: restore the "
                    + "backup taken before from '\(backupDirectory)'",
                leftTraces: true
            )
        }
    }

    /// Waits for a server that went away, and finds out there what became of the statement that was under way.
    private func settleWhatWasCutOff(_ file: MigrationFile, _ step: MigrationStep) async {
        for attempt in 0..<6 {
            if attempt > 0 { await pause(.seconds(5)) }
            do throws(SessionError) {
                return try await behindTheLock(step) { (session, place) throws(SessionError) in
                    guard !place.isRecorded, !place.isBeingUndone else { return }
                    try await StatementwiseScript(
                        statements: SQLScript(file.sql, file.dialect).statements,
                        version: step.version,
                        direction: .up,
                        session: session,
                        limit: step.deadline,
                        pause: pause
                    ).settle()
                }
            } catch {
                // What cannot be found out stays in the journal as it is, for the next who comes.
                guard error.category == .connection else { return }
            }
        }
    }

    /// What becomes of a migration that failed.
    private enum Ending {
        case isThrough
        case hadNoEffect
        case isUndone
        case stays
        case isBroken
    }

    /// Runs the rollback as far as it can be run; a mark in the journal keeps everybody off until it is through.
    private func undo(
        _ rollback: String,
        to before: DatabaseSchema,
        in session: any StatementwiseMigrating,
        _ step: MigrationStep
    ) async throws(SessionError) {
        let journal = StatementJournal(session: session, limit: step.deadline)
        let mark = StatementJournal.Row(number: 1, hash: "", schemaDigest: "", schemaBefore: nil, isDone: false)
        try await journal.begin(mark, of: step.version, .undo)
        await runTolerantly(rollback, in: session, step)
        let after = try await schema(of: session, within: step.deadline)
        if let difference = after.differences(from: before).first {
            throw SessionError(.failed, "the schema is not what it was before: \(difference)")
        }
        try await journal.forgetAll(of: step.version)
    }

    /// Whether the rollback, as far as it can be run, takes back the first statements of a migration: tried on a copy.
    private func canUndo(
        _ done: [SQLScript.Statement],
        _ rollback: String,
        _ backup: VerifiedBackup,
        _ step: MigrationStep
    ) async -> Bool {
        guard let (engine, origin) = try? await sessions.restores(of: step.target),
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
            try? await retryingLocks(until: .now + step.deadline, pause: pause) { () throws(SessionError) in
                try await session.run(script: statement.text, within: step.deadline)
            }
        }
    }
}

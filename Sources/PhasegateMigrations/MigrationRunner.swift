import FoundationEssentials
public import PhasegateCore
public import PhasegateProbes

/// Applies migrations and takes them back: version check, verified backup,
/// rehearsal on a restored copy, one transaction, validation, read back.
public struct MigrationRunner: StepRunner {
    let sessions: SessionPool
    private let baseDirectory: String
    let backupDirectory: String
    let scratchDirectory: String
    let now: @Sendable () -> Moment
    let pause: @Sendable (Duration) async -> Void
    let alongside: Alongside
    private let preparations = Preparations()
    private let directories = MigrationDirectories()

    /// What else a migration's transaction changes, before the migration itself; may be run again after a failure.
    ///
    /// Where the statements of a migration commit by themselves, it is a transaction of its own before them.
    public typealias Alongside = @Sendable (Step, any DatabaseSession) async throws(SessionError) -> Void

    /// Makes a runner.
    ///
    /// - Parameters:
    ///   - sessions: opens the targets, fingerprints checked.
    ///   - baseDirectory: where paths of the rollout file begin.
    ///   - backupDirectory: where backups are kept.
    ///   - scratchDirectory: for rehearsals.
    ///   - now: the clock.
    ///   - pause: rests between two tries.
    ///   - alongside: what else belongs into the transaction of a migration, in either direction.
    public init(
        sessions: SessionPool,
        baseDirectory: String,
        backupDirectory: String,
        scratchDirectory: String,
        now: @escaping @Sendable () -> Moment,
        pause: @escaping @Sendable (Duration) async -> Void = { try? await Task.sleep(for: $0) },
        alongside: @escaping Alongside = { _, _ in }
    ) {
        self.alongside = alongside
        self.sessions = sessions
        self.baseDirectory = baseDirectory
        self.backupDirectory = backupDirectory
        self.scratchDirectory = scratchDirectory
        self.now = now
        self.pause = pause
    }

    /// Migrations in both directions, and health checks of their targets.
    public func handles(_ step: Step) -> Bool {
        switch step {
        case .migrate, .unmigrate, .checkHealth: true
        case .expose: false
        }
    }

    /// Reads the target's journal.
    public func state(of step: Step) async throws(StepError) -> StepState {
        switch step {
        case .migrate(let migration): try await state(of: migration, wanting: true)
        case .unmigrate(let migration): try await state(of: migration, wanting: false)
        case .checkHealth(let target): .notDone("'\(target)' is checked anew")
        case .expose: .unclear("not a migration")
        }
    }

    /// Runs a step; see the type.
    public func run(_ step: Step, because reason: String) async throws(StepError) -> StepOutcome {
        switch step {
        case .migrate(let migration): try await apply(migration)
        case .unmigrate(let migration): try await takeBack(migration)
        case .checkHealth(let target): try await checkHealth(of: target)
        case .expose: throw StepError("not a migration")
        }
    }

    /// How it stands with a version that is wanted to be applied, or not to be.
    private func state(of step: MigrationStep, wanting isWanted: Bool) async throws(StepError) -> StepState {
        let journals = try await journals(of: step)
        let (rows, underWay) = (journals.rows, journals.underWay)
        let row = rows.first { $0.version == step.version }
        // Half of it may be there: it can be gone on with in the direction it was going, and is not done in the other.
        if underWay.contains(step.version), (row != nil) == isWanted {
            let direction = isWanted ? "on its way back" : "through"
            return .unclear("migration \(step.version) is half-way \(direction)")
        }
        if let baseline = rows.first(where: \.isBaseline), step.version <= baseline.version {
            let seen = "'\(step.target)' was taken over at \(baseline.version), which has it"
            return isWanted ? .done(seen) : .notDone(seen)
        }
        guard let row else {
            let seen = "the journal of '\(step.target)' has no migration \(step.version)"
            return isWanted ? .notDone(seen) : .done(seen)
        }
        let file = directory(of: step).file(step.version)
        if let file, file.checksum != row.checksum, file.normalizedChecksum != row.normalizedChecksum {
            return .unclear("migration \(step.version) is applied, but from another text than '\(file.name)' has now")
        }
        let seen = "the journal of '\(step.target)' has '\(row.name)', applied at \(row.appliedAt)"
        return isWanted ? .done(seen) : .notDone(seen)
    }

    // MARK: Up

    private func apply(_ step: MigrationStep) async throws(StepError) -> StepOutcome {
        let file = try soundFile(step)
        guard !file.isStatementwise else {
            try await demandItsTurn(of: file, step)
            return try await applyStatementwise(file, step)
        }
        var evidence = ["file": file.name, "checksum": file.checksum, "statements": "\(file.statementCount)"]
        var begin = ContinuousClock.now
        // Where the backup is the only way back it has to be of this moment.
        let set = file.rollback == nil ? nil : await preparations.set(of: step.target)
        if let set, set.covers(step, file, at: now()), try await applyAtOnce(file, step, on: set.schemas[step.version])
        {
            evidence.merge(set.evidence) { $1 }
        } else {
            try await demandItsTurn(of: file, step)
            let (proof, tried) = try await prepare(file, step)
            evidence.merge(proof) { $1 }
            begin = ContinuousClock.now
            guard try await applyAtOnce(file, step, on: tried) else {
                throw StepError(
                    "migration \(step.version) was not applied: the schema was changed since it was tried on a copy"
                )
            }
        }
        evidence["took"] = (ContinuousClock.now - begin).forPeople
        guard case .done(let seen) = try await state(of: .migrate(step)) else {
            throw StepError("migration \(step.version) was committed but cannot be read back", leftTraces: true)
        }
        return StepOutcome(observed: seen, evidence: evidence)
    }

    /// Applies a file in one transaction, if it is its turn and the schema it finds is the one it was tried on, if it was.
    ///
    /// False when the schema is another; nothing was changed then.
    private func applyAtOnce(_ file: MigrationFile, _ step: MigrationStep, on tried: DatabaseSchema?)
        async throws(StepError) -> Bool
    {
        var isOther = false
        var refusal: StepError?
        let begin = ContinuousClock.now
        do throws(StepError) {
            try await settling(.migrate(step)) { () throws(StepError) in
                try await transact(on: step, "migration \(step.version)") { (session) throws(SessionError) in
                    isOther = false
                    let journals = try await readJournals(in: session, within: step.deadline)
                    refusal = objection(to: file, step, journals)
                    if let refusal { throw SessionError(.failed, refusal.message) }
                    let before = try await schema(of: session, within: step.deadline)
                    isOther = tried.map { $0 != before } ?? false
                    guard !isOther else { throw SessionError(.failed, "the schema is not the one it was tried on") }
                    let journal = MigrationJournal(session: session, limit: step.deadline)
                    if !journals.isThere { try await journal.prepare() }
                    try await alongside(.migrate(step), session)
                    try await session.run(script: file.sql, within: step.deadline)
                    try await journal.record(file, schemaBefore: before, took: ContinuousClock.now - begin, at: now())
                }
            }
        } catch {
            if let refusal { throw refusal }
            guard isOther else { throw error }
        }
        return !isOther
    }

    /// Proves that there is a way back, for a file and those that follow it: by a backup and a rehearsal.
    ///
    /// - Returns: what was shown, and the schema on which the file was tried; nothing when it has no rollback.
    private func prepare(_ file: MigrationFile, _ step: MigrationStep) async throws(StepError)
        -> ([String: String], DatabaseSchema?)
    {
        await preparations.forget(step.target)
        let files = [file] + followers(of: step)
        var evidence: [String: String] = [:]
        let takenAt = now()
        let backup = try await verifiedBackup(before: step, &evidence)
        guard files.contains(where: { $0.rollback != nil }) else { return (evidence, nil) }
        let (seen, schemas) = try await rehearse(files, on: backup, step)
        evidence["rehearsal"] = seen
        await preparations.keep(
            PreparedSet(
                directory: step.directory,
                target: step.target,
                checksums: Dictionary(uniqueKeysWithValues: files.map { ($0.version, $0.checksum) }),
                schemas: schemas,
                level: step.backup,
                takenAt: takenAt,
                evidence: evidence
            )
        )
        return (evidence, schemas[step.version])
    }

    /// The files that the same phase applies right after a step's own, in transactions.
    private func followers(of step: MigrationStep) -> [MigrationFile] {
        let sets = sessions.rollout.phases.flatMap { [$0.change, $0.compensation].compactMap(\.self) }
        let versions =
            sets.first {
                $0.directory == step.directory && $0.target == step.target && $0.versions.contains(step.version)
            }?.versions ?? []
        let directory = directory(of: step)
        let later = versions.filter { $0 > step.version }.sorted()
        let next = zip(later, (step.version + 1)...).prefix { $0.0 == $0.1 }
        return Array(next.compactMap { directory.file($0.0) }.prefix { !$0.isStatementwise })
    }

    /// A backup that has been proven to the level the step asks for.
    struct VerifiedBackup {
        let artifact: String
        let format: BackupFormat
    }

    func verifiedBackup(before step: MigrationStep, _ evidence: inout [String: String]) async throws(StepError)
        -> VerifiedBackup
    {
        let keeper = BackupKeeper(
            target: step.target,
            directory: backupDirectory,
            scratchDirectory: scratchDirectory,
            sessions: sessions
        )
        do throws(ProbeError) {
            let manifest = try await keeper.take(label: "before-\(step.version)", at: now(), within: step.deadline)
            let proof = try await keeper.verify(manifest, to: step.backup, within: step.deadline)
            if let refusal = proof.refusal { throw ProbeError(.failed, "the backup was refused: \(refusal)") }
            evidence["backup"] = "\(manifest) verified to level \(step.backup.rank) of 4 (\(step.backup.rawValue))"
            if let seconds = proof.restoreSeconds { evidence["restored-in"] = "\(shortDecimal(seconds)) s" }
            return VerifiedBackup(
                artifact: proof.artifact,
                format: try BackupManifest(file: manifest).format ?? .file
            )
        } catch {
            throw StepError("migration \(step.version) was not begun: \(error.message)")
        }
    }

    /// What a target says of its migrations.
    struct Journals: Sendable {
        /// Whether the table of those that are applied is there.
        let isThere: Bool
        /// What is applied.
        let rows: [MigrationJournal.Row]
        /// Versions that are half-way, forth or back.
        let underWay: Set<Int>
    }

    private func journals(of step: MigrationStep) async throws(StepError) -> Journals {
        try await reaching(step.target, for: .reading) { (session) throws(SessionError) in
            try await readJournals(in: session, within: step.deadline)
        }
    }

    private func readJournals(in session: any DatabaseSession, within limit: Duration) async throws(SessionError)
        -> Journals
    {
        let tables = try await session.tables(outOf: [MigrationJournal.table, StatementJournal.table], within: limit)
        let isThere = tables.contains(MigrationJournal.table)
        return Journals(
            isThere: isThere,
            rows: try await MigrationJournal(session: session, limit: limit).rows(isThere: isThere),
            underWay: try await StatementJournal(session: session, limit: limit)
                .versionsUnderWay(isThere: tables.contains(StatementJournal.table))
        )
    }

    /// Refuses to change anything while another migration is half-way.
    private func demandNothingUnderWay(but version: Int, _ underWay: Set<Int>) throws(StepError) {
        guard let other = underWay.first(where: { $0 != version }) else { return }
        throw StepError(
            "migration \(other) is half-way through and has to be brought to its end first",
            leftTraces: true
        )
    }

    private func directory(of step: MigrationStep) -> MigrationDirectory {
        directories.directory(
            at: absolutePath(step.directory, in: baseDirectory),
            dialect: sessions.rollout.dialect(of: step.target)
        )
    }

    /// The file, once the directory is in order.
    private func soundFile(_ step: MigrationStep) throws(StepError) -> MigrationFile {
        let directory = directory(of: step)
        if let problem = directory.diagnostics.first { throw StepError(problem.description) }
        guard let file = directory.file(step.version) else {
            throw StepError("there is no migration \(step.version) in '\(step.directory)'")
        }
        return file
    }

    /// Refuses a file when numbers, checksums or order are not right, or another one is half-way.
    private func demandItsTurn(of file: MigrationFile, _ step: MigrationStep) async throws(StepError) {
        if let objection = objection(to: file, step, try await journals(of: step)) { throw objection }
    }

    private func objection(to file: MigrationFile, _ step: MigrationStep, _ journals: Journals) -> StepError? {
        do throws(StepError) {
            try demandNothingUnderWay(but: step.version, journals.underWay)
        } catch {
            return error
        }
        return MigrationOrder.objection(to: step.version, in: directory(of: step), applied: journals.rows)
            .map { StepError($0) }
    }

    /// Applies and takes back on a restored copy of the backup: schema and content must come out as they were.
    ///
    /// - Returns: how it went, and the schema that each file found.
    func rehearse(_ files: [MigrationFile], on backup: VerifiedBackup, _ step: MigrationStep) async throws(StepError)
        -> (seen: String, schemas: [Int: DatabaseSchema])
    {
        let engine: any BackupTaking
        let scratch: DatabaseLocation
        do throws(SessionError) {
            let (found, origin) = try await sessions.restores(of: step.target)
            engine = found
            scratch = try await engine.restore(
                backup.artifact,
                as: backup.format,
                into: ScratchPlace(origin: origin, directory: scratchDirectory, purpose: "rehearsal"),
                within: step.deadline
            )
        } catch {
            throw StepError("migration \(step.version) was not begun: no copy for the rehearsal: \(error)")
        }
        let result: Result<(seen: String, schemas: [Int: DatabaseSchema]), StepError>
        do throws(SessionError) {
            let session = try await engine.open(scratch, for: .writing)
            result = .success(
                try await closing(session) { (session) throws(SessionError) in
                    var rehearsal = Rehearsal(session: session, limit: step.deadline, run: runOnCopy)
                    try await rehearsal.perform(files)
                    return (rehearsal.seen(of: files), rehearsal.schemas)
                }
            )
        } catch {
            result = .failure(
                StepError("migration \(step.version) was not begun, its rehearsal on a copy failed: \(error)")
            )
        }
        await engine.remove(scratch)
        return try result.get()
    }

    private func runOnCopy(_ script: String, in session: any DatabaseSession, within limit: Duration)
        async throws(SessionError)
    {
        let parts = SQLScript(script, session.dialect)
        guard !parts.isStatementwise else {
            for statement in parts.statements { try await session.run(script: statement.text, within: limit) }
            return
        }
        guard let transacting = session as? any MigrationTransacting else {
            throw SessionError(.unsupported, "the engine cannot migrate in a transaction")
        }
        try await transacting.beginMigration()
        do throws(SessionError) {
            try await session.run(script: script, within: limit)
        } catch {
            try? await transacting.endMigration(committing: false)
            throw error
        }
        try await transacting.endMigration(committing: true)
    }

    // MARK: Down

    private func takeBack(_ step: MigrationStep) async throws(StepError) -> StepOutcome {
        await preparations.forget(step.target)
        let journals = try await journals(of: step)
        try demandNothingUnderWay(but: step.version, journals.underWay)
        guard let row = journals.rows.first(where: { $0.version == step.version }) else {
            throw StepError("migration \(step.version) is not applied")
        }
        if let later = journals.rows.last, later.version > step.version {
            throw StepError(
                "migration \(later.version) was applied after \(step.version) and has to be taken back first"
            )
        }
        // The text that was rehearsed, not whatever the file says today.
        let wayBack = try await reaching(step.target, for: .reading) { (session) throws(SessionError) in
            try await MigrationJournal(session: session, limit: step.deadline).wayBack(from: step.version)
        }
        guard let rollback = wayBack?.rollback, let before = wayBack?.schemaBefore else {
            throw StepError(
                "migration \(step.version) has no rollback; restore the backup taken before it from '\(backupDirectory)'"
            )
        }
        let begin = ContinuousClock.now
        if SQLScript(rollback, sessions.rollout.dialect(of: step.target)).isStatementwise {
            try await takeBackStatementwise(rollback, to: before, step)
        } else {
            try await takeBackAtOnce(rollback, to: before, step)
        }
        guard case .done(let seen) = try await state(of: .unmigrate(step)) else {
            throw StepError("the rollback of migration \(step.version) cannot be read back", leftTraces: true)
        }
        return StepOutcome(
            observed: "\(seen); the schema is what it was before",
            evidence: ["file": row.name, "took": (ContinuousClock.now - begin).forPeople]
        )
    }

    private func takeBackAtOnce(_ rollback: String, to before: DatabaseSchema, _ step: MigrationStep)
        async throws(StepError)
    {
        try await settling(.unmigrate(step)) { () throws(StepError) in
            try await transact(on: step, "the rollback of migration \(step.version)") {
                (session) throws(SessionError) in
                try await alongside(.unmigrate(step), session)
                try await session.run(script: rollback, within: step.deadline)
                let after = try await schema(of: session, within: step.deadline)
                if let difference = after.differences(from: before).first {
                    throw SessionError(.failed, "the schema would not be what it was before: \(difference)")
                }
                try await MigrationJournal(session: session, limit: step.deadline).erase(step.version)
            }
        }
    }

    // MARK: Both

    /// One transaction, alone on the database, in which no foreign key may come to be violated.
    ///
    /// It is begun anew when somebody else's lock was in the way: nothing of it
    /// is left then, and whoever waits behind it in the server gets his turn in
    /// between.
    private func transact(
        on step: MigrationStep,
        _ what: String,
        _ body: (any DatabaseSession) async throws(SessionError) -> Void
    ) async throws(StepError) {
        do throws(SessionError) {
            try await retryingLocks(until: .now + step.deadline, pause: pause) { () throws(SessionError) in
                try await transactOnce(on: step, what, body)
            }
        } catch {
            guard error.code == .outcomeUnknown else { throw StepError(error.message) }
            await sessions.forget(step.target)
            throw StepError("\(what): \(error.message)", leftTraces: true)
        }
        await sessions.forget(step.target)
    }

    private func problems(_ check: IntegrityCheck?, _ checker: any IntegrityChecking, _ step: MigrationStep)
        async throws(SessionError) -> [String]
    {
        guard let check else { return [] }
        return try await checker.problems(found: check, within: step.deadline)
    }

    private func transactOnce(
        on step: MigrationStep,
        _ what: String,
        _ body: (any DatabaseSession) async throws(SessionError) -> Void
    ) async throws(SessionError) {
        let session = try await sessions.borrowForMigration(on: step.target)
        do throws(SessionError) {
            try await transact(in: session, step, what, body)
        } catch {
            await session.close()
            throw error
        }
        await sessions.giveBackFromMigration(session, on: step.target)
    }

    private func transact(
        in session: any DatabaseSession,
        _ step: MigrationStep,
        _ what: String,
        _ body: (any DatabaseSession) async throws(SessionError) -> Void
    ) async throws(SessionError) {
        guard let transacting = session as? any MigrationTransacting,
            let checker = session as? any IntegrityChecking
        else { throw SessionError(.unsupported, "the engine cannot migrate in a transaction") }
        try await transacting.beginMigration()
        do throws(SessionError) {
            // Only what the migration brings is its fault.
            let keys = transacting.mayOrphan ? IntegrityCheck.foreignKeys : nil
            let orphans = Set(try await problems(keys, checker, step))
            let damage = Set(try await problems(.quick, checker, step))
            try await body(session)
            if let violation = try await problems(keys, checker, step).first(where: { !orphans.contains($0) }) {
                throw SessionError(.constraint, "a foreign key would be violated: \(violation)")
            }
            if let found = try await problems(.quick, checker, step).first(where: { !damage.contains($0) }) {
                throw SessionError(.corrupt, "quick check: \(found)")
            }
        } catch {
            try? await transacting.endMigration(committing: false)
            throw SessionError(error.code, "\(what) failed and was rolled back: \(error.message)")
        }
        do throws(SessionError) {
            try await transacting.endMigration(committing: true)
        } catch {
            // The answer to a COMMIT that got lost says nothing of what the server did.
            let isLost = [.unreachable, .timedOut, .closed].contains(error.code)
            throw isLost
                ? SessionError(.outcomeUnknown, "the connection was lost at the commit: \(error.message)") : error
        }
    }

    private func checkHealth(of target: TargetName) async throws(StepError) -> StepOutcome {
        let problems = try await reaching(target, for: .reading) { (session) throws(SessionError) in
            guard let checker = session as? any IntegrityChecking else {
                throw SessionError(.unsupported, "the engine cannot check integrity")
            }
            return try await checker.problems(found: .quick, within: .seconds(600))
        }
        if let problem = problems.first { throw StepError("'\(target)' is not sound: \(problem)") }
        return StepOutcome(observed: "quick check of '\(target)' found nothing")
    }

    func schema(of session: any DatabaseSession, within limit: Duration) async throws(SessionError)
        -> DatabaseSchema
    {
        guard let reader = session as? any SchemaReading else {
            throw SessionError(.unsupported, "the engine cannot read its schema")
        }
        return try await reader.schema(within: limit)
    }

    /// Does something whose end may get lost, and asks the target then whether it was done.
    private func settling(_ step: Step, _ body: () async throws(StepError) -> Void) async throws(StepError) {
        do throws(StepError) {
            try await body()
        } catch {
            // Who migrated holds the lock until the server has done with him, one way or the other.
            guard error.leftTraces, await canBegin(on: step), let seen = try? await state(of: step) else {
                throw error
            }
            switch seen {
            case .done: return
            case .notDone: throw StepError(error.message + "; it was not done")
            case .unclear: throw error
            }
        }
    }

    /// Whether a migration of the same target could begin within a minute.
    private func canBegin(on step: Step) async -> Bool {
        let target: TargetName
        switch step {
        case .migrate(let step), .unmigrate(let step): target = step.target
        case .checkHealth, .expose: return false
        }
        for attempt in 0..<12 {
            if attempt > 0 { await pause(.seconds(5)) }
            guard let session = try? await sessions.newSession(on: target, for: .writing) else { continue }
            var isFree = false
            if let transacting = session as? any MigrationTransacting {
                do throws(SessionError) {
                    try await transacting.beginMigration()
                    isFree = true
                    try await transacting.endMigration(committing: false)
                } catch {
                    // The next attempt tells.
                }
            }
            await session.close()
            if isFree { return true }
        }
        return false
    }

    /// Does something in a session of its own; what only reads takes one that is open already.
    func reaching<Value: Sendable>(
        _ target: TargetName,
        for access: SessionAccess,
        _ body: (any DatabaseSession) async throws(SessionError) -> Value
    ) async throws(StepError) -> Value {
        do throws(SessionError) {
            if access == .reading, let session = try? await sessions.borrow(on: target) {
                let result = await outcome { () throws(SessionError) in try await body(session) }
                await sessions.giveBack(session, on: target)
                // One that was open for a while may have been cut off meanwhile; a new one tells.
                if case .failure(let error) = result, error.category == .connection {} else { return try result.get() }
            }
            return try await closing(try await sessions.newSession(on: target, for: access), body)
        } catch {
            throw StepError(error.message)
        }
    }

    private func outcome<Value>(_ body: () async throws(SessionError) -> Value) async -> Result<Value, SessionError> {
        do {
            return .success(try await body())
        } catch {
            return .failure(error)
        }
    }
}

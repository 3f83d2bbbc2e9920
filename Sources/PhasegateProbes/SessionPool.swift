public import PhasegateCore

/// Keeps the sessions of a rollout's targets, while a command runs.
///
/// A session is checked against the target's fingerprint when it is opened, so
/// that no probe ever reads the wrong database. Reading sessions come from a
/// bounded pool for each target: see `ConnectionPolicy`.
public actor SessionPool {
    /// The rollout whose targets it opens.
    public nonisolated let rollout: Rollout
    private nonisolated let baseDirectory: String
    private nonisolated let engines: [any DatabaseEngine]
    private let clock: PoolClock
    private var shared: [TargetName: any DatabaseSession] = [:]
    private var pools: [TargetName: ConnectionPool] = [:]
    private var writing: [TargetName: any DatabaseSession] = [:]

    /// Nothing is open yet.
    public init(
        rollout: Rollout,
        baseDirectory: String,
        engines: [any DatabaseEngine],
        clock: PoolClock = .system
    ) {
        self.rollout = rollout
        self.baseDirectory = baseDirectory
        self.engines = engines
        self.clock = clock
    }

    /// The shared reading session of a target.
    public func session(on name: TargetName) async throws(SessionError) -> any DatabaseSession {
        if let session = shared[name], await session.isUsable { return session }
        let session = try await borrow(on: name)
        if let earlier = shared[name], await earlier.isUsable {
            await giveBack(session, on: name)
            return earlier
        }
        let lost = shared[name]
        shared[name] = session
        if let lost { await giveBack(lost, on: name) }
        return session
    }

    /// A reading session out of the target's pool; it has to be given back.
    ///
    /// - Throws: `SessionError`; `exhausted` when all were in use for too long.
    public func borrow(on name: TargetName) async throws(SessionError) -> any DatabaseSession {
        try await pool(of: name).borrow()
    }

    /// Takes a session back that was borrowed.
    public func giveBack(_ session: any DatabaseSession, on name: TargetName) async {
        if let pool = pools[name] { await pool.giveBack(session) } else { await session.close() }
    }

    private func pool(of name: TargetName) -> ConnectionPool {
        if let pool = pools[name] { return pool }
        let target = rollout.target(name)
        // A file costs little to open, and another may come to lie under its name.
        let usual = target?.location.path == nil ? ConnectionPolicy() : ConnectionPolicy(idle: .zero)
        let policy = target?.connections ?? usual
        let pool = ConnectionPool(policy, clock: clock) { [self] () throws(SessionError) in
            try await newSession(on: name, for: .reading)
        }
        pools[name] = pool
        return pool
    }

    /// A session of one's own, fingerprint checked; close it when done.
    public nonisolated func newSession(on name: TargetName, for access: SessionAccess) async throws(SessionError)
        -> any DatabaseSession
    {
        guard let target = rollout.target(name) else {
            throw SessionError(.unreachable, "there is no target '\(name)' in the rollout")
        }
        if access == .writing, !target.isWritable {
            throw SessionError(.readOnly, "target '\(name)' is declared 'writable: false'")
        }
        let session = try await engine(of: target).open(location(of: target), for: access)
        do {
            try await checkFingerprint(of: target, in: session)
        } catch {
            await session.close()
            throw error
        }
        return session
    }

    /// A session for a migration, fingerprint checked: a new one, or the one that migrated before.
    ///
    /// It has to be closed or given back.
    public func borrowForMigration(on name: TargetName) async throws(SessionError) -> any DatabaseSession {
        guard let kept = writing.removeValue(forKey: name) else { return try await newSession(on: name, for: .writing) }
        do throws(SessionError) {
            guard let target = rollout.target(name) else {
                throw SessionError(.unreachable, "there is no target '\(name)' in the rollout")
            }
            _ = try await kept.rows(SQLQuery(literal: "SELECT 1"), within: .seconds(5))
            try await checkFingerprint(of: target, in: kept)
            return kept
        } catch {
            // It may have been cut off meanwhile; a new one tells.
            await kept.close()
            return try await newSession(on: name, for: .writing)
        }
    }

    /// Keeps a session that has migrated for the next migration, if it can be made as new; otherwise closes it.
    public func giveBackFromMigration(_ session: any DatabaseSession, on name: TargetName) async {
        let isAsNew = await (session as? any MigrationTransacting)?.becomeAsNew() ?? false
        guard isAsNew, writing[name] == nil else { return await session.close() }
        writing[name] = session
    }

    /// What takes a target's backups, and where the target is; looks at neither.
    public func backups(of name: TargetName) throws(SessionError) -> (any BackupTaking, DatabaseLocation) {
        guard let target = rollout.target(name) else {
            throw SessionError(.unreachable, "there is no target '\(name)' in the rollout")
        }
        guard let engine = try engine(of: target) as? any BackupTaking else {
            throw SessionError(.unsupported, "engine '\(target.engine)' takes no backups")
        }
        return (engine, location(of: target))
    }

    /// The same for restoring.
    ///
    /// On a server a scratch database comes to lie beside the target, so it has to be the right one. A file is restored
    /// without what it was taken from.
    public func restores(of name: TargetName) async throws(SessionError) -> (any BackupTaking, DatabaseLocation) {
        let (engine, location) = try backups(of: name)
        if location.address != nil { try await demandFingerprint(of: name) }
        return (engine, location)
    }

    /// Opens a target and closes it again, for nothing but its fingerprint.
    public func demandFingerprint(of name: TargetName) async throws(SessionError) {
        await (try await newSession(on: name, for: .reading)).close()
    }

    /// Where a target lies, with absolute paths.
    public nonisolated func location(of target: DatabaseTarget) -> DatabaseLocation {
        switch target.location {
        case .file(let path): return .file(absolutePath(path, in: baseDirectory))
        case .server(var address):
            if case .file(let path) = address.password {
                address.password = .file(absolutePath(path, in: baseDirectory))
            }
            let given = address.certificates
            address.certificates = ServerAddress.Certificates(
                authority: given.authority.map { absolutePath($0, in: baseDirectory) },
                client: given.client.map { absolutePath($0, in: baseDirectory) },
                key: given.key.map { absolutePath($0, in: baseDirectory) }
            )
            return .server(address)
        }
    }

    /// Drops a session that went bad; the next caller gets a new one.
    public func forget(_ name: TargetName) async {
        guard let session = shared.removeValue(forKey: name) else { return }
        await session.close()
        await giveBack(session, on: name)
    }

    /// Closes everything.
    public func closeAll() async {
        let (sessions, all, kept) = (shared, pools, writing)
        shared = [:]
        writing = [:]
        for session in kept.values { await session.close() }
        for (name, session) in sessions { await giveBack(session, on: name) }
        pools = [:]
        for pool in all.values { await pool.close() }
    }

    private nonisolated func engine(of target: DatabaseTarget) throws(SessionError) -> any DatabaseEngine {
        guard let engine = engines.first(where: { $0.name == target.engine }) else {
            throw SessionError(.unsupported, "there is no engine '\(target.engine)'")
        }
        return engine
    }

    private nonisolated func checkFingerprint(of target: DatabaseTarget, in session: any DatabaseSession)
        async throws(SessionError)
    {
        let wanted = target.fingerprint
        guard wanted != DatabaseTarget.Fingerprint() else { return }
        guard let reader = session as? any IdentityReading else {
            throw SessionError(.unsupported, "engine '\(target.engine)' cannot tell which database this is")
        }
        let identity = try await reader.identity()
        let pairs = [
            ("application id", identity.applicationID.map { "\($0)" }, wanted.applicationID.map { "\($0)" }),
            ("server", identity.system, wanted.system), ("name", identity.database, wanted.database),
        ]
        for (what, seen, planned) in pairs {
            guard let planned, seen != planned else { continue }
            throw SessionError(
                .unreachable,
                "target '\(target.name)' is the wrong database: \(what) \(seen ?? "unknown"), planned is \(planned)"
            )
        }
        let missing = wanted.tables.filter { !identity.tables.contains($0) }
        guard missing.isEmpty else {
            throw SessionError(
                .unreachable,
                "target '\(target.name)' is the wrong database: it lacks the tables \(missing.joined(separator: ", "))"
            )
        }
    }
}

import FoundationEssentials
import Glibc
public import PhasegateCore
public import PhasegateProbes
import Synchronization

extension MariaDBEngine: BackupTaking {
    /// Dumps in SQL, and copies of the whole server.
    public var backupFormats: [BackupFormat] { [.plain, .mariaDBBackup] }

    /// Dumps with `mariadb-dump`, and reads schema and contents as of the same moment; files are copied by their own rules.
    ///
    /// MariaDB cannot hand a snapshot from one connection to another. So
    /// commits are held back (`BACKUP STAGE BLOCK_COMMIT`) while the dump and
    /// our own session begin theirs, which takes a fraction of a second; what
    /// is read before the stage ends is one and the same snapshot.
    public func backUp(
        _ location: DatabaseLocation,
        to path: String,
        as format: BackupFormat,
        hashing: Bool,
        within limit: Duration
    ) async throws(SessionError) -> SnapshotContent {
        guard !format.isPhysical else { return try await copyFiles(of: location, to: path, within: limit) }
        let end = ContinuousClock.now + limit
        let address = try address(of: location)
        let tools = MariaDBTools(address, password: try password(of: location))
        let partial = path + ".partial"
        try? FileManager.default.removeItem(atPath: partial)
        let holder = try await session(location, for: .writing)
        let reader: MariaDBSession
        do throws(SessionError) {
            reader = try await session(location, for: .reading)
        } catch {
            await holder.close()
            throw error
        }
        do throws(SessionError) {
            try await holder.holdCommits(within: end - ContinuousClock.now)
            try await reader.beginSnapshot(within: end - ContinuousClock.now)
            let hasEnded = Mutex(false)
            async let dump = Self.outcome { () throws(SessionError) in
                defer { hasEnded.withLock { $0 = true } }
                // Events are left out: restored, the scratch database's would run beside the real ones.
                try await tools.run(
                    "mariadb-dump",
                    [
                        "--single-transaction", "--skip-lock-tables", "--no-tablespaces", "--hex-blob", "--routines",
                        "--triggers", "--result-file=\(partial)",
                    ],
                    database: address.database,
                    within: end - ContinuousClock.now
                )
            }
            // Nobody may wait for us longer than we would for them.
            let patience = min(end, ContinuousClock.now + address.lockTimeout)
            let hasBegun = await Self.hasBegun(partial, until: patience) { hasEnded.withLock(\.self) }
            await holder.releaseCommits()
            try await dump.get()
            guard hasBegun else {
                throw SessionError(
                    .timedOut,
                    "the dump of '\(address)' did not begin within \(address.lockTimeout.forPeople)"
                )
            }
            let content = try await reader.contents(hashing: hashing, within: end - ContinuousClock.now)
            await holder.close()
            await reader.close()
            try publishArtifact(partial, as: path)
            return content
        } catch {
            await holder.close()
            await reader.close()
            try? FileManager.default.removeItem(atPath: partial)
            throw error
        }
    }

    /// A typed error carried through `async let`, which only knows untyped ones.
    private static func outcome(_ body: @Sendable () async throws(SessionError) -> Void) async -> Result<
        Void, SessionError
    > {
        do {
            try await body()
            return .success(())
        } catch {
            return .failure(error)
        }
    }

    /// Whether the dump has taken its snapshot: it writes about tables only after that.
    private static func hasBegun(
        _ partial: String,
        until end: ContinuousClock.Instant,
        hasEnded: () -> Bool
    ) async -> Bool {
        while true {
            let isOver = hasEnded() || ContinuousClock.now >= end || Task.isCancelled
            let start = startOfFile(partial) ?? ""
            if ["-- Table structure for", "-- Temporary table structure for", "-- Dump completed"].contains(
                where: start.contains
            ) {
                return true
            }
            if isOver { return false }
            try? await Task.sleep(for: .milliseconds(5))
        }
    }

    /// A dump has to have its last line, which is all it tells without being restored; in files every page has its checksum.
    public func damage(
        in artifact: String,
        as format: BackupFormat,
        within limit: Duration
    ) async throws(SessionError) -> String? {
        guard !format.isPhysical else { return try await damageOfFiles(artifact, within: limit) }
        return missingEnd(of: artifact, "-- Dump completed")
    }

    /// Restores into a new database on the server the backup came from; files into a server of their own.
    public func restore(
        _ artifact: String,
        as format: BackupFormat,
        into place: ScratchPlace,
        within limit: Duration
    ) async throws(SessionError) -> DatabaseLocation {
        guard !format.isPhysical else { return try await restoreFiles(artifact, into: place, within: limit) }
        let end = ContinuousClock.now + limit
        let address = try address(of: place.origin)
        let session = try await session(place.origin, for: .writing)
        let name: String
        do throws(SessionError) {
            name = try await session.createScratch(for: place.purpose, within: limit)
        } catch {
            await session.close()
            throw error
        }
        await session.close()
        let scratch = DatabaseLocation.server(address.with(database: name))
        do throws(SessionError) {
            try await MariaDBTools(address, password: try password(of: place.origin))
                .run("mariadb", ["--batch"], database: name, input: artifact, within: end - ContinuousClock.now)
            return scratch
        } catch {
            await remove(scratch)
            throw error
        }
    }

    /// Drops the scratch database, or stops the scratch server it is on.
    public func remove(_ scratch: DatabaseLocation) async {
        if let socket = scratch.address?.host, socket.hasSuffix("/s"),
            await ScratchServer.stop(at: String(socket.dropLast(2)))
        {
            return
        }
        guard let address = scratch.address, address.database.hasPrefix(ScratchName.prefix),
            let session = try? await session(scratch, for: .writing)
        else { return }
        await session.dropDatabase(address.database)
        await session.close()
    }
}

/// The first bytes of a file as text; nothing while it is not there.
func startOfFile(_ path: String) -> String? {
    let file = Glibc.open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { Glibc.close(file) }
    var bytes = [UInt8](repeating: 0, count: 16_384)
    let count = max(0, read(file, &bytes, bytes.count))
    return String(decoding: bytes.prefix(count), as: UTF8.self)
}

extension MariaDBSession {
    /// Holds all commits of the server back, until told otherwise or until this session ends.
    func holdCommits(within limit: Duration) throws(SessionError) {
        let end = ContinuousClock.now + limit
        // There is one backup at a time on a server. Waiting for one's turn keeps nobody from anything.
        let seconds = max(1, limit.milliseconds / 1000)
        try run(script: "SET SESSION lock_wait_timeout = \(seconds); BACKUP STAGE START", within: limit)
        let own = max(1, (address.lockTimeout.milliseconds + 999) / 1000)
        try run(
            // Should we be cut off, the server lets go of it soon.
            script: """
                SET SESSION wait_timeout = \(own + 10); SET SESSION lock_wait_timeout = \(own); BACKUP STAGE FLUSH; BACKUP STAGE BLOCK_DDL;
                BACKUP STAGE BLOCK_COMMIT
                """,
            within: end - ContinuousClock.now
        )
    }

    /// Lets commits go on.
    func releaseCommits() { try? run(script: "BACKUP STAGE END", within: .seconds(10)) }

    /// Begins a transaction that sees one snapshot.
    func beginSnapshot(within limit: Duration) throws(SessionError) {
        isInLongTransaction = true
        try run(
            script: """
                SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ; SET SESSION idle_transaction_timeout = 0;
                START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY
                """,
            within: limit
        )
    }

    /// Makes an empty database with the character set and collation of this one.
    func createScratch(for purpose: String, within limit: Duration) throws(SessionError) -> String {
        sweepScratches()
        let name = ScratchName(for: purpose).text
        let row = try rows(
            SQLQuery(
                literal: "SELECT default_character_set_name, default_collation_name FROM information_schema.schemata "
                    + "WHERE schema_name = database()"
            ),
            within: .seconds(10)
        ).first
        guard let characters = row?.values[0].text, let collation = row?.values[1].text else {
            throw SessionError(.failed, "'\(address)' does not say how it is encoded")
        }
        try run(
            script: "CREATE DATABASE \(dialect.quoted(name)) CHARACTER SET \(characters) COLLATE \(collation)",
            within: limit
        )
        return name
    }

    func dropDatabase(_ name: String) {
        try? run(script: "DROP DATABASE IF EXISTS \(dialect.quoted(name))", within: .seconds(60))
    }

    /// Drops scratch databases that dead processes of this machine have left behind.
    private func sweepScratches() {
        let found = try? rows(
            SQLQuery(
                literal: "SELECT schema_name FROM information_schema.schemata "
                    + "WHERE schema_name LIKE 'phasegate\\_scratch\\_%'"
            ),
            within: .seconds(10)
        )
        for name in (found ?? []).compactMap({ $0.values.first?.text }) where ScratchName.isLeftOver(name) {
            dropDatabase(name)
        }
    }
}

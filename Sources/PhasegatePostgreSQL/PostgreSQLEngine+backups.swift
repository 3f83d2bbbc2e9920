import FoundationEssentials
import Glibc
public import PhasegateCore
public import PhasegateProbes

extension PostgreSQLEngine: BackupTaking {
    /// Dumps, and copies of the whole server; `custom` is compressed, which lets it notice a flipped bit by itself.
    public var backupFormats: [BackupFormat] { [.custom, .directory, .plain, .baseBackup] }

    /// Dumps with `pg_dump` from a snapshot that schema and contents are read from as well; a base backup by its own rules.
    public func backUp(
        _ location: DatabaseLocation,
        to path: String,
        as format: BackupFormat,
        hashing: Bool,
        within limit: Duration
    ) async throws(SessionError) -> SnapshotContent {
        guard !format.isPhysical else { return try await takeBase(location, to: path, within: limit) }
        let end = ContinuousClock.now + limit
        let parameters = try parameters(of: location)
        let partial = path + ".partial"
        try? FileManager.default.removeItem(atPath: partial)
        let session = try await session(location, for: .reading)
        let tools = PostgreSQLTools(parameters, serverVersion: await session.serverVersion)
        do throws(SessionError) {
            let snapshot = try await session.beginSnapshot(within: limit)
            // It waits for no lock longer than we would: a migration under way must not be waited out in silence.
            try await tools.run(
                "pg_dump",
                [
                    "--format=\(format.rawValue)", "--file=\(partial)", "--snapshot=\(snapshot)", "--no-password",
                    // A restored subscription would speak to its publisher.
                    "--no-subscriptions",
                    "--lock-wait-timeout=\(parameters.address.lockTimeout.milliseconds)",
                ],
                within: end - ContinuousClock.now
            )
            let content = try await session.contents(hashing: hashing, within: end - ContinuousClock.now)
            await session.endSnapshot()
            await session.close()
            try publishArtifact(partial, as: path)
            return content
        } catch {
            await session.close()
            try? FileManager.default.removeItem(atPath: partial)
            throw error
        }
    }

    /// Decodes the artifact from its first to its last byte; a plain one has to have its last line.
    public func damage(
        in artifact: String,
        as format: BackupFormat,
        within limit: Duration
    ) async throws(SessionError) -> String? {
        guard !format.isPhysical else { return try await damageOfBase(artifact, within: limit) }
        guard format != .plain else { return missingEnd(of: artifact, "PostgreSQL database dump complete") }
        do throws(SessionError) {
            try await PostgreSQLTools().run("pg_restore", ["--file=/dev/null", artifact], within: limit)
            return nil
        } catch {
            if error.code != .failed { throw error }
            return error.message
        }
    }

    /// Restores into a new database on the server the backup came from; a base backup into a server of its own.
    public func restore(
        _ artifact: String,
        as format: BackupFormat,
        into place: ScratchPlace,
        within limit: Duration
    ) async throws(SessionError) -> DatabaseLocation {
        guard !format.isPhysical else { return try await restoreBase(artifact, into: place, within: limit) }
        let end = ContinuousClock.now + limit
        let parameters = try parameters(of: place.origin)
        let session = try await session(place.origin, for: .writing)
        let name: String
        do throws(SessionError) {
            name = try await session.createScratch(for: place.purpose, within: limit)
        } catch {
            await session.close()
            throw error
        }
        let version = await session.serverVersion
        await session.close()
        let scratch = DatabaseLocation.server(parameters.address.with(database: name))
        let tools = PostgreSQLTools(parameters, serverVersion: version)
        do throws(SessionError) {
            // Who owns what and may do what is not part of what is proven, and would need the same roles.
            if format == .plain {
                try await tools.run(
                    "psql",
                    ["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--no-password", "--file=\(artifact)"],
                    database: name,
                    within: end - ContinuousClock.now
                )
            } else {
                try await tools.run(
                    "pg_restore",
                    [
                        "--exit-on-error", "--no-owner", "--no-privileges", "--no-password",
                        artifact,
                    ],
                    database: name,
                    within: end - ContinuousClock.now
                )
            }
            return scratch
        } catch {
            await remove(scratch)
            // A server that went away meanwhile says nothing of the backup.
            if error.code == .failed { await (try await self.session(place.origin, for: .reading)).close() }
            throw error
        }
    }

    /// Drops the scratch database with whoever is still connected to it, or stops the scratch server it is on.
    public func remove(_ scratch: DatabaseLocation) async {
        if let sockets = scratch.address?.host, await ScratchServer.stop(at: sockets) { return }
        guard let address = scratch.address, address.database.hasPrefix(ScratchName.prefix) else { return }
        // It cannot be dropped from inside; these two are on nearly every server.
        for database in ["postgres", "template1"] {
            guard let session = try? await session(.server(address.with(database: database)), for: .writing) else {
                continue
            }
            await session.dropDatabase(address.database, withForce: true)
            return await session.close()
        }
    }
}

extension PostgreSQLSession {
    /// Makes an empty database with the encoding and collation of this one.
    func createScratch(for purpose: String, within limit: Duration) throws(SessionError) -> String {
        sweepScratches()
        let name = ScratchName(for: purpose).text
        let row = try rows(
            SQLQuery(
                literal: "SELECT quote_literal(pg_encoding_to_char(encoding)), quote_literal(datcollate), "
                    + "quote_literal(datctype) FROM pg_database WHERE datname = current_database()"
            ),
            within: .seconds(10)
        ).first
        let kind = row?.values.map { $0.text ?? "''" } ?? []
        guard kind.count == 3 else { throw SessionError(.failed, "'\(address)' does not say how it is encoded") }
        do throws(SessionError) {
            try run(
                script: "CREATE DATABASE \(dialect.quoted(name)) TEMPLATE template0 ENCODING \(kind[0]) "
                    + "LC_COLLATE \(kind[1]) LC_CTYPE \(kind[2])",
                within: limit
            )
            // A copy that a crash may take needs no commit to wait for the disk.
            try run(script: "ALTER DATABASE \(dialect.quoted(name)) SET synchronous_commit = off", within: limit)
        } catch {
            // It may have been made all the same.
            dropDatabase(name, withForce: true)
            throw error
        }
        return name
    }

    func dropDatabase(_ name: String, withForce isForced: Bool) {
        let force = isForced ? " WITH (FORCE)" : ""
        try? run(script: "DROP DATABASE IF EXISTS \(dialect.quoted(name))\(force)", within: .seconds(60))
    }

    /// Drops scratch databases that dead processes of this machine have left behind.
    private func sweepScratches() {
        let found = try? rows(
            SQLQuery(
                literal: "SELECT datname::text FROM pg_database d WHERE datname LIKE 'phasegate\\_scratch\\_%' "
                    + "AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.datid = d.oid)"
            ),
            within: .seconds(10)
        )
        for name in (found ?? []).compactMap({ $0.values.first?.text }) where ScratchName.isLeftOver(name) {
            dropDatabase(name, withForce: false)
        }
    }
}

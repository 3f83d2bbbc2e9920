import FoundationEssentials
import Glibc
import PhasegateCore
import PhasegateProbes

/// Base backups, whose content is proven at a position in the log (docs/decisions/0020).
extension PostgreSQLEngine {
    /// How often a snapshot is taken anew because the log had another order.
    private static let tries = 10

    /// Copies the server's files, and what is in the log up to the snapshot that schema and contents are read in.
    ///
    /// - Parameters:
    ///   - location: the database whose contents are read; the files of all of them are copied.
    ///   - path: the new artifact, a directory.
    ///   - limit: how long it may take.
    /// - Returns: what the snapshot held.
    /// - Throws: `SessionError`; nothing is left at `path` then that was not there before.
    func takeBase(_ location: DatabaseLocation, to path: String, within limit: Duration)
        async throws(SessionError) -> SnapshotContent
    {
        let partial = path + ".partial"
        try? FileManager.default.removeItem(atPath: partial)
        let session = try await session(location, for: .reading)
        do throws(SessionError) {
            let content = try await writeBase(of: location, read: session, to: partial, until: .now + limit)
            await session.close()
            try publishArtifact(partial, as: path)
            return content
        } catch {
            await session.close()
            try? FileManager.default.removeItem(atPath: partial)
            throw error
        }
    }

    private func writeBase(
        of location: DatabaseLocation,
        read session: PostgreSQLSession,
        to artifact: String,
        until end: ContinuousClock.Instant
    ) async throws(SessionError) -> SnapshotContent {
        func left() -> Duration { end - ContinuousClock.now }
        let cluster = try await session.factsForBaseBackup(within: left())
        let tools = PostgreSQLTools(try parameters(of: location), serverVersion: await session.serverVersion)
        try demandRoom(for: cluster.bytes, in: artifact)
        guard mkdir(artifact, 0o700) == 0, mkdir(Self.log(of: artifact), 0o700) == 0 else {
            throw SessionError(.failed, "cannot make '\(artifact)': \(String(cString: strerror(errno)))")
        }
        do throws(SessionError) {
            try await tools.run(
                "pg_basebackup",
                [
                    "--pgdata=\(Self.base(of: artifact))", "--format=plain", "--wal-method=stream", "--checkpoint=fast",
                    "--label=phasegate", "--no-password",
                ],
                within: left()
            )
        } catch {
            throw error.message.contains("no pg_hba.conf entry")
                ? SessionError(.notPermitted, "\(error.message); pg_hba.conf has to let '\(cluster.role)' replicate")
                : error
        }
        let segment = try consistentSegment(of: artifact)
        let partial = "\(Self.log(of: artifact))/\(segment).partial"
        do {
            try FileManager.default.copyItem(atPath: "\(Self.base(of: artifact))/pg_wal/\(segment)", toPath: partial)
        } catch {
            throw SessionError(.failed, "cannot copy the segment '\(segment)' of the log: \(error)")
        }
        for _ in 0..<Self.tries {
            let (snapshot, place) = try await session.beginPlacedSnapshot(within: left())
            let marker = try await self.session(location, for: .reading)
            let mark = try await closing(marker) { (_) throws(SessionError) in
                try await marker.markLog(within: left())
            }
            try await tools.run(
                "pg_receivewal",
                ["--directory=\(Self.log(of: artifact))", "--endpos=\(mark)", "--no-loop", "--no-password"],
                within: left()
            )
            let found = try await position(
                of: snapshot,
                before: place,
                upTo: mark,
                in: artifact,
                of: cluster,
                until: end
            )
            guard let found else {
                await session.endSnapshot()
                continue
            }
            try BaseBackupPosition(found, logEnd: mark, snapshot: snapshot, of: cluster).write(in: artifact)
            let content = try await session.contents(hashing: true, within: left())
            await session.endSnapshot()
            return content
        }
        throw SessionError(
            .failed,
            "in \(Self.tries) tries there was no moment at which the log had just what a snapshot saw, because commits "
                + "overtook each other; try again, or take a dump, as by format: custom"
        )
    }

    /// The position of a snapshot; nothing where there is none, and the log can be received further then.
    private func position(
        of snapshot: String,
        before place: LogPosition,
        upTo mark: LogPosition,
        in artifact: String,
        of cluster: ClusterFacts,
        until end: ContinuousClock.Instant
    ) async throws(SessionError) -> LogPosition? {
        let log = Self.log(of: artifact)
        let listing = "\(artifact)/commits"
        defer { unlink(listing) }
        let consistent = try consistentPosition(of: artifact)
        // The last segment is a whole file with zeros at its end, whatever its name says.
        let open = try segments(in: log).filter { $0.hasSuffix(".partial") }
        for name in open { rename("\(log)/\(name)", "\(log)/\(name.dropLast(8))") }
        try await PostgreSQLTools(filesOf: cluster.major).run(
            "pg_waldump",
            ["--path=\(log)", "--rmgr=Transaction", "--start=\(consistent)", "--end=\(mark)"],
            output: listing,
            within: end - ContinuousClock.now
        )
        let text = (try? String(contentsOfFile: listing, encoding: .utf8)) ?? ""
        let commits = text.split(separator: "\n").compactMap(LoggedCommit.init)
        guard let seen = SeenTransactions(snapshot), let position = exactPosition(of: seen, in: commits, before: place),
            position >= consistent
        else {
            for name in open { rename("\(log)/\(name.dropLast(8))", "\(log)/\(name)") }
            return nil
        }
        return position
    }

    /// From where on the copied files are one database: the end of the log that the base backup needs.
    private func consistentPosition(of artifact: String) throws(SessionError) -> LogPosition {
        struct Manifest: Decodable {
            struct Range: Decodable {
                let end: String
                enum CodingKeys: String, CodingKey { case end = "End-LSN" }
            }
            let ranges: [Range]
            enum CodingKeys: String, CodingKey { case ranges = "WAL-Ranges" }
        }
        do {
            let data = try Data(contentsOf: URL(filePath: "\(Self.base(of: artifact))/backup_manifest"))
            let ranges = try JSONDecoder().decode(Manifest.self, from: data).ranges
            if let end = ranges.last.flatMap({ LogPosition($0.end) }) { return end }
        } catch {
            throw SessionError(.failed, "cannot read the manifest of pg_basebackup: \(error)")
        }
        throw SessionError(.failed, "the manifest of pg_basebackup does not say which part of the log it needs")
    }

    /// The segment of the log at whose end the base backup is consistent; receiving may have gone beyond it.
    private func consistentSegment(of artifact: String) throws(SessionError) -> String {
        let consistent = try consistentPosition(of: artifact)
        let log = "\(Self.base(of: artifact))/pg_wal"
        let found = try segments(in: log).first { name in
            // Eight digits of the timeline, then the position without its last digits, as many as a segment is long.
            let size = UInt64(artifactSize("\(log)/\(name)"))
            guard size > 0, let high = UInt64(name.dropFirst(8).prefix(8), radix: 16),
                let low = UInt64(name.dropFirst(16).prefix(8), radix: 16)
            else { return false }
            let start = high << 32 + low * size
            return start < consistent.bytes && consistent.bytes <= start + size
        }
        guard let found else { throw SessionError(.failed, "pg_basebackup brought no log along") }
        return found
    }

    private func segments(in directory: String) throws(SessionError) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: directory).filter { name in
                name.prefix(24).count == 24 && name.prefix(24).allSatisfy { $0.isHexDigit }
                    && ["", ".partial"].contains(name.dropFirst(24))
            }.sorted()
        } catch {
            throw SessionError(.failed, "cannot list '\(directory)': \(error)")
        }
    }

    /// Checks every file against the manifest of `pg_basebackup`, and that the log can be read.
    func damageOfBase(_ artifact: String, within limit: Duration) async throws(SessionError) -> String? {
        let end = ContinuousClock.now + limit
        do throws(SessionError) {
            let taken = try BaseBackupPosition(in: artifact)
            let tools = PostgreSQLTools(filesOf: taken.major)
            try await tools.run("pg_verifybackup", ["--quiet", Self.base(of: artifact)], within: limit)
            let start = try consistentPosition(of: artifact)
            try await tools.run(
                "pg_waldump",
                ["--quiet", "--path=\(Self.log(of: artifact))", "--start=\(start)", "--end=\(taken.logEnd)"],
                within: end - ContinuousClock.now
            )
            return nil
        } catch {
            guard [.failed, .corrupt].contains(error.code) else { throw error }
            return error.message
        }
    }

    /// Starts a server on a copy of the files and rolls it forward to the snapshot.
    func restoreBase(_ artifact: String, into place: ScratchPlace, within limit: Duration)
        async throws(SessionError) -> DatabaseLocation
    {
        let taken = try BaseBackupPosition(in: artifact)
        return try await recover(
            artifact,
            taken,
            to: [
                "recovery_target_lsn": taken.position, "recovery_target_inclusive": "off",
                "restore_command": "cp \"../log/%f\" \"%p\"",
            ],
            into: place,
            within: limit
        )
    }

    /// What `pg_basebackup` wrote.
    static func base(of artifact: String) -> String { "\(artifact)/base" }

    /// What is in the log after that, up to the snapshot.
    static func log(of artifact: String) -> String { "\(artifact)/log" }
}

import FoundationEssentials
import Glibc
public import PhasegateCore
import PhasegateHashing

/// Takes backups and proves them, level by level.
///
/// Why four levels, each of which the one before misses (measured on SQLite
/// 3.40, docs/probes/backup.md): a checksum says nothing of damage done before
/// it was taken; `integrity_check` passes a flipped byte in an unindexed
/// column; row counts stay equal; only content hashes taken in the snapshot
/// itself find it.
public struct BackupKeeper: Sendable {
    private let sessions: SessionPool
    private let target: TargetName
    private let directory: String
    private let scratchDirectory: String
    private let format: BackupFormat?

    /// Keeps the backups of one target.
    ///
    /// - Parameters:
    ///   - target: the database.
    ///   - directory: where artifacts and manifests lie; made when needed.
    ///   - scratchDirectory: where restores are tried out.
    ///   - sessions: opens the target and the copies.
    ///   - format: of the backups it takes; the engine's usual one when none is named.
    public init(
        target: TargetName,
        directory: String,
        scratchDirectory: String,
        sessions: SessionPool,
        format: BackupFormat? = nil
    ) {
        self.format = format
        self.target = target
        self.directory = directory
        self.scratchDirectory = scratchDirectory
        self.sessions = sessions
    }

    /// What verifying came to.
    public struct Proof: Hashable, Codable, Sendable {
        /// The artifact's path.
        public let artifact: String
        /// The level that was reached; nothing if not even the first.
        public let level: BackupLevel?
        /// Why the next level was not reached; nothing if all demanded ones were.
        public let refusal: String?
        /// When the backup was taken, as ISO 8601.
        public let takenAt: String
        /// Bytes of the artifact.
        public let bytes: Int64
        /// Rows by table as restored; empty below that level.
        public let rows: [String: Int64]
        /// Seconds that restoring took; the promise a rollback rests on.
        public let restoreSeconds: Double?
        /// Tables whose counts could not be compared, because they were written to while files were copied.
        public let unsettled: [UnsettledTable]

        /// What is worth noting, one fact a line.
        public var notes: [String] {
            var notes = ["backup '\(artifact)' taken \(takenAt), \(bytes) B"]
            if let restoreSeconds { notes.append("restored in \(shortDecimal(restoreSeconds)) s") }
            notes += rows.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value) rows" }
            notes += unsettled.map { table in
                "\(table.table) was written to while the backup was taken (\(table.rowsBefore) rows before, "
                    + "\(table.rowsAfter) after): its rows were not compared"
            }
            if let refusal { notes.append("refused: \(refusal)") }
            return notes
        }
    }

    /// Takes a backup of one snapshot and writes its manifest.
    ///
    /// - Parameters:
    ///   - label: part of the file name.
    ///   - moment: now.
    ///   - limit: how long it may take.
    /// - Returns: the manifest's path.
    /// - Throws: `ProbeError`; nothing half-written is left.
    public func take(label: String, at moment: Moment, within limit: Duration) async throws(ProbeError) -> String {
        do {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        } catch {
            throw ProbeError(.unreachable, "cannot make the backup directory '\(directory)': \(error)")
        }
        let name = "\(target)-\(label)-\(moment.description.filter { $0.isNumber })"
        let artifact: String
        let chosen: BackupFormat
        let snapshot: SnapshotContent
        do throws(SessionError) {
            let (engine, location) = try await sessions.backups(of: target)
            chosen = try format(of: engine)
            artifact = "\(name).\(chosen.suffix)"
            try await sessions.demandFingerprint(of: target)
            snapshot = try await engine.backUp(
                location,
                to: "\(directory)/\(artifact)",
                as: chosen,
                hashing: true,
                within: limit
            )
        } catch {
            throw ProbeError(error)
        }
        let digest = try digest(of: "\(directory)/\(artifact)")
        let manifest = BackupManifest(
            artifact: artifact,
            target: target.rawValue,
            format: chosen,
            takenAt: moment.description,
            bytes: artifactSize("\(directory)/\(artifact)"),
            sha256: digest,
            snapshot: snapshot
        )
        let manifestPath = "\(directory)/\(name).manifest.json"
        try manifest.write(to: manifestPath)
        return manifestPath
    }

    /// The newest manifest of the target that is young enough and of the format that was named, if there is one.
    public func newest(notOlderThan age: Duration, at moment: Moment) -> String? {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        let candidates = names.filter { $0.hasPrefix("\(target)-") && $0.hasSuffix(".manifest.json") }
        return candidates.compactMap { name -> (String, Moment)? in
            let path = "\(directory)/\(name)"
            guard let manifest = try? BackupManifest(file: path), manifest.target == target.rawValue,
                let taken = Moment(manifest.takenAt), taken <= moment, moment - taken <= age,
                format == nil || manifest.format ?? .file == format
            else { return nil }
            return (path, taken)
        }.max { $0.1 < $1.1 }?.0
    }

    /// Proves a backup up to a level.
    ///
    /// - Parameters:
    ///   - manifestPath: the manifest, beside its artifact.
    ///   - level: the level demanded; lower ones come first.
    ///   - limit: how long it may take.
    /// - Returns: how far it got and why no further.
    /// - Throws: `ProbeError` only when the manifest cannot be read; a bad artifact is a result.
    public func verify(
        _ manifestPath: String,
        to level: BackupLevel,
        within limit: Duration
    ) async throws(ProbeError) -> Proof {
        let manifest = try BackupManifest(file: manifestPath)
        let folder = manifestPath.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(
            separator: "/"
        )
        let artifact = "\(folder)/\(manifest.artifact)"
        func proof(
            _ reached: BackupLevel?,
            _ refusal: String?,
            rows: [String: Int64] = [:],
            seconds: Double? = nil
        ) -> Proof {
            Proof(
                artifact: artifact,
                level: reached,
                refusal: refusal,
                takenAt: manifest.takenAt,
                bytes: manifest.bytes,
                rows: rows,
                restoreSeconds: seconds,
                unsettled: rows.isEmpty ? [] : manifest.snapshot.unsettled ?? []
            )
        }
        let size = artifactSize(artifact)
        guard size == manifest.bytes else {
            return proof(nil, "the artifact has \(size) bytes, \(manifest.bytes) were written")
        }
        let digest = try digest(of: artifact)
        guard digest == manifest.sha256 else {
            return proof(nil, "the artifact's SHA-256 is not the one it was written with")
        }
        guard level > .artifact else { return proof(.artifact, nil) }
        if level == .content, let table = manifest.snapshot.unsettled?.first {
            throw ProbeError(
                .failed,
                "the content of '\(artifact)' cannot be proven: table '\(table.table)' was written to while its files were "
                    + "copied; take it while nobody writes, demand the level 'restored', or take a dump of a snapshot"
            )
        }
        // The engine's own check and the restore read different files, so both
        // cores can work.
        let format = manifest.format ?? .file
        let isReadByRestoring = level > .decodes && format.isReadByRestoring
        async let soundness = outcome { () throws(ProbeError) in
            isReadByRestoring ? nil : try await damage(in: artifact, as: format, within: limit)
        }
        async let restored = outcome { () throws(ProbeError) in
            level > .decodes ? try await restore(artifact, as: format, level: level, within: limit) : nil
        }
        let outcomes = await (soundness, restored)
        var complaint = try outcomes.0.get()
        if isReadByRestoring, try outcomes.1.get()?.content == nil {
            // Whether it is the artifact's fault.
            complaint = try await damage(in: artifact, as: format, within: limit)
        }
        if let complaint { return proof(.artifact, complaint) }
        guard level > .decodes, let copy = try outcomes.1.get() else { return proof(.decodes, nil) }
        return judge(copy, against: manifest, level: level, proof: proof)
    }

    /// A typed error carried through `async let`, which only knows untyped ones.
    private func outcome<Value: Sendable>(
        _ body: @Sendable () async throws(ProbeError) -> Value
    ) async -> Result<Value, ProbeError> {
        do {
            return .success(try await body())
        } catch {
            return .failure(error)
        }
    }

    // MARK: Restoring

    private struct Restore: Sendable {
        var content: SnapshotContent?
        var refusal: String?
        var seconds: Double
    }

    private func judge(
        _ restore: Restore,
        against manifest: BackupManifest,
        level: BackupLevel,
        proof: (BackupLevel?, String?, [String: Int64], Double?) -> Proof
    ) -> Proof {
        guard let content = restore.content else {
            return proof(.decodes, restore.refusal ?? "could not be restored", [:], restore.seconds)
        }
        let rows = Dictionary(content.tables.map { ($0.table, $0.rows) }) { first, _ in first }
        if let difference = content.schema.differences(from: manifest.snapshot.schema).first {
            return proof(.decodes, "restored schema differs: \(difference)", rows, restore.seconds)
        }
        let unsettled = Set((manifest.snapshot.unsettled ?? []).map(\.table))
        for table in manifest.snapshot.tables where !unsettled.contains(table.table) && rows[table.table] != table.rows
        {
            return proof(
                .decodes,
                "table '\(table.table)' has \(rows[table.table] ?? 0) rows restored, \(table.rows) in the snapshot",
                rows,
                restore.seconds
            )
        }
        guard level > .restored else { return proof(.restored, nil, rows, restore.seconds) }
        for table in manifest.snapshot.tables {
            let twin = content.tables.first { $0.table == table.table }
            if table.hash.isEmpty || twin?.hash != table.hash {
                return proof(
                    .restored,
                    "content of table '\(table.table)' differs from the snapshot it was taken from",
                    rows,
                    restore.seconds
                )
            }
        }
        return proof(.content, nil, rows, restore.seconds)
    }

    /// What is wrong with an artifact; running out of time says nothing about it and is thrown.
    private func damage(in artifact: String, as format: BackupFormat, within limit: Duration)
        async throws(ProbeError) -> String?
    {
        do throws(SessionError) {
            return try await sessions.backups(of: target).0.damage(in: artifact, as: format, within: limit)
        } catch {
            if error.saysNothingOfTheBackup { throw ProbeError(error) }
            return "does not open or cannot be checked: \(error)"
        }
    }

    private func restore(
        _ artifact: String,
        as format: BackupFormat,
        level: BackupLevel,
        within limit: Duration
    ) async throws(ProbeError) -> Restore? {
        let begin = ContinuousClock.now
        func seconds() -> Double { (ContinuousClock.now - begin).inSeconds }
        let engine: any BackupTaking
        let scratch: DatabaseLocation
        do throws(SessionError) {
            let (found, origin) = try await sessions.restores(of: target)
            engine = found
            let place = ScratchPlace(origin: origin, directory: scratchDirectory, purpose: "restore")
            scratch = try await engine.restore(artifact, as: format, into: place, within: limit)
        } catch {
            if error.saysNothingOfTheBackup { throw ProbeError(error) }
            return Restore(refusal: "could not be restored: \(error)", seconds: seconds())
        }
        let restoredIn = seconds()
        let restored: Restore
        do throws(SessionError) {
            let session = try await engine.open(scratch, for: .reading)
            let content = try await closing(session) { (session) throws(SessionError) in
                try await session.contents(hashing: level == .content, within: limit)
            }
            restored = Restore(content: content, seconds: restoredIn)
        } catch {
            await engine.remove(scratch)
            if error.saysNothingOfTheBackup { throw ProbeError(error) }
            return Restore(refusal: "restored, but cannot be read: \(error)", seconds: seconds())
        }
        await engine.remove(scratch)
        return restored
    }

    private func format(of engine: any BackupTaking) throws(SessionError) -> BackupFormat {
        guard let chosen = format ?? engine.backupFormats.first, engine.backupFormats.contains(chosen) else {
            let formats = engine.backupFormats.map(\.rawValue).joined(separator: ", ")
            throw SessionError(
                .unsupported,
                "\(engine.name) has no backup format '\(format?.rawValue ?? "")'; its formats are \(formats)"
            )
        }
        return chosen
    }

    private func digest(of artifact: String) throws(ProbeError) -> String {
        do {
            return try artifactDigest(artifact)
        } catch {
            throw ProbeError(.unreachable, "\(error)")
        }
    }
}

extension SessionError {
    /// Whether it is about the machine, the server or the time, so that a backup is neither proven nor refused by it.
    fileprivate var saysNothingOfTheBackup: Bool {
        switch code {
        case .timedOut, .unsupported, .unreachable, .notPermitted, .full, .locked, .closed, .exhausted, .outcomeUnknown:
            true
        case .notADatabase, .corrupt, .readOnly, .constraint, .badStatement, .failed: false
        }
    }
}

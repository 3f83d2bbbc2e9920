import FoundationEssentials
import Glibc
public import PhasegateCore
public import PhasegateProbes

extension SQLiteEngine: BackupTaking {
    /// Copies of the file.
    public var backupFormats: [BackupFormat] { [.file] }

    /// Copies by SQLite's backup interface.
    public func backUp(
        _ location: DatabaseLocation,
        to path: String,
        as format: BackupFormat,
        hashing: Bool,
        within limit: Duration
    ) async throws(SessionError) -> SnapshotContent {
        let session = try await session(location, for: .reading)
        return try await closing(session) { (_) throws(SessionError) in
            try await session.copySnapshot(to: path, hashing: hashing, within: limit)
        }
    }

    /// Runs the full integrity check on the artifact itself.
    public func damage(
        in artifact: String,
        as format: BackupFormat,
        within limit: Duration
    ) async throws(SessionError) -> String? {
        let session = try await session(.file(artifact), for: .reading)
        return try await closing(session) { (_) throws(SessionError) in
            try await session.problems(found: .full, within: limit).first.map { "integrity check: \($0)" }
        }
    }

    /// Copies the artifact, as a restore would.
    public func restore(
        _ artifact: String,
        as format: BackupFormat,
        into place: ScratchPlace,
        within limit: Duration
    ) async throws(SessionError) -> DatabaseLocation {
        let path = try scratchPath(place)
        do {
            try FileManager.default.copyItem(atPath: artifact, toPath: path)
        } catch {
            throw SessionError(.failed, "cannot copy '\(artifact)' to '\(path)': \(error)")
        }
        return .file(path)
    }

    /// Copies one snapshot.
    public func copy(_ location: DatabaseLocation, into place: ScratchPlace, within limit: Duration)
        async throws(SessionError) -> DatabaseLocation
    {
        let path = try scratchPath(place)
        _ = try await backUp(location, to: path, as: .file, hashing: false, within: limit)
        return .file(path)
    }

    /// Removes the file with all that stands beside it.
    public func remove(_ scratch: DatabaseLocation) async {
        guard let path = scratch.path else { return }
        for suffix in ["", "-wal", "-shm", "-journal", ".phasegate-lock"] { unlink(path + suffix) }
    }

    private func scratchPath(_ place: ScratchPlace) throws(SessionError) -> String {
        do {
            try FileManager.default.createDirectory(atPath: place.directory, withIntermediateDirectories: true)
        } catch {
            throw SessionError(.unreachable, "cannot make '\(place.directory)': \(error)")
        }
        return "\(place.directory)/\(place.purpose)-\(getpid())-\(UUID().uuidString).sqlite"
    }
}

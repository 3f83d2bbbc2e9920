import FoundationEssentials
import Glibc
public import PhasegateCore

/// Takes backups by the engine's own means and tries them out beside the database they came from.
public protocol BackupTaking: DatabaseEngine {
    /// The formats it writes, the usual one first.
    var backupFormats: [BackupFormat] { get }

    /// Copies one consistent snapshot into an artifact and says what was in it.
    ///
    /// Schema, counts and hashes are read inside the snapshot the artifact is taken from.
    ///
    /// - Parameters:
    ///   - location: the database.
    ///   - path: the new artifact; what is there is replaced once the new one is complete.
    ///   - format: one of `backupFormats`.
    ///   - hashing: whether contents are hashed.
    ///   - limit: how long it may take.
    /// - Returns: what the snapshot held.
    /// - Throws: `SessionError`; nothing is left at `path` then that was not there before.
    func backUp(
        _ location: DatabaseLocation,
        to path: String,
        as format: BackupFormat,
        hashing: Bool,
        within limit: Duration
    ) async throws(SessionError) -> SnapshotContent

    /// Reads an artifact from end to end without restoring it.
    ///
    /// - Returns: what is wrong with it; nothing when nothing was found.
    /// - Throws: `SessionError` of the code `timedOut`; a bad artifact is a result.
    func damage(
        in artifact: String,
        as format: BackupFormat,
        within limit: Duration
    ) async throws(SessionError) -> String?

    /// Restores an artifact into a scratch database of its own.
    ///
    /// - Parameters:
    ///   - artifact: what `backUp` wrote.
    ///   - format: its format.
    ///   - place: where scratch databases go.
    ///   - limit: how long it may take.
    /// - Returns: the scratch database, to be removed with `remove`.
    /// - Throws: `SessionError`; no scratch database is left then.
    func restore(
        _ artifact: String,
        as format: BackupFormat,
        into place: ScratchPlace,
        within limit: Duration
    ) async throws(SessionError) -> DatabaseLocation

    /// Copies a database as it is now into a scratch database.
    ///
    /// - Returns: the scratch database, to be removed with `remove`.
    /// - Throws: `SessionError`; no scratch database is left then.
    func copy(_ location: DatabaseLocation, into place: ScratchPlace, within limit: Duration)
        async throws(SessionError) -> DatabaseLocation

    /// Removes a scratch database, as far as it can be reached.
    func remove(_ scratch: DatabaseLocation) async
}

extension BackupTaking {
    /// Takes a backup in the usual format, restores it, and throws it away.
    public func copy(_ location: DatabaseLocation, into place: ScratchPlace, within limit: Duration)
        async throws(SessionError) -> DatabaseLocation
    {
        guard let format = backupFormats.first else { throw SessionError(.unsupported, "\(name) takes no backups") }
        let end = ContinuousClock.now + limit
        do {
            try FileManager.default.createDirectory(atPath: place.directory, withIntermediateDirectories: true)
        } catch {
            throw SessionError(.unreachable, "cannot make '\(place.directory)': \(error)")
        }
        let path = "\(place.directory)/\(place.purpose)-\(getpid())-\(UUID().uuidString).\(format.suffix)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        _ = try await backUp(location, to: path, as: format, hashing: false, within: limit)
        return try await restore(path, as: format, into: place, within: end - ContinuousClock.now)
    }
}

/// Where scratch databases go.
public struct ScratchPlace: Sendable {
    /// The database whose copy it is; on a server the copy comes to lie beside it.
    public let origin: DatabaseLocation
    /// A directory for files.
    public let directory: String
    /// What the scratch database is for, as part of its name.
    public let purpose: String

    /// Names a place.
    public init(origin: DatabaseLocation, directory: String, purpose: String) {
        self.origin = origin
        self.directory = directory
        self.purpose = purpose
    }
}

/// A format of backups; the tool that restores one follows from it.
public struct BackupFormat: RawRepresentable, Hashable, Codable, Sendable {
    /// Its name in rollout files and manifests, as `custom`.
    public let rawValue: String

    /// Names a format.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// A copy of the database file.
    public static let file = BackupFormat(rawValue: "file")
    /// `pg_dump --format=custom`, for `pg_restore`.
    public static let custom = BackupFormat(rawValue: "custom")
    /// `pg_dump --format=directory`, for `pg_restore`.
    public static let directory = BackupFormat(rawValue: "directory")
    /// SQL, for the engine's own client.
    public static let plain = BackupFormat(rawValue: "plain")
    /// The files of a whole PostgreSQL server, as `pg_basebackup` copies them, with the log that makes them consistent.
    public static let baseBackup = BackupFormat(rawValue: "basebackup")
    /// The files of a whole MariaDB server, as `mariadb-backup` copies and prepares them.
    public static let mariaDBBackup = BackupFormat(rawValue: "mariadb-backup")

    /// Whether it is the files of a whole server, which a server of its own has to be started on.
    public var isPhysical: Bool { self == .baseBackup || self == .mariaDBBackup }

    /// Whether restoring one reads it from its first to its last byte, so that nothing else has to.
    var isReadByRestoring: Bool { self == .custom || self == .directory }

    /// What artifacts of it end with.
    public var suffix: String {
        switch self {
        case .file: "sqlite"
        case .custom: "dump"
        case .directory: "dumps"
        case .plain: "sql"
        default: rawValue
        }
    }
}

import FoundationEssentials
import PhasegateCore

/// What is known of a backup from the moment it was taken; kept beside the artifact.
public struct BackupManifest: Hashable, Codable, Sendable {
    /// Name of the artifact, in the manifest's own directory.
    public let artifact: String
    /// Database it was taken from.
    public let target: String
    /// Its format; manifests of version 0.1 have none and are of a file.
    public let format: BackupFormat?
    /// When, as ISO 8601.
    public let takenAt: String
    /// Bytes of the artifact.
    public let bytes: Int64
    /// SHA-256 of the artifact right after it was written.
    public let sha256: String
    /// What the snapshot held that it was taken from.
    public let snapshot: SnapshotContent

    /// Puts a manifest together.
    public init(
        artifact: String,
        target: String,
        format: BackupFormat? = nil,
        takenAt: String,
        bytes: Int64,
        sha256: String,
        snapshot: SnapshotContent
    ) {
        self.artifact = artifact
        self.target = target
        self.format = format
        self.takenAt = takenAt
        self.bytes = bytes
        self.sha256 = sha256
        self.snapshot = snapshot
    }

    /// Reads a manifest file.
    ///
    /// - Throws: `ProbeError` when it is missing or damaged.
    public init(file path: String) throws(ProbeError) {
        do {
            let data = try Data(contentsOf: URL(filePath: path))
            self = try JSONDecoder().decode(BackupManifest.self, from: data)
        } catch {
            throw ProbeError(.unreachable, "cannot read the backup manifest '\(path)': \(error)")
        }
    }

    /// Writes the manifest so that it is there whole or not at all.
    public func write(to path: String) throws(ProbeError) {
        do {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
            try encoder.encode(self).write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw ProbeError(.unreachable, "cannot write the backup manifest '\(path)': \(error)")
        }
    }
}

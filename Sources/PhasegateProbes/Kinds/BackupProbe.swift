public import PhasegateCore

/// A backup and how far it is proven.
public struct BackupProbe: ProbeKind {
    /// `backup`.
    public static let name: ProbeName = "backup"
    /// What it measures.
    public static let summary = "Whether a recent backup stands up to proof at a level; one is taken if there is none."
    /// Its keys.
    public static let settings: [Shape.Key] = [
        .target,
        Shape.Key("directory", .text, "Where backups lie, relative to the rollout file; `backups` by default."),
        Shape.Key(
            "level",
            .oneOf(BackupLevel.allCases.map(\.rawValue)),
            "How far it is proven: artifact, decodes, restored, content (default)."
        ),
        Shape.Key(
            "format",
            .oneOf(["file", "custom", "directory", "plain", "basebackup", "mariadb-backup"]),
            "Only backups of this format count: `file` for SQLite; `custom` (default), `directory`, `plain` or `basebackup` "
                + "for PostgreSQL; `plain` (default) or `mariadb-backup` for MariaDB."
        ),
        Shape.Key("max-age", .duration, "Oldest backup that still counts; 1 h by default."),
    ]

    private let target: TargetName
    private let directory: String
    private let level: BackupLevel
    private let maximumAge: Duration
    private let format: BackupFormat?

    /// Reads the settings.
    public init(_ settings: Setting) throws(Diagnostic) {
        target = settings.target
        directory = settings["directory"]?.text ?? "backups"
        level = settings["level"]?.text.flatMap(BackupLevel.init(rawValue:)) ?? .content
        maximumAge = settings["max-age"]?.duration ?? .seconds(3600)
        format = settings["format"]?.text.map(BackupFormat.init(rawValue:))
    }

    /// `verified` or `refused`.
    public var output: ProbeOutput { .words(["verified", "refused"]) }

    /// Verifies the newest backup; what was restored and counted becomes notes.
    public func measure(in context: ProbeContext) async throws(ProbeError) -> Measurement {
        let keeper = BackupKeeper(
            target: target,
            directory: context.path(directory),
            scratchDirectory: context.scratchDirectory,
            sessions: context.sessions,
            format: format
        )
        let manifest: String
        if let newest = keeper.newest(notOlderThan: maximumAge, at: context.now) {
            manifest = newest
        } else {
            manifest = try await keeper.take(label: "check", at: context.now, within: context.deadline)
        }
        guard try !BackupManifest(file: manifest).snapshot.tables.isEmpty else {
            throw ProbeError(.noData, "'\(target)' has no tables: a backup of it proves nothing")
        }
        let proof = try await keeper.verify(manifest, to: level, within: context.deadline)
        return Measurement(
            Quantity(word: proof.refusal == nil ? "verified" : "refused"),
            samples: proof.rows.count,
            resolvedQuery: "level \(level.rank) of 4 (\(level.rawValue)): \(manifest)",
            notes: proof.notes
        )
    }
}

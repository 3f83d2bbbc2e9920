import FoundationEssentials
import PhasegateCore
import PhasegateProbes

/// What the target itself knows of applied migrations: table `phasegate_migrations`.
///
/// A row is written in the transaction that applies the migration, so that
/// both are there or neither is.
struct MigrationJournal {
    /// One applied migration.
    struct Row: Sendable {
        let version: Int
        let name: String
        let checksum: String
        let normalizedChecksum: String
        let appliedAt: String
        let rollback: String?
        let schemaBefore: DatabaseSchema?

        /// Whether it stands for all that was applied before phasegate came.
        var isBaseline: Bool { checksum == MigrationJournal.baselineMark }
    }

    /// Stands where other rows have a checksum.
    static let baselineMark = "baseline"

    let session: any DatabaseSession
    let limit: Duration

    /// The applied migrations, by number; empty when the table is not there.
    func rows() async throws(SessionError) -> [Row] {
        guard try await isThere() else { return [] }
        return try await session.rows(
            SQLQuery(
                "SELECT version, name, checksum, normalized_checksum, applied_at, rollback, schema_before "
                    + "FROM phasegate_migrations ORDER BY version"
            ),
            within: limit
        ).map { row in
            Row(
                version: Int(row.values[0].integer ?? 0),
                name: row.values[1].text ?? "",
                checksum: row.values[2].text ?? "",
                normalizedChecksum: row.values[3].text ?? "",
                appliedAt: row.values[4].text ?? "",
                rollback: row.values[5].text,
                schemaBefore: row.values[6].text.flatMap {
                    try? JSONDecoder().decode(DatabaseSchema.self, from: Data($0.utf8))
                }
            )
        }
    }

    private func isThere() async throws(SessionError) -> Bool {
        try await session.hasTable("phasegate_migrations", within: limit)
    }

    /// Makes the table if need be.
    func prepare() async throws(SessionError) {
        guard try await !isThere() else { return }
        let text = session.dialect.longText
        try await session.run(
            script: """
                CREATE TABLE phasegate_migrations (
                    version INTEGER PRIMARY KEY,
                    name \(text) NOT NULL,
                    checksum \(text) NOT NULL,
                    normalized_checksum \(text) NOT NULL,
                    applied_at \(text) NOT NULL,
                    took_ms BIGINT NOT NULL,
                    rollback \(text),
                    schema_before \(text) NOT NULL
                )
                """,
            within: limit
        )
    }

    /// Makes the table if need be and writes a row.
    func record(_ file: MigrationFile, schemaBefore: DatabaseSchema, took: Duration, at moment: Moment)
        async throws(SessionError)
    {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let schema = (try? encoder.encode(schemaBefore)).map { String(decoding: $0, as: UTF8.self) } ?? ""
        try await insert([
            "version": .integer(Int64(file.version)), "name": .text(file.name), "checksum": .text(file.checksum),
            "normalized": .text(file.normalizedChecksum), "at": .text(moment.description),
            "took": .integer(took.milliseconds),
            "rollback": file.rollback.map { .text($0) } ?? .null, "schema": .text(schema),
        ])
    }

    /// Makes the table if need be and writes that everything up to a version was applied by somebody else.
    func recordBaseline(_ version: Int, named name: String, at moment: Moment) async throws(SessionError) {
        try await insert([
            "version": .integer(Int64(version)), "name": .text(name), "checksum": .text(Self.baselineMark),
            "normalized": .text(Self.baselineMark), "at": .text(moment.description), "took": .integer(0),
            "rollback": .null, "schema": .text(""),
        ])
    }

    private func insert(_ values: [String: SQLValue]) async throws(SessionError) {
        try await prepare()
        _ = try await session.rows(
            SQLQuery(
                "INSERT INTO phasegate_migrations VALUES (:version, :name, :checksum, :normalized, :at, :took, :rollback, :schema)",
                values
            ),
            within: limit
        )
    }

    /// Takes a row away.
    func erase(_ version: Int) async throws(SessionError) {
        _ = try await session.rows(
            SQLQuery(
                "DELETE FROM phasegate_migrations WHERE version = :version",
                ["version": .integer(Int64(version))]
            ),
            within: limit
        )
    }
}

extension SQLDialect {
    /// The type of texts without a limit; MariaDB's TEXT ends at 64 KiB.
    var longText: String { self == .mariadb ? "LONGTEXT" : "TEXT" }
}

extension DatabaseSession {
    /// Whether one of phasegate's own tables is there.
    func hasTable(_ name: String, within limit: Duration) async throws(SessionError) -> Bool {
        let sql =
            switch dialect {
            case .sqlite: "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = '\(name)'"
            case .postgresql: "SELECT 1 WHERE to_regclass('\(name)') IS NOT NULL"
            case .mariadb:
                "SELECT 1 FROM information_schema.tables WHERE table_schema = database() AND table_name = '\(name)'"
            }
        return try await !rows(SQLQuery(literal: sql), within: limit).isEmpty
    }
}

/// How files and journal stand to each other.
struct MigrationOrder {
    /// Why a version must not be applied now; nothing when it may.
    ///
    /// - Parameters:
    ///   - version: the version to apply.
    ///   - directory: the files.
    ///   - applied: the journal.
    /// - Returns: the objection as one sentence.
    static func objection(
        to version: Int,
        in directory: MigrationDirectory,
        applied: [MigrationJournal.Row]
    ) -> String? {
        let baseline = applied.first(where: \.isBaseline)?.version ?? 0
        if version <= baseline { return "migration \(version) lies before the baseline \(baseline)" }
        for row in applied where !row.isBaseline {
            guard let file = directory.file(row.version) else {
                return "migration \(row.version) ('\(row.name)') is applied but its file is gone; restore the file"
            }
            if file.checksum != row.checksum, file.normalizedChecksum != row.normalizedChecksum {
                return
                    "'\(file.name)' was edited after it was applied at \(row.appliedAt); restore it and write a new migration"
            }
            if row.version > version {
                return "migration \(row.version) is applied already; \(version) would come out of order"
            }
        }
        let appliedVersions = Set(applied.map(\.version))
        let missing = directory.files.first {
            $0.version > baseline && $0.version < version && !appliedVersions.contains($0.version)
        }
        if let missing {
            return "migration \(missing.version) ('\(missing.name)') comes first and is not applied"
        }
        return nil
    }
}

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

        /// Whether it stands for all that was applied before phasegate came.
        var isBaseline: Bool { checksum == MigrationJournal.baselineMark }
    }

    /// What takes an applied migration back, as it was when it was applied.
    struct WayBack: Sendable {
        let rollback: String
        let schemaBefore: DatabaseSchema
    }

    static let table = "phasegate_migrations"

    /// Stands where other rows have a checksum.
    static let baselineMark = "baseline"

    let session: any DatabaseSession
    let limit: Duration

    /// The applied migrations, by number; empty when the table is not there, which may be known already.
    func rows(isThere: Bool? = nil) async throws(SessionError) -> [Row] {
        guard try await session.hasTable(Self.table, known: isThere, within: limit) else { return [] }
        return try await session.rows(
            SQLQuery(
                "SELECT version, name, checksum, normalized_checksum, applied_at FROM phasegate_migrations "
                    + "ORDER BY version"
            ),
            within: limit
        ).map { row in
            Row(
                version: Int(row.values[0].integer ?? 0),
                name: row.values[1].text ?? "",
                checksum: row.values[2].text ?? "",
                normalizedChecksum: row.values[3].text ?? "",
                appliedAt: row.values[4].text ?? ""
            )
        }
    }

    /// The way back from an applied migration; nothing when it was applied without one.
    ///
    /// Apart from `rows`, because a schema is large and every step looks at all rows.
    func wayBack(from version: Int) async throws(SessionError) -> WayBack? {
        let row = try await session.rows(
            SQLQuery(
                "SELECT rollback, schema_before FROM phasegate_migrations WHERE version = :version",
                ["version": .integer(Int64(version))]
            ),
            within: limit
        ).first
        guard let rollback = row?.values[0].text, let schema = row?.values[1].text,
            let before = try? JSONDecoder().decode(DatabaseSchema.self, from: Data(schema.utf8))
        else { return nil }
        return WayBack(rollback: rollback, schemaBefore: before)
    }

    /// Makes the table if need be.
    func prepare() async throws(SessionError) {
        guard try await !session.hasTable(Self.table, within: limit) else { return }
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

    /// Writes a row; the table has to be there.
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

    /// Writes that everything up to a version was applied by somebody else.
    func recordBaseline(_ version: Int, named name: String, at moment: Moment) async throws(SessionError) {
        try await insert([
            "version": .integer(Int64(version)), "name": .text(name), "checksum": .text(Self.baselineMark),
            "normalized": .text(Self.baselineMark), "at": .text(moment.description), "took": .integer(0),
            "rollback": .null, "schema": .text(""),
        ])
    }

    private func insert(_ values: [String: SQLValue]) async throws(SessionError) {
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
    /// Whether one of phasegate's own tables is there, which may be known already.
    func hasTable(_ name: String, known: Bool? = nil, within limit: Duration) async throws(SessionError) -> Bool {
        if let known { return known }
        return try await tables(outOf: [name], within: limit) == [name]
    }

    /// Which of some of phasegate's own tables are there.
    func tables(outOf names: [String], within limit: Duration) async throws(SessionError) -> Set<String> {
        let list = names.map { "'\($0)'" }.joined(separator: ", ")
        let sql =
            switch dialect {
            case .sqlite: "SELECT name FROM sqlite_master WHERE type = 'table' AND name IN (\(list))"
            case .postgresql: "SELECT name FROM unnest(ARRAY[\(list)]) AS name WHERE to_regclass(name) IS NOT NULL"
            case .mariadb:
                "SELECT table_name FROM information_schema.tables WHERE table_schema = database() "
                    + "AND table_name IN (\(list))"
            }
        return Set(try await rows(SQLQuery(literal: sql), within: limit).compactMap { $0.values.first?.text })
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

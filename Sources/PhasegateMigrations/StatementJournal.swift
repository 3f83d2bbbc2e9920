import FoundationEssentials
import PhasegateHashing
import PhasegateProbes

/// What the target knows of a migration that is under way statement by statement: table `phasegate_migration_statements`.
///
/// Where changes of the schema commit by themselves, a script can stop after
/// any of its statements. A row is written before a statement and marked after
/// it, so that whoever comes next knows where to go on.
struct StatementJournal {
    /// Which way a migration goes.
    enum Direction: String, Sendable {
        case up
        case down
        /// A migration that failed half-way is being taken back; one row while that goes on.
        case undo
    }

    /// One statement that was begun.
    struct Row: Sendable {
        let number: Int
        let hash: String
        /// Digest of the schema before it; empty for a statement that takes part in a transaction.
        let schemaDigest: String
        /// The schema before it; of statements that take part in a transaction only before the first.
        let schemaBefore: DatabaseSchema?
        let isDone: Bool
    }

    static let table = "phasegate_migration_statements"

    let session: any DatabaseSession
    let limit: Duration

    /// What was begun, by number; empty when the table is not there.
    func rows(of version: Int, _ direction: Direction) async throws(SessionError) -> [Row] {
        guard try await session.hasTable(Self.table, within: limit) else { return [] }
        return try await session.rows(
            SQLQuery(
                "SELECT number, hash, schema_digest, schema_before, is_done FROM \(Self.table) "
                    + "WHERE version = :version AND direction = :direction ORDER BY number",
                ["version": .integer(Int64(version)), "direction": .text(direction.rawValue)]
            ),
            within: limit
        ).map { row in
            Row(
                number: Int(row.values[0].integer ?? 0),
                hash: row.values[1].text ?? "",
                schemaDigest: row.values[2].text ?? "",
                schemaBefore: row.values[3].text.flatMap {
                    try? JSONDecoder().decode(DatabaseSchema.self, from: Data($0.utf8))
                },
                isDone: row.values[4].integer == 1
            )
        }
    }

    /// Writes that a statement is about to be run; makes the table if need be.
    func begin(_ row: Row, of version: Int, _ direction: Direction) async throws(SessionError) {
        if try await !session.hasTable(Self.table, within: limit) {
            try await session.run(
                script: """
                    CREATE TABLE \(Self.table) (
                        version INTEGER NOT NULL,
                        direction VARCHAR(4) NOT NULL,
                        number INTEGER NOT NULL,
                        hash VARCHAR(64) NOT NULL,
                        schema_digest VARCHAR(64) NOT NULL,
                        schema_before \(session.dialect.longText),
                        is_done INTEGER NOT NULL,
                        PRIMARY KEY (version, direction, number)
                    )\(session.dialect == .mariadb ? " ENGINE = InnoDB" : "")
                    """,
                within: limit
            )
        }
        try await forget(row.number, of: version, direction)
        _ = try await session.rows(
            SQLQuery(
                "INSERT INTO \(Self.table) VALUES (:version, :direction, :number, :hash, :digest, :before, 0)",
                [
                    "version": .integer(Int64(version)), "direction": .text(direction.rawValue),
                    "number": .integer(Int64(row.number)), "hash": .text(row.hash),
                    "digest": .text(row.schemaDigest),
                    "before": row.schemaBefore.map { .text(Self.json($0)) } ?? .null,
                ]
            ),
            within: limit
        )
    }

    /// Marks a statement as done; inside a transaction with what it did, where it takes part in one.
    func finish(_ number: Int, of version: Int, _ direction: Direction) async throws(SessionError) {
        _ = try await session.rows(
            SQLQuery(
                "UPDATE \(Self.table) SET is_done = 1 WHERE version = :version AND direction = :direction "
                    + "AND number = :number",
                Self.key(of: number, version, direction)
            ),
            within: limit
        )
    }

    /// Versions that are under way, one way or another; whether the table is there may be known already.
    func versionsUnderWay(isThere: Bool? = nil) async throws(SessionError) -> Set<Int> {
        guard try await session.hasTable(Self.table, known: isThere, within: limit) else { return [] }
        let sql = "SELECT DISTINCT version FROM \(Self.table)"
        return Set(
            try await session.rows(SQLQuery(literal: sql), within: limit).compactMap { row in
                row.values.first?.integer.map(Int.init)
            }
        )
    }

    /// Forgets one statement that had no effect; one that is marked as done stays.
    func forget(_ number: Int, of version: Int, _ direction: Direction) async throws(SessionError) {
        _ = try await session.rows(
            SQLQuery(
                "DELETE FROM \(Self.table) WHERE version = :version AND direction = :direction AND number = :number "
                    + "AND is_done = 0",
                Self.key(of: number, version, direction)
            ),
            within: limit
        )
    }

    /// Forgets a migration: it is through, or was taken back.
    func forgetAll(of version: Int) async throws(SessionError) {
        _ = try await session.rows(
            SQLQuery("DELETE FROM \(Self.table) WHERE version = :version", ["version": .integer(Int64(version))]),
            within: limit
        )
    }

    private static func key(of number: Int, _ version: Int, _ direction: Direction) -> [String: SQLValue] {
        [
            "version": .integer(Int64(version)), "direction": .text(direction.rawValue),
            "number": .integer(Int64(number)),
        ]
    }

    /// What a schema is told by.
    static func digest(of schema: DatabaseSchema) -> String { sha256(of: json(schema)) }

    private static func json(_ schema: DatabaseSchema) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return (try? encoder.encode(schema)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}

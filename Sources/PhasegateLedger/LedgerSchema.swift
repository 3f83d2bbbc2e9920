import GRDB

/// The ledger's tables.
enum LedgerSchema {
    /// Marks a file as one of ours: "PGLG" as a number.
    static let applicationID = 0x5047_4C47

    /// Whether a file is a ledger or still empty; somebody else's database must not be turned into one.
    static func mayBePrepared(_ database: Database) throws -> Bool {
        let id = try Int.fetchOne(database, sql: "PRAGMA application_id")
        if id == applicationID { return true }
        return try id == 0 && Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_master") == 0
    }

    /// Makes what is missing; does nothing on a ledger that is complete.
    static func prepare(_ database: Database) throws {
        try database.execute(
            sql: """
                PRAGMA application_id = \(applicationID);
                CREATE TABLE IF NOT EXISTS entries (
                    rollout TEXT NOT NULL,
                    sequence INTEGER NOT NULL,
                    at TEXT NOT NULL,
                    actor TEXT NOT NULL,
                    event TEXT NOT NULL,
                    hash TEXT NOT NULL,
                    PRIMARY KEY (rollout, sequence)
                ) WITHOUT ROWID;
                CREATE TABLE IF NOT EXISTS snapshots (
                    rollout TEXT PRIMARY KEY,
                    sequence INTEGER NOT NULL,
                    hash TEXT NOT NULL,
                    state TEXT NOT NULL
                ) WITHOUT ROWID;
                CREATE TABLE IF NOT EXISTS leases (
                    rollout TEXT PRIMARY KEY,
                    token INTEGER NOT NULL,
                    holder TEXT NOT NULL,
                    since TEXT NOT NULL
                ) WITHOUT ROWID;
                CREATE TABLE IF NOT EXISTS heads (
                    rollout TEXT PRIMARY KEY,
                    sequence INTEGER NOT NULL,
                    hash TEXT NOT NULL
                ) WITHOUT ROWID;
                CREATE TRIGGER IF NOT EXISTS entries_are_not_changed BEFORE UPDATE ON entries
                    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
                CREATE TRIGGER IF NOT EXISTS entries_are_not_deleted BEFORE DELETE ON entries
                    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
                """
        )
    }
}

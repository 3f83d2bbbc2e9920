import GRDB
import PhasegateCore

/// The tables of a flag store, and how to tell one from another database.
enum FlagSchema {
    /// `PGFL` in the header of the file.
    static let applicationID = 0x5047_464C
    static let version = 3

    private static let columns = """
        salt TEXT NOT NULL CHECK (length(salt) > 0),
        share_bp INTEGER NOT NULL CHECK (typeof(share_bp) = 'integer' AND share_bp BETWEEN 0 AND 10000),
        version INTEGER NOT NULL CHECK (version > 0),
        changed_at TEXT NOT NULL,
        actor TEXT NOT NULL,
        reason TEXT NOT NULL,
        evidence TEXT NOT NULL
        """

    /// What each version keeps beyond the one before, with what that one stood for.
    private static let added = [2: draws, 3: kills]

    private static let draws = [
        "algorithm TEXT NOT NULL DEFAULT 'flagd-v2'",
        "bucket_by TEXT NOT NULL DEFAULT 'targetingKey' CHECK (length(bucket_by) > 0)",
        // JSON: a list of the ranked keys, or null for anybody.
        "ranked TEXT NOT NULL DEFAULT 'null' CHECK (json_valid(ranked))",
        "deny TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(deny))",
        "allow TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(allow))",
    ]

    private static let kills = [
        // Whoever was killed exposes nobody, whatever hand writes it.
        "killed INTEGER NOT NULL DEFAULT 0 CHECK (killed = 0 OR (killed = 1 AND share_bp = 0))"
    ]

    /// What a file turned out to be.
    enum Finding: Equatable {
        /// No tables yet, not even ours.
        case empty
        /// A flag store of this version.
        case store
        /// A flag store of an earlier version: everything in it can be read, and the next setting upgrades it.
        case older(Int)
        /// Something else; says what.
        case foreign(String)
    }

    static func inspect(_ db: Database) throws -> Finding {
        let id = try Int.fetchOne(db, sql: "PRAGMA application_id") ?? 0
        let found = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        if id == applicationID {
            switch found {
            case version: return .store
            case 1..<version: return .older(found)
            default: return .foreign("a flag store of version \(found), this program knows \(version)")
            }
        }
        let tables = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") ?? 0
        return id == 0 && tables == 0 ? .empty : .foreign("a database that is not a flag store")
    }

    /// Creates the tables inside the caller's transaction.
    static func create(_ db: Database) throws {
        let all = (draws + kills).joined(separator: ", ")
        try db.execute(
            sql: """
                CREATE TABLE flags (
                    key TEXT PRIMARY KEY NOT NULL,
                    \(columns),
                    \(all)
                ) STRICT;
                CREATE TABLE flag_history (
                    key TEXT NOT NULL,
                    \(columns),
                    \(all),
                    PRIMARY KEY (key, version)
                ) STRICT;
                CREATE TRIGGER flag_history_keeps_rows BEFORE DELETE ON flag_history
                BEGIN SELECT RAISE(ABORT, 'flag_history is append-only'); END;
                CREATE TRIGGER flag_history_keeps_values BEFORE UPDATE ON flag_history
                BEGIN SELECT RAISE(ABORT, 'flag_history is append-only'); END;
                PRAGMA application_id = \(applicationID);
                PRAGMA user_version = \(version);
                """
        )
    }

    /// Brings an earlier version up to this one inside the caller's transaction.
    static func upgrade(_ db: Database, from found: Int) throws {
        for version in (found + 1)...version {
            for table in ["flags", "flag_history"] {
                for column in added[version] ?? [] { try db.execute(sql: "ALTER TABLE \(table) ADD COLUMN \(column)") }
            }
        }
        try db.execute(sql: "PRAGMA user_version = \(version)")
    }
}

import GRDB
import PhasegateCore

/// The tables of a flag store, and how to tell one from another database.
enum FlagSchema {
    /// `PGFL` in the header of the file.
    static let applicationID = 0x5047_464C
    static let version = 1

    private static let columns = """
        salt TEXT NOT NULL CHECK (length(salt) > 0),
        share_bp INTEGER NOT NULL CHECK (typeof(share_bp) = 'integer' AND share_bp BETWEEN 0 AND 10000),
        version INTEGER NOT NULL CHECK (version > 0),
        changed_at TEXT NOT NULL,
        actor TEXT NOT NULL,
        reason TEXT NOT NULL,
        evidence TEXT NOT NULL
        """

    /// What a file turned out to be.
    enum Finding: Equatable {
        /// No tables yet, not even ours.
        case empty
        /// A flag store of this version.
        case store
        /// Something else; says what.
        case foreign(String)
    }

    static func inspect(_ db: Database) throws -> Finding {
        let id = try Int.fetchOne(db, sql: "PRAGMA application_id") ?? 0
        let found = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        if id == applicationID {
            return found == version
                ? .store : .foreign("a flag store of version \(found), this program knows \(version)")
        }
        let tables = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") ?? 0
        return id == 0 && tables == 0 ? .empty : .foreign("a database that is not a flag store")
    }

    /// Creates the tables inside the caller's transaction.
    static func create(_ db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE flags (
                    key TEXT PRIMARY KEY NOT NULL,
                    \(columns)
                ) STRICT;
                CREATE TABLE flag_history (
                    key TEXT NOT NULL,
                    \(columns),
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

    static func record(from row: Row) throws -> FlagRecord {
        let stored: (salt: String, share: Int, version: Int, changedAt: String) = try (
            row.decode(forColumn: "salt"), row.decode(forColumn: "share_bp"), row.decode(forColumn: "version"),
            row.decode(forColumn: "changed_at")
        )
        let key: String = try row.decode(forColumn: "key")
        // A store edited by hand must not turn a typing error into everybody.
        guard (0...BasisPoints.all.rawValue).contains(stored.share), !stored.salt.isEmpty,
            let changedAt = Moment(stored.changedAt)
        else { throw FlagError(.unreadable, "the record of flag '\(key)' is damaged") }
        return try FlagRecord(
            key: FlagKey(rawValue: key),
            salt: stored.salt,
            share: BasisPoints(rawValue: stored.share),
            version: stored.version,
            changedAt: changedAt,
            actor: row.decode(forColumn: "actor"),
            reason: row.decode(forColumn: "reason"),
            evidence: row.decode(forColumn: "evidence")
        )
    }
}

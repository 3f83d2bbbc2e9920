import GRDBSQLite
import Glibc
public import PhasegateProbes

extension SQLiteSession: MigrationTransacting {
    /// Keys are not enforced while it goes on.
    public nonisolated var mayOrphan: Bool { true }

    /// Locks a file beside the database and begins an immediate transaction.
    ///
    /// SQLite's own lock lasts only as long as the transaction; the file keeps
    /// two migrations apart from version check to validation, and frees itself
    /// when its holder dies. Foreign keys have to be off while a table is
    /// rebuilt (https://www.sqlite.org/lang_altertable.html, section 7), and
    /// can only be switched outside of a transaction.
    public func beginMigration() throws(SessionError) {
        let lockPath = path + ".phasegate-lock"
        let file = Glibc.open(lockPath, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard file >= 0 else {
            throw SessionError(.unreachable, "cannot open '\(lockPath)': \(String(cString: strerror(errno)))")
        }
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
            Glibc.close(file)
            throw SessionError(.locked, "another migration of '\(path)' is under way (it holds '\(lockPath)')")
        }
        do throws(SessionError) {
            try runNow("PRAGMA foreign_keys = OFF")
            try runNow("BEGIN IMMEDIATE")
        } catch {
            flock(file, LOCK_UN)
            Glibc.close(file)
            throw error
        }
        migrationLock = file
    }

    /// Commits or rolls back, enforces foreign keys again and frees the lock.
    public func endMigration(committing: Bool) throws(SessionError) {
        defer {
            if let file = migrationLock {
                // Closing alone leaves it locked for as long as a child that is just being started still has it.
                flock(file, LOCK_UN)
                Glibc.close(file)
            }
            migrationLock = nil
        }
        do throws(SessionError) {
            if committing {
                try runNow("COMMIT")
            } else if sqlite3_get_autocommit(database) == 0 {
                try runNow("ROLLBACK")
            }
        } catch {
            if sqlite3_get_autocommit(database) == 0 { try? runNow("ROLLBACK") }
            try? runNow("PRAGMA foreign_keys = ON")
            throw error
        }
        try runNow("PRAGMA foreign_keys = ON")
    }
}

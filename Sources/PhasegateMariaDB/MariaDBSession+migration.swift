import Glibc
import PhasegateCore
public import PhasegateProbes

extension MariaDBSession: StatementwiseMigrating {
    /// Takes a named lock, which the server lets go of with the session.
    public func lockMigrations() throws(SessionError) {
        let end = ContinuousClock.now + address.lockTimeout
        // Names are the server's, and have at most 64 characters.
        let sql = "SELECT GET_LOCK(concat('phasegate_migrations_', left(sha1(database()), 40)), 0)"
        while try rows(SQLQuery(literal: sql), within: .seconds(5)).first?.values.first?.whole != 1 {
            guard ContinuousClock.now < end else {
                throw SessionError(.locked, "another migration of '\(address)' is under way (named lock held)")
            }
            usleep(useconds_t.random(in: 50_000...250_000))
        }
    }

    /// Statements that work on rows; all others commit by themselves, before and after.
    public nonisolated func isTransactional(_ statement: SQLScript.Statement) -> Bool {
        let words: Set = ["INSERT", "UPDATE", "DELETE", "REPLACE", "SELECT", "WITH", "SET", "DO", "VALUES"]
        return words.contains(statement.normalized.prefix { $0.isLetter }.uppercased())
    }
}

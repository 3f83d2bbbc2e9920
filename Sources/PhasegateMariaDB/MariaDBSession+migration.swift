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
        let others = try rows(
            SQLQuery(
                literal: "SELECT table_name FROM information_schema.tables WHERE table_schema = database() "
                    + "AND table_type = 'BASE TABLE' AND engine <> 'InnoDB' ORDER BY table_name LIMIT 3"
            ),
            within: .seconds(10)
        ).compactMap { $0.values.first?.text }
        guard others.isEmpty else {
            throw SessionError(
                .unsupported,
                "what a migration does to tables of another engine than InnoDB cannot be taken back: "
                    + others.joined(separator: ", ")
            )
        }
    }

    /// Statements that work on rows; all others commit by themselves, before and after.
    public nonisolated func isTransactional(_ statement: SQLScript.Statement) -> Bool {
        let words: Set = ["INSERT", "UPDATE", "DELETE", "REPLACE", "SELECT", "WITH", "DO", "VALUES"]
        return words.contains(statement.normalized.prefix { $0.isLetter }.uppercased())
    }
}

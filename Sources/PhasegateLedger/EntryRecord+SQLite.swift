import GRDB
import PhasegateCore

// An entry as a row of SQLite.
extension EntryRecord {
    /// Reads a row, which somebody may have filled with values of other types.
    ///
    /// - Throws: `LedgerError.unreadableEntry`.
    init(_ row: Row) throws {
        do {
            self.init(
                rollout: try row.decode(forColumn: "rollout"),
                sequence: try row.decode(forColumn: "sequence"),
                at: try row.decode(forColumn: "at"),
                actor: try row.decode(forColumn: "actor"),
                event: try row.decode(forColumn: "event"),
                hash: try row.decode(forColumn: "hash")
            )
        } catch {
            throw LedgerError(.unreadableEntry, "an entry has values that phasegate does not write: \(error)")
        }
    }

    func insert(into database: Database) throws {
        try database.cachedStatement(
            sql: "INSERT INTO entries (rollout, sequence, at, actor, event, hash) VALUES (?, ?, ?, ?, ?, ?)"
        ).execute(arguments: [rollout, sequence, at, actor, event, hash])
    }
}

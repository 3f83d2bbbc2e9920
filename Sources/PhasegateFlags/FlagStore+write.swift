import GRDB
import PhasegateCore

extension FlagStore {
    /// Stores what `change` makes of the present record and the next version, in one immediate transaction.
    ///
    /// - Parameters:
    ///   - key: the flag.
    ///   - isForgiving: whether a record that is damaged counts as none.
    ///   - change: what to keep; the present record leaves everything as it is.
    /// - Returns: what was kept, before it is read back.
    /// - Throws: what `change` throws, or `FlagError`; nothing was changed then.
    func write(
        key: FlagKey,
        isForgiving: Bool = false,
        change: (_ current: FlagRecord?, _ next: Int) throws(FlagError) -> FlagRecord
    ) throws(FlagError) -> FlagRecord {
        do {
            let queue = try openForWriting()
            defer { try? queue.close() }
            return try queue.writeWithoutTransaction { db in
                var written: FlagRecord?
                try db.inTransaction(.immediate) {
                    switch try FlagSchema.inspect(db) {
                    case .store: break
                    case .older(let version): try FlagSchema.upgrade(db, from: version)
                    case .empty: try FlagSchema.create(db)
                    case .foreign(let what): throw FlagError(.foreignFile, "'\(path)' is \(what)")
                    }
                    written = try Self.swap(key, isForgiving: isForgiving, in: db, change: change)
                    return .commit
                }
                guard let written else { throw FlagError(.notWritten, "cannot set flag '\(key)' in '\(path)'") }
                return written
            }
        } catch let error as FlagError {
            throw error
        } catch {
            throw FlagError(.notWritten, "cannot set flag '\(key)' in '\(path)': \(Self.cause(error))")
        }
    }

    private static func swap(
        _ key: FlagKey,
        isForgiving: Bool,
        in db: Database,
        change: (_ current: FlagRecord?, _ next: Int) throws(FlagError) -> FlagRecord
    ) throws -> FlagRecord {
        let stored = try Row.fetchOne(db, sql: "SELECT * FROM flags WHERE key = ?", arguments: [key.rawValue])
        let current = isForgiving ? try? stored.map(FlagSchema.record) : try stored.map(FlagSchema.record)
        // A row somebody deleted by hand must neither stop a kill nor start the count again.
        let last = try Int.fetchOne(
            db,
            sql: "SELECT max(version) FROM flag_history WHERE key = ?",
            arguments: [key.rawValue]
        )
        let record = try change(current, max(last ?? 0, current?.version ?? 0) + 1)
        if record != current { try FlagSchema.insert(record, in: db) }
        return record
    }
}

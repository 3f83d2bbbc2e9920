import GRDB
public import PhasegateCore
import Synchronization

/// Flags in one SQLite file that applications read and the controller writes.
///
/// Each change is one immediate transaction that checks the version it was
/// decided on, is durable when the call returns, and is read back through
/// another connection. Safe to use from several threads and processes; every
/// call may block, for the lock at most five seconds.
public final class FlagStore: Sendable {
    /// Where the file is.
    public let path: String

    private struct Reader {
        let queue: DatabaseQueue
        let file: FileIdentity
        let number: Int
    }

    private let reader = Mutex<Reader?>(nil)
    private let opened = Atomic(0)

    /// Names a store; touches nothing.
    ///
    /// - Parameter path: of a file that need not exist before the first `set`.
    public init(path: String) { self.path = path }

    /// What the store holds about a flag now.
    ///
    /// Notices when the file was replaced, so that a restored or moved store is
    /// never answered from the old one.
    ///
    /// - Returns: nothing when the flag, or the file, does not exist.
    /// - Throws: `FlagError` with `unreadable` or `foreignFile`.
    public func record(of key: FlagKey) throws(FlagError) -> FlagRecord? {
        try reading(none: nil) { db in
            try Row.fetchOne(db, sql: "SELECT * FROM flags WHERE key = ?", arguments: [key.rawValue])
                .map(FlagSchema.record)
        }
    }

    /// What the store holds about all flags now.
    ///
    /// - Returns: an empty list when the file does not exist.
    /// - Throws: `FlagError` with `unreadable` or `foreignFile`.
    public func records() throws(FlagError) -> [FlagRecord] {
        try reading(none: []) { db in
            try Row.fetchAll(db, sql: "SELECT * FROM flags ORDER BY key").map(FlagSchema.record)
        }
    }

    /// Changes with every change of a flag, once that can be read.
    ///
    /// Costs microseconds, for those who ask for each of many evaluations.
    ///
    /// - Returns: nothing when there is no store.
    /// - Throws: `FlagError` with `unreadable`.
    public func mark() throws(FlagError) -> FlagStoreMark? {
        do {
            guard let reader = try currentReader() else { return nil }
            // Without a transaction, which would cost more than the question.
            let version = try reader.queue.unsafeRead { db in
                try Int.fetchOne(try db.cachedStatement(sql: "PRAGMA data_version"))
            }
            guard let version else { throw FlagError(.unreadable, "flags in '\(path)' have no version") }
            return FlagStoreMark(file: reader.number, version: version)
        } catch let error as FlagError {
            throw error
        } catch {
            throw FlagError(.unreadable, "cannot read flags from '\(path)': \(Self.cause(error))")
        }
    }

    /// Every setting of a flag, oldest first.
    ///
    /// - Returns: an empty list when the flag, or the file, does not exist.
    /// - Throws: `FlagError` with `unreadable` or `foreignFile`.
    public func history(of key: FlagKey) throws(FlagError) -> [FlagRecord] {
        try reading(none: []) { db in
            try Row.fetchAll(
                db,
                sql: "SELECT * FROM flag_history WHERE key = ? ORDER BY version",
                arguments: [key.rawValue]
            ).map(FlagSchema.record)
        }
    }

    /// Sets a flag if it still is as the caller saw it, and reads it back.
    ///
    /// - Parameters:
    ///   - key: letters, digits, `.`, `_` and `-`.
    ///   - draw: how it decides who is in; must be that of the first setting.
    ///   - share: the share of users to expose.
    ///   - version: the version the caller decided on; nothing if the flag must not exist yet.
    ///   - actor: who sets it.
    ///   - reason: why.
    ///   - evidence: what the decision rests on, as a ledger digest.
    ///   - moment: when.
    /// - Returns: the record as it was read back.
    /// - Throws: `FlagError`; after `notReadBack` the store may hold the change, after `conflict` somebody else's, after
    ///   anything else it is as it was.
    @discardableResult
    public func set(
        key: FlagKey,
        draw: FlagDraw,
        share: BasisPoints,
        expecting version: Int?,
        actor: String,
        reason: String,
        evidence: String = "",
        at moment: Moment
    ) throws(FlagError) -> FlagRecord {
        try Self.validate(key: key, draw: draw, actor: actor, reason: reason)
        let record = try write(key: key) { current, next throws(FlagError) in
            try Self.check(current, of: key, expecting: version, draw: draw, share: share)
            // Who killed it, and why, stays what it shows.
            if let current, current.isKilled { return current }
            return FlagRecord(
                key: key,
                draw: draw,
                share: share,
                version: next,
                changedAt: moment,
                actor: actor,
                reason: reason,
                evidence: evidence
            )
        }
        return try readBack(record)
    }

    /// What was written, as another connection sees it.
    func readBack(_ record: FlagRecord) throws(FlagError) -> FlagRecord {
        let (key, share) = (record.key, record.share)
        let found: FlagRecord?
        do {
            found = try self.record(of: key)
        } catch {
            throw FlagError(.notReadBack, "flag '\(key)' was set to \(share) but cannot be read back: \(error)")
        }
        if let found, found.version > record.version {
            throw FlagError(.conflict, "flag '\(key)' was set to \(found.share) by '\(found.actor)' right afterwards")
        }
        guard let found, found == record else {
            throw FlagError(.notReadBack, "flag '\(key)' was set to \(share) but the store does not show it")
        }
        return found
    }

    /// Sets a flag that was never set to nobody; one that is there already, in whatever state, is left alone.
    ///
    /// - Throws: `FlagError`, as `set`.
    public func setToNobodyIfNew(_ key: FlagKey, draw: FlagDraw, by actor: String, at moment: Moment) throws(FlagError)
    {
        guard try record(of: key) == nil else { return }
        do {
            try set(
                key: key,
                draw: draw,
                share: .none,
                expecting: nil,
                actor: actor,
                reason: "nobody, before anybody asks",
                at: moment
            )
        } catch {
            // Somebody else was faster.
            guard error.code == .conflict else { throw error }
        }
    }

    static func validate(key: FlagKey, draw: FlagDraw, actor: String, reason: String) throws(FlagError) {
        let isPlain = key.rawValue.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        guard isPlain, !key.rawValue.isEmpty else {
            throw FlagError(.invalid, "'\(key)' is not a flag key (letters, digits, '.', '_' and '-')")
        }
        for (name, text) in [
            ("salt", draw.salt), ("key to bucket by", draw.bucketBy), ("actor", actor), ("reason", reason),
        ] where text.isEmpty {
            throw FlagError(.invalid, "flag '\(key)' cannot be set without \(name == "actor" ? "an" : "a") \(name)")
        }
    }

    private static func check(
        _ current: FlagRecord?,
        of key: FlagKey,
        expecting version: Int?,
        draw: FlagDraw,
        share: BasisPoints
    ) throws(FlagError) {
        if let current, current.isKilled, share != .none { throw current.refusalToRaise }
        guard current?.version == version else {
            let seen = current.map { "at \($0.share), version \($0.version), set by '\($0.actor)'" } ?? "not set at all"
            throw FlagError(.conflict, "flag '\(key)' is \(seen); another version was expected")
        }
        if let current, let difference = difference(current.draw, draw) {
            throw FlagError(.drawDiffers, "flag '\(key)' decides by \(difference), which cannot change")
        }
    }

    /// What a flag is drawn by, where somebody wants another; nothing if it is the same.
    private static func difference(_ kept: FlagDraw, _ wanted: FlagDraw) -> String? {
        if kept.salt != wanted.salt { return "the salt '\(kept.salt)'" }
        if kept.algorithm != wanted.algorithm { return "the algorithm '\(kept.algorithm.rawValue)'" }
        if kept.bucketBy != wanted.bucketBy { return "the key '\(kept.bucketBy)'" }
        if kept.cohort != wanted.cohort { return "another cohort" }
        return kept == wanted ? nil : "other lists of allowed and denied keys"
    }

    func openForWriting() throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.label = "flags"
        configuration.busyMode = .timeout(5)
        // GRDB's own switch to WAL would leave synchronous at NORMAL, and a kill that a power cut can undo is none.
        configuration.prepareDatabase { db in
            if case .foreign = try FlagSchema.inspect(db) { return }
            try db.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
        }
        return try DatabaseQueue(path: path, configuration: configuration)
    }

    private func reading<Value>(none: Value, _ body: (Database) throws -> Value) throws(FlagError) -> Value {
        do {
            guard let queue = try currentReader()?.queue else { return none }
            return try queue.read { db in
                switch try FlagSchema.inspect(db) {
                case .store, .older: return try body(db)
                case .empty: return none
                case .foreign(let what): throw FlagError(.foreignFile, "'\(path)' is \(what)")
                }
            }
        } catch let error as FlagError {
            throw error
        } catch {
            throw FlagError(.unreadable, "cannot read flags from '\(path)': \(Self.cause(error))")
        }
    }

    private func currentReader() throws -> Reader? {
        try reader.withLock { reader in
            guard let file = try FileIdentity(path: path) else {
                reader = nil
                return nil
            }
            if let reader, reader.file == file { return reader }
            var configuration = Configuration()
            configuration.label = "flags.reader"
            configuration.readonly = true
            configuration.busyMode = .timeout(5)
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            let fresh = Reader(queue: queue, file: file, number: opened.add(1, ordering: .relaxed).newValue)
            reader = fresh
            return fresh
        }
    }

    static func cause(_ error: any Error) -> String {
        guard let error = error as? DatabaseError else { return "\(error)" }
        return error.message ?? "\(error.resultCode)"
    }
}

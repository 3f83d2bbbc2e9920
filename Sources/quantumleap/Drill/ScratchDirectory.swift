import FoundationEssentials
import GRDB

/// A directory of a drill's own, which it removes at its end.
struct ScratchDirectory {
    let path: String

    /// Calls the body with a new directory; it is removed whatever happens.
    static func use<Value>(_ body: (ScratchDirectory) throws -> Value) throws -> Value {
        let files = FileManager.default
        let path = files.temporaryDirectory.path + "/quantumleap-drill-" + UUID().uuidString
        try files.createDirectory(atPath: path, withIntermediateDirectories: false)
        defer { try? files.removeItem(atPath: path) }
        return try body(ScratchDirectory(path: path))
    }

    func file(_ name: String) -> String { path + "/" + name }

    /// Makes a database that the application accepts as its own.
    func makeDatabase(_ name: String, _ schema: String) throws -> String {
        let queue = try DatabaseQueue(path: file(name))
        try queue.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA application_id = \(TradingDatabase.applicationID); PRAGMA journal_mode = WAL")
            try db.execute(sql: schema)
        }
        try queue.close()
        return file(name)
    }
}

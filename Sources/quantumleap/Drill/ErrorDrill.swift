import ArgumentParser
import Dispatch
import FoundationEssentials
import GRDB
import Glibc
import Synchronization

/// Makes SQLite fail in each of the ways that are sorted apart, and looks where each failure is put.
struct ErrorDrill: Drill {
    static let configuration = CommandConfiguration(
        commandName: "errors",
        abstract: "Provoke errors of every category and see that each is sorted into its own."
    )

    @Option(help: ArgumentHelp("Expect every error in this category, to see the drill fail.", visibility: .hidden))
    var expectAll: String?

    private struct Fault {
        let name: String
        let expected: ErrorCategory
        let provoke: (Database) throws -> Void
    }

    private static let schema = """
        CREATE TABLE users (id TEXT PRIMARY KEY, cents INTEGER NOT NULL CHECK (cents >= 0));
        CREATE TABLE trades (id INTEGER PRIMARY KEY, user_id TEXT NOT NULL REFERENCES users(id));
        INSERT INTO users VALUES ('ada', 1);
        """

    func observe() throws -> Observation {
        try ScratchDirectory.use { scratch in
            let path = try scratch.makeDatabase("errors.db", Self.schema)
            var wrong: [String] = []
            let faults = try self.faults(scratch, path)
            var counts: [ErrorCategory: Int] = [:]
            for fault in faults {
                // A breaker of its own each time: the drill is about the sorting.
                let connection = try TradingDatabase.open(path: path, label: "drill", busyTimeout: 0.01)
                let guarded = GuardedConnection(connection: connection, pool: Pool(size: 1), nap: { _ in })
                let failure = guarded.call(fault.provoke)
                let expected = expectAll.flatMap(ErrorCategory.init(rawValue:)) ?? fault.expected
                if failure?.category == expected {
                    counts[expected, default: 0] += 1
                } else {
                    wrong.append(
                        "\(fault.name) is \(failure?.category.rawValue ?? "no error") (\(failure?.message ?? ""))"
                    )
                }
                try connection.close()
            }
            let refused = try whenTheBreakerIsOpen(path)
            if refused == .connection { counts[.connection, default: 0] += 1 } else { wrong.append("an open breaker") }
            return Observation(
                status: wrong.isEmpty ? .ok : .critical,
                sentence: wrong.isEmpty ? "every error is in its category" : wrong.joined(separator: "; "),
                figures: [("provoked", "\(faults.count + 1)"), ("misfiled", "\(wrong.count)")]
                    + ErrorCategory.allCases.map { ($0.rawValue, "\(counts[$0, default: 0])") }
            )
        }
    }

    private func whenTheBreakerIsOpen(_ path: String) throws -> ErrorCategory? {
        let guarded = GuardedConnection(
            connection: try TradingDatabase.open(path: path, label: "drill"),
            pool: Pool(size: 1),
            nap: { _ in }
        )
        for _ in 0..<100 { _ = guarded.call { _ in throw DatabaseError(resultCode: .SQLITE_IOERR) } }
        var isReached = false
        let failure = guarded.call { _ in isReached = true }
        return isReached ? nil : failure?.category
    }

    private func faults(_ scratch: ScratchDirectory, _ path: String) throws -> [Fault] {
        func sql(_ name: String, _ expected: ErrorCategory, _ text: String) -> Fault {
            Fault(name: name, expected: expected) { db in try db.execute(sql: text) }
        }
        let noDatabase = scratch.file("no-database.db")
        try String(repeating: "not a database ", count: 100).write(
            toFile: noDatabase,
            atomically: true,
            encoding: .utf8
        )
        let damaged = try damagedDatabase(scratch)
        let inconsistent = try inconsistentDatabase(scratch)
        return [
            Fault(name: "a file that cannot be opened", expected: .connection) { _ in
                _ = try DatabaseQueue(path: scratch.path + "/missing/folder.db")
            },
            Fault(name: "a file that is no database", expected: .connection) { _ in
                try DatabaseQueue(path: noDatabase).read { try $0.execute(sql: "SELECT * FROM sqlite_master") }
            },
            sql("a syntax error", .query, "SELEKT 1"),
            sql("a missing value", .query, "INSERT INTO users VALUES ('bob', NULL)"),
            sql("a doubled key", .query, "INSERT INTO users VALUES ('ada', 2)"),
            sql("a value out of range", .query, "INSERT INTO users VALUES ('bob', -1)"),
            sql("a value of the wrong type", .query, "INSERT INTO trades VALUES ('one', 'ada')"),
            Fault(name: "a held lock", expected: .performance) { db in
                let holder = try TradingDatabase.open(path: path, label: "holder")
                try holder.writeWithoutTransaction { other in
                    try other.beginTransaction(.immediate)
                    defer { try? other.rollback() }
                    try db.execute(sql: "UPDATE users SET cents = 2")
                }
            },
            Fault(name: "a query that is stopped", expected: .performance, provoke: Self.stopAnEndlessQuery),
            sql("a missing table", .migration, "SELECT * FROM portfolio_v2"),
            sql("a missing column", .migration, "SELECT balance FROM users"),
            sql("a missing column to write", .migration, "INSERT INTO users (id, balance) VALUES ('bob', 1)"),
            Fault(name: "a damaged page", expected: .migration) { _ in
                try DatabaseQueue(path: damaged).read { try $0.execute(sql: "SELECT sum(length(text)) FROM notes") }
            },
            sql("a reference to nobody", .integrity, "INSERT INTO trades VALUES (1, 'nobody')"),
            Fault(name: "an index that disagrees with its table", expected: .integrity) { _ in
                try DatabaseQueue(path: inconsistent).write { try $0.execute(sql: "DELETE FROM notes WHERE id = 1") }
            },
        ]
    }

    private static func stopAnEndlessQuery(_ db: Database) throws {
        let endless = try DatabaseQueue()
        let isOver = SharedFlag()
        let stopper = DispatchGroup()
        DispatchQueue.global().async(group: stopper) {
            while !isOver.isSet {
                endless.interrupt()
                usleep(1000)
            }
        }
        defer {
            isOver.set()
            stopper.wait()
        }
        try endless.read {
            try $0.execute(sql: "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n")
        }
    }

    /// Every page but the first is overwritten.
    private func damagedDatabase(_ scratch: ScratchDirectory) throws -> String {
        let path = scratch.file("damaged.db")
        let queue = try DatabaseQueue(path: path)
        try queue.write { db in
            try db.execute(sql: "CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT)")
            for id in 1...200 {
                try db.execute(
                    sql: "INSERT INTO notes VALUES (?, ?)",
                    arguments: [id, String(repeating: "x", count: 500)]
                )
            }
        }
        try queue.close()
        var bytes = try Data(contentsOf: URL(filePath: path))
        for index in bytes.indices.dropFirst(4096) { bytes[index] = 0xA5 }
        try bytes.write(to: URL(filePath: path))
        return path
    }

    /// The index holds the values of one column and says that it is about another.
    private func inconsistentDatabase(_ scratch: ScratchDirectory) throws -> String {
        let path = scratch.file("inconsistent.db")
        let queue = try DatabaseQueue(path: path)
        try queue.writeWithoutTransaction { db in
            try db.execute(
                sql: """
                    CREATE TABLE notes (id INTEGER PRIMARY KEY, a TEXT, b TEXT);
                    CREATE INDEX notes_by_a ON notes(a);
                    INSERT INTO notes VALUES (1, 'one', 'two'), (2, 'three', 'four');
                    PRAGMA writable_schema = ON;
                    UPDATE sqlite_schema SET sql = 'CREATE INDEX notes_by_a ON notes(b)' WHERE name = 'notes_by_a';
                    PRAGMA writable_schema = OFF;
                    """
            )
        }
        try queue.close()
        return path
    }
}

/// A flag that threads share.
final class SharedFlag: Sendable {
    private let value = Atomic<Bool>(false)
    var isSet: Bool { value.load(ordering: .relaxed) }
    func set() { value.store(true, ordering: .relaxed) }
}

import ArgumentParser
import FoundationEssentials
import GRDB
import PhasegateCore

/// Makes the database as it was before the first migration.
struct GenerateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract: "Generate the trading database as it was before the first migration.",
        discussion: "All of it is invented from the seed: no person, price or trade is real."
    )

    @Argument(help: "The file to make.", completion: .file())
    var database: String

    @Option(help: "How many users.")
    var users = 1000

    @Option(help: "How many trades; a tenth as many orders and signals.")
    var trades = 200_000

    @Option(help: "The same seed generates the same data.")
    var seed: UInt64 = 42

    @Flag(help: "Replace a file that exists.")
    var force = false

    func validate() throws {
        guard (1...100_000).contains(users) else { throw ValidationError("'--users' takes 1 to 100000") }
        guard (0...10_000_000).contains(trades) else { throw ValidationError("'--trades' takes 0 to 10000000") }
    }

    func run() throws {
        let files = FileManager.default
        guard force || !files.fileExists(atPath: database) else {
            throw ApplicationError("'\(database)' exists; '--force' replaces it")
        }
        let began = ContinuousClock.now
        // Under its own name only when complete, so that nobody works on half a database.
        let partial = database + ".partial"
        try? files.removeItem(atPath: partial)
        defer { try? files.removeItem(atPath: partial) }
        let counts = try generate(into: partial)
        for suffix in ["", "-wal", "-shm"] where files.fileExists(atPath: database + suffix) {
            try files.removeItem(atPath: database + suffix)
        }
        try files.moveItem(atPath: partial, toPath: database)
        let seconds = Double((ContinuousClock.now - began).milliseconds) / 1000
        print("GENERATED data (seed \(seed)) in '\(database)': nothing in it is real")
        print(counts.map { "\($0.rows) \($0.table)" }.joined(separator: ", ") + ", in \(seconds) s")
    }

    private func generate(into path: String) throws -> [(table: String, rows: Int)] {
        var configuration = Configuration()
        configuration.prepareDatabase { db in
            // A file that nobody knows yet needs no journal.
            try db.execute(sql: "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")
        }
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        let counts = try queue.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA application_id = \(TradingDatabase.applicationID)")
            try db.inTransaction(.immediate) {
                try db.execute(sql: legacySchema)
                var generator = TradingGenerator(users: users, trades: trades, seed: seed)
                try generator.fill(db)
                return .commit
            }
            // WAL is kept in the file's header; the connection that closes last leaves no second file behind.
            try db.execute(sql: "PRAGMA synchronous = FULL; PRAGMA journal_mode = WAL")
            return try ["users", "trades", "portfolio", "orders", "signals"].map { table in
                (table, try Int.fetchOne(db, sql: "SELECT count(*) FROM \(table)") ?? 0)
            }
        }
        try queue.close()
        return counts
    }
}

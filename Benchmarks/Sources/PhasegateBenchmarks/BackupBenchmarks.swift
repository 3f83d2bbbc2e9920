import Foundation
import PhasegateCore
import PhasegateProbes
import PhasegateSQLite

/// A backup proven to its contents against what a careful person types into the sqlite3 shell.
struct BackupBenchmarks {
    let place: Place

    func callAsFunction(_ board: Scoreboard) async throws {
        let directory = try emptyDirectory(place.work + "/backup")
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let database = directory + "/trading.db"
        say("generating \(place.backupMegabytes) MB in \(database)")
        try shell(database, running: Self.trading(megabytes: place.backupMegabytes))
        let megabytes = size(of: database) / 1_000_000
        var taking: [Double] = []
        let times = try await medians(
            rounds: 3,
            [
                { taking.append(try await takeAndVerify(in: directory)) },
                { try byHand(database, copy: directory + "/copy.db") },
            ]
        )
        let name = "backup at level 4, \(place.backupMegabytes) MB"
        board.enter("\(name) / .backup, integrity_check, scan", ours: times[0], theirs: times[1], unit: "s")
        board.enter("\(name): taking / verifying", ours: median(taking), theirs: times[0] - median(taking), unit: "s")
        board.enter("\(name): file", ours: megabytes, theirs: Double(place.backupMegabytes), unit: "MB")
    }

    /// - Returns: how many seconds the taking took.
    private func takeAndVerify(in directory: String) async throws -> Double {
        let backups = try emptyDirectory(directory + "/backups")
        let target = DatabaseTarget(
            name: "main",
            engine: "sqlite",
            location: .file("trading.db"),
            fingerprint: DatabaseTarget.Fingerprint(applicationID: nil, tables: []),
            isWritable: true
        )
        let rollout = Rollout(name: "backup", title: "Backup", targets: [target], phases: [])
        let sessions = SessionPool(rollout: rollout, baseDirectory: directory, engines: [SQLiteEngine()])
        let keeper = BackupKeeper(
            target: "main",
            directory: backups,
            scratchDirectory: directory + "/scratch",
            sessions: sessions
        )
        var manifest = ""
        let taking = try await seconds {
            manifest = try await keeper.take(label: "bench", at: wallClock(), within: .seconds(600))
        }
        let proof = try await keeper.verify(manifest, to: .content, within: .seconds(600))
        await sessions.closeAll()
        guard proof.level == .content else {
            throw ProgramFailed(description: "the backup was refused: \(proof.refusal ?? "no reason")")
        }
        return taking
    }

    /// Copy, check the copy, and read every column of every table of it once.
    private func byHand(_ database: String, copy: String) throws {
        try? FileManager.default.removeItem(atPath: copy)
        try run(["sqlite3", "-bail", database, ".backup '\(copy)'"])
        let scans = Self.tables.map { table, columns in
            "SELECT " + columns.map { "sum(length(\($0)))" }.joined(separator: ", ") + " FROM \(table);"
        }
        try run(["sqlite3", "-bail", copy, "PRAGMA integrity_check; " + scans.joined(separator: " ")])
    }

    private func size(of path: String) -> Double {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        return (attributes?[.size] as? NSNumber)?.doubleValue ?? 0
    }

    private static let tables = [
        ("users", ["id", "name", "email"]),
        ("trades", ["id", "user_id", "symbol", "price", "quantity", "at", "note"]),
        ("audit", ["id", "trade_id", "document"]),
    ]

    /// Trades with two indexes and documents without one; the same bytes every time.
    private static func trading(megabytes: Int) -> String {
        let count = megabytes * 3600
        return """
            PRAGMA journal_mode = OFF;
            PRAGMA synchronous = OFF;
            PRAGMA cache_size = -400000;
            CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT UNIQUE);
            CREATE TABLE trades (
                id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users (id), symbol TEXT NOT NULL,
                price REAL NOT NULL, quantity INTEGER NOT NULL, at TEXT NOT NULL, note TEXT
            );
            CREATE TABLE audit (id INTEGER PRIMARY KEY, trade_id INTEGER NOT NULL, document BLOB);
            BEGIN;
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
            INSERT INTO users SELECT i, printf('user %d', i), printf('u%d@example.org', i) FROM n;
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(count))
            INSERT INTO trades
            SELECT i, i * 7919 % 100000 + 1, printf('SYM%03d', i * 31 % 500), i * 104729 % 1000000 / 100.0, i % 997,
                datetime(1700000000 + i * 7, 'unixepoch'), printf('%.40c order %d', char(97 + i % 26), i) FROM n;
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(count / 6))
            INSERT INTO audit SELECT i, i * 6, CAST(printf('%.600c%d', char(65 + i % 26), i) AS BLOB) FROM n;
            CREATE INDEX trades_by_user ON trades (user_id, at);
            CREATE INDEX trades_by_symbol ON trades (symbol, id);
            COMMIT;
            """
    }
}

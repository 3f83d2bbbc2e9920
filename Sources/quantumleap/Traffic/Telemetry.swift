import GRDB

/// The application's own record of its requests, in a file of its own.
///
/// Apart from the trading database, so that measuring neither needs its lock
/// nor stops when it does. A power cut may lose it; it is kept for two hours,
/// so that a phase can look back at its own migration.
struct Telemetry {
    private let queue: DatabaseQueue
    /// Milliseconds.
    private let keep: Int64 = 7_200_000

    init(path: String) throws {
        var configuration = Configuration()
        configuration.label = "telemetry"
        configuration.busyMode = .timeout(1)
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF")
        }
        queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.write { db in
            try db.execute(
                sql: """
                    CREATE TABLE IF NOT EXISTS requests (
                        at_ms INTEGER NOT NULL,
                        user_id TEXT NOT NULL,
                        variant TEXT NOT NULL,
                        share_bp INTEGER NOT NULL,
                        latency_us INTEGER NOT NULL,
                        ok INTEGER NOT NULL,
                        error TEXT,
                        kind TEXT NOT NULL,
                        lock_wait_us INTEGER NOT NULL,
                        category TEXT
                    );
                    CREATE INDEX IF NOT EXISTS requests_by_time ON requests(at_ms);
                    CREATE TABLE IF NOT EXISTS pool (
                        at_ms INTEGER NOT NULL,
                        open_connections INTEGER NOT NULL,
                        in_use INTEGER NOT NULL,
                        max_connections INTEGER NOT NULL
                    );
                    CREATE INDEX IF NOT EXISTS pool_by_time ON pool(at_ms);
                    """
            )
            // A file from before failures were sorted has no such column.
            if try !db.columns(in: "requests").contains(where: { $0.name == "category" }) {
                try db.execute(sql: "ALTER TABLE requests ADD COLUMN category TEXT")
            }
        }
    }

    /// Keeps a batch and the state of the pool; one transaction.
    func write(_ samples: [Sample], pool: Pool, at now: Int64) throws {
        try queue.write { db in
            let insert = try db.cachedStatement(sql: "INSERT INTO requests VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
            for sample in samples {
                try insert.execute(
                    arguments: [
                        sample.at, sample.user, sample.variant.rawValue, sample.share, sample.latency,
                        sample.failure == nil, sample.failure?.message, sample.kind.rawValue, sample.lockWait,
                        sample.failure?.category.rawValue,
                    ]
                )
            }
            try db.execute(
                sql: "INSERT INTO pool VALUES (?, ?, ?, ?)",
                arguments: [now, pool.size, pool.busy, pool.size]
            )
        }
    }

    /// Forgets what is older than two hours.
    func prune(at now: Int64) throws {
        try queue.write { db in
            try db.execute(sql: "DELETE FROM requests WHERE at_ms < ?", arguments: [now - keep])
            try db.execute(sql: "DELETE FROM pool WHERE at_ms < ?", arguments: [now - keep])
        }
    }

    func close() throws { try queue.close() }
}

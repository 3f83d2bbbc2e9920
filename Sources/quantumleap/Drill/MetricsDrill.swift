import ArgumentParser
import FoundationEssentials
import GRDB

/// Gives the application's own metrics writer requests whose figures are known, and reads back what it made of them.
struct MetricsDrill: Drill {
    static let configuration = CommandConfiguration(
        commandName: "metrics",
        abstract: "Compare the application's metrics with values that are known beforehand."
    )

    @Option(help: ArgumentHelp("Make every request so many times as slow, to see the drill fail.", visibility: .hidden))
    var slowdown: Int64 = 1

    private static let schema = """
        CREATE TABLE performance_metrics (
            id INTEGER PRIMARY KEY, metric_name TEXT NOT NULL, metric_value REAL NOT NULL,
            timestamp DATETIME DEFAULT CURRENT_TIMESTAMP, metadata TEXT);
        CREATE TABLE query_performance (
            id INTEGER PRIMARY KEY, query_hash TEXT NOT NULL, execution_time_ms INTEGER NOT NULL,
            timestamp DATETIME DEFAULT CURRENT_TIMESTAMP, query_plan TEXT);
        """

    /// Reads of 1, 2, … 200 ms and twenty writes of 45 ms that waited 1 to 20 ms for a lock; eleven of all failed.
    private var samples: [Sample] {
        let failures: [Int: ErrorCategory] = [
            7: .connection, 20: .query, 21: .query, 50: .performance, 60: .performance, 70: .performance,
            100: .migration, 110: .migration, 120: .migration, 130: .migration, 200: .integrity,
        ]
        let reads = (1...200).map { number in
            // 73 has no common factor with 200: every latency once, in no order.
            sample(.read, milliseconds: 1 + Int64(number * 73 % 200), failure: failures[number])
        }
        return reads + (1...20).map { sample(.write, milliseconds: 45, lockWait: $0) }
    }

    /// Worked out by hand: 100th, 190th and 198th of 200; 11 of 220; 20,100 + 900 ms of ten connections' ten seconds.
    private static let known: [(name: String, value: Double)] = [
        ("query_time_p50", 100), ("query_time_p95", 190), ("query_time_p99", 198), ("error_rate", 5),
        ("pool_usage", 21), ("lock_wait_time", 20), ("connection", 1), ("query", 2), ("performance", 3),
        ("migration", 4), ("integrity", 1),
    ]

    func observe() throws -> Observation {
        try ScratchDirectory.use { scratch in
            let path = try scratch.makeDatabase("metrics.db", Self.schema)
            // The size that the file system knows, before anything is written.
            let bytes = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
            let writer = try MetricsWriter(path: path, slow: .max)
            guard try writer.write(samples, over: .seconds(10), poolSize: 10) else {
                throw ApplicationError("the application does not find its tables")
            }
            try writer.close()
            let found = try figures(in: path)
            let known = Self.known + [("database_size", Double(bytes) / 1_000_000)]
            let wrong = known.filter { name, value in abs((found[name] ?? .infinity) - value) > 1e-9 }
                .map { "\($0.name) is \(found[$0.name].map { "\($0)" } ?? "missing"), not \($0.value)" }
            return Observation(
                status: wrong.isEmpty ? .ok : .critical,
                sentence: wrong.isEmpty ? "every metric is the known value" : wrong.joined(separator: "; "),
                figures: [("compared", "\(known.count)"), ("wrong", "\(wrong.count)")]
            )
        }
    }

    private func figures(in path: String) throws -> [String: Double] {
        try DatabaseQueue(path: path).read { db in
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT metric_name AS name, metric_value AS value FROM performance_metrics
                    UNION ALL SELECT e.key, e.value FROM performance_metrics, json_each(metadata, '$.errors') AS e
                    """
            )
            return Dictionary(rows.map { ($0["name"], $0["value"]) }, uniquingKeysWith: { _, _ in .infinity })
        }
    }

    private func sample(
        _ kind: Sample.Kind,
        milliseconds: Int64,
        failure: ErrorCategory? = nil,
        lockWait: Int64 = 0
    ) -> Sample {
        Sample(
            at: 0,
            user: "drill",
            variant: .old,
            share: 0,
            latency: milliseconds * 1000 * slowdown,
            failure: failure.map { Sample.Failure(category: $0, message: "known") },
            kind: kind,
            lockWait: lockWait * 1000
        )
    }
}

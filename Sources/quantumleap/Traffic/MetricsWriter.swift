import GRDB
import PhasegateFlags
import PhasegateStatistics

/// Writes what the application measures of itself into the tables that migration 001 creates.
///
/// A second's figures are left out when nothing was measured for them: a zero
/// would be a claim. A database that is busy loses that second's figures
/// rather than making users wait.
struct MetricsWriter {
    private let connection: DatabaseQueue
    private let slow: Int64
    private static let mostSlowSamples = 5

    /// Opens a connection of its own; reads that took `slow` microseconds or longer are worth their query plan.
    init(path: String, slow: Int64) throws {
        connection = try TradingDatabase.open(path: path, label: "metrics", busyTimeout: 0.2)
        self.slow = slow
    }

    /// Writes a second's figures, if the tables are there.
    ///
    /// - Returns: false when there is nothing to write to yet.
    func write(_ samples: [Sample], over window: Duration, poolSize: Int) throws -> Bool {
        try connection.writeWithoutTransaction { db in
            let tables = try Int.fetchOne(
                db,
                sql: "SELECT count(*) FROM sqlite_master WHERE name IN ('performance_metrics', 'query_performance')"
            )
            guard tables == 2 else { return false }
            let metrics = try Self.metrics(of: samples, over: window, poolSize: poolSize) + [Self.size(of: db)]
            let plans = try slowest(of: samples, in: db)
            try db.inTransaction(.immediate) {
                let insert = try db.cachedStatement(
                    sql: "INSERT INTO performance_metrics (metric_name, metric_value, metadata) VALUES (?, ?, ?)"
                )
                for metric in metrics {
                    try insert.execute(arguments: [metric.name, metric.value, metric.metadata])
                }
                let keep = try db.cachedStatement(
                    sql: "INSERT INTO query_performance (query_hash, execution_time_ms, query_plan) VALUES (?, ?, ?)"
                )
                for plan in plans { try keep.execute(arguments: [plan.hash, plan.milliseconds, plan.text]) }
                return .commit
            }
            return true
        }
    }

    func close() throws { try connection.close() }

    private struct Metric {
        let name: String
        let value: Double
        let unit: String
        let samples: Int
        /// How many of the samples failed, by kind, where that is the metric.
        var errors: [(category: ErrorCategory, count: Int)] = []

        var metadata: String {
            let kinds = errors.map { #""\#($0.category.rawValue)":\#($0.count)"# }.joined(separator: ",")
            let types = errors.isEmpty ? "" : #","errors":{\#(kinds)}"#
            return #"{"unit":"\#(unit)","samples":\#(samples)\#(types)}"#
        }
    }

    private static func metrics(of samples: [Sample], over window: Duration, poolSize: Int) -> [Metric] {
        guard !samples.isEmpty else { return [] }
        let reads = samples.filter { $0.kind == .read }.map(\.milliseconds).sorted()
        var metrics = [(50, 0.5), (95, 0.95), (99, 0.99)].compactMap { name, share in
            quantile(sorted: reads, share)
                .map { Metric(name: "query_time_p\(name)", value: $0, unit: "ms", samples: reads.count) }
        }
        let failures = samples.compactMap(\.failure)
        metrics.append(
            Metric(
                name: "error_rate",
                value: Double(failures.count) / Double(samples.count) * 100,
                unit: "%",
                samples: samples.count,
                errors: ErrorCategory.allCases.map { kind in (kind, failures.count { $0.category == kind }) }
            )
        )
        // The share of connection time that was spent in requests, which a count at one instant would only guess.
        let busy = samples.reduce(0) { $0 + $1.latency }
        let usage = Double(busy) / (Double(window.microseconds) * Double(poolSize)) * 100
        metrics.append(Metric(name: "pool_usage", value: min(100, usage), unit: "%", samples: samples.count))
        let waits = samples.filter { $0.kind == .write }.map(\.lockWait)
        if let longest = waits.max() {
            metrics.append(
                Metric(name: "lock_wait_time", value: Double(longest) / 1000, unit: "ms", samples: waits.count)
            )
        }
        return metrics
    }

    private static func size(of db: Database) throws -> Metric {
        let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
        let size = try Int.fetchOne(db, sql: "PRAGMA page_size") ?? 0
        return Metric(name: "database_size", value: Double(pages * size) / 1_000_000, unit: "MB", samples: 1)
    }

    private func slowest(
        of samples: [Sample],
        in db: Database
    ) throws -> [(hash: String, milliseconds: Int64, text: String)] {
        let chosen = samples.filter { $0.kind == .read && $0.latency >= slow }.prefix(Self.mostSlowSamples)
        guard !chosen.isEmpty else { return [] }
        return try chosen.map { sample in
            let sql = sample.variant == .new ? TradingQueries.recentTradesNew : TradingQueries.recentTradesOld
            let steps = try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN \(sql)", arguments: [""])
            let text = try steps.map { try $0.decode(String.self, forColumn: "detail") }.joined(separator: "; ")
            let hash = String(murmur3(sql.utf8), radix: 16)
            return (String(repeating: "0", count: 8 - hash.count) + hash, (sample.latency + 500) / 1000, text)
        }
    }
}

import FoundationEssentials
import GRDB

/// How the application opens its database, and what it knows of it beforehand.
enum TradingDatabase {
    /// `QL` in the header of the file; phasegate's rollout names it as the fingerprint.
    static let applicationID = 0x514C

    /// What is traded.
    static let symbols = [
        "AAPL", "ABBV", "ADBE", "AMD", "AMGN", "AMZN", "AVGO", "AXP", "BA", "BAC", "BLK", "CAT", "COST", "CRM", "CSCO",
        "CVX", "DE", "DIS", "GE", "GOOG", "GS", "HD", "HON", "IBM", "INTC", "INTU", "JNJ", "JPM", "KO", "LLY", "LMT",
        "MA", "MCD", "META", "MRK", "MSFT", "NFLX", "NKE", "NVDA", "ORCL", "PEP", "PFE", "PG", "QCOM", "TSLA", "TXN",
        "UNH", "V", "WMT", "XOM",
    ]

    /// Opens one connection of the pool, whose statements wait so many seconds for another writer.
    static func open(path: String, label: String, busyTimeout: Double = 5) throws -> DatabaseQueue {
        guard FileManager.default.fileExists(atPath: path) else {
            throw ApplicationError("there is no database '\(path)'; 'quantumleap generate' makes one")
        }
        var configuration = Configuration()
        configuration.label = label
        configuration.foreignKeysEnabled = true
        configuration.busyMode = .timeout(busyTimeout)
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        let id = try queue.read { db in try Int.fetchOne(db, sql: "PRAGMA application_id") }
        guard id == applicationID else {
            throw ApplicationError("'\(path)' is not a database of this application; its orders would be invented")
        }
        return queue
    }
}

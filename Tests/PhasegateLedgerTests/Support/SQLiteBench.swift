import FoundationEssentials
import GRDBSQLite
import PhasegateCore
import PhasegateLedger
import PhasegateTesting

/// A ledger's file in a directory of its own, and a way past the ledger into it.
final class SQLiteBench: LedgerBench {
    private let home: TemporaryDirectory

    init() throws { home = try TemporaryDirectory() }

    /// The directory.
    var directory: String { home.path }

    /// The ledger's file.
    var path: String { home.path(of: "ledger.sqlite") }

    /// A ledger on the file, as another process would have it.
    func opened(creating: Bool = true) throws -> SQLiteLedger { try SQLiteLedger(path: path, creating: creating) }

    func open(creating: Bool) async throws -> any SharedLedger { try opened(creating: creating) }

    /// Runs SQL on the file, past the ledger.
    ///
    /// - Returns: the rows' values as text.
    /// - Throws: `RawError` with SQLite's words.
    @discardableResult
    func raw(_ sql: String) throws(RawError) -> [[String?]] {
        var database: OpaquePointer?
        defer { sqlite3_close_v2(database) }
        guard sqlite3_open(path, &database) == SQLITE_OK else { throw RawError(message: "cannot open") }
        sqlite3_busy_timeout(database, 5000)
        let rows = Rows()
        var words: UnsafeMutablePointer<CChar>?
        let code = sqlite3_exec(
            database,
            sql,
            { context, count, values, _ in
                guard let context, let values else { return 0 }
                let row = (0..<Int(count)).map { values[$0].map { String(cString: $0) } }
                Unmanaged<Rows>.fromOpaque(context).takeUnretainedValue().all.append(row)
                return 0
            },
            Unmanaged.passUnretained(rows).toOpaque(),
            &words
        )
        defer { sqlite3_free(words) }
        guard code == SQLITE_OK else { throw RawError(message: words.map { String(cString: $0) } ?? "error \(code)") }
        return rows.all
    }

    /// Takes away what keeps entries from being changed, and changes them.
    func tamper(_ sql: String) throws(RawError) {
        try raw(
            "DROP TRIGGER IF EXISTS entries_are_not_changed; DROP TRIGGER IF EXISTS entries_are_not_deleted; " + sql
        )
    }

    func refuse(entry: Int) throws(RawError) {
        try raw(
            "CREATE TRIGGER full BEFORE INSERT ON entries WHEN new.sequence = \(entry) BEGIN SELECT RAISE(ABORT, 'disk full'); END"
        )
    }

    func refuseNone() throws(RawError) { try raw("DROP TRIGGER full") }

    /// The lock file can be lost, as by a clean-up of temporary files; the token in the ledger cannot.
    func hideHolder(of rollout: RolloutName) throws {
        try FileManager.default.removeItem(atPath: "\(path).lease-\(rollout)")
    }

    private final class Rows {
        var all: [[String?]] = []
    }
}

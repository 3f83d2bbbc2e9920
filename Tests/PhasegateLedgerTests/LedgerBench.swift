import GRDBSQLite
import PhasegateCore
import PhasegateLedger
import PhasegateTesting

/// A ledger's file in a directory of its own, and a way past the ledger into it.
final class LedgerBench: Sendable {
    static let start = Moment(milliseconds: 1_763_712_000_000)

    private let home: TemporaryDirectory

    init() throws { home = try TemporaryDirectory() }

    /// The directory.
    var directory: String { home.path }

    /// The ledger's file.
    var path: String { home.path(of: "ledger.sqlite") }

    /// A ledger on the file, as another process would have it.
    func open(creating: Bool = true) throws -> SQLiteLedger { try SQLiteLedger(path: path, creating: creating) }

    /// An event that a fold can tell from others.
    static func event(_ number: Int) -> LedgerEvent {
        .intended(
            Intent(
                id: "one/step/\(number)",
                phase: "one",
                step: .expose(ExposureStep(flag: "f", share: BasisPoints(rawValue: number))),
                reason: "number \(number)"
            )
        )
    }

    /// Appends events one by one, a second apart.
    func append(_ numbers: Range<Int>, to rollout: RolloutName = "demo", with ledger: SQLiteLedger) async throws {
        for number in numbers {
            try await ledger.append(
                [Self.event(number)],
                to: rollout,
                by: "test",
                at: Self.start + .seconds(number)
            )
        }
    }

    /// A ledger with so many entries.
    func filled(_ count: Int, rollout: RolloutName = "demo") async throws -> SQLiteLedger {
        let ledger = try open()
        try await append(0..<count, to: rollout, with: ledger)
        return ledger
    }

    /// Runs SQL on the file, past the ledger.
    ///
    /// - Returns: the rows' values as text.
    /// - Throws: `RawError` with SQLite's words.
    @discardableResult
    func raw(_ sql: String, on path: String? = nil) throws(RawError) -> [[String?]] {
        var database: OpaquePointer?
        defer { sqlite3_close_v2(database) }
        guard sqlite3_open(path ?? self.path, &database) == SQLITE_OK else { throw RawError(message: "cannot open") }
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

    private final class Rows {
        var all: [[String?]] = []
    }

    /// SQLite refused.
    struct RawError: Error {
        let message: String
    }
}

/// The code of the ledger error that a body throws; nothing for another error or none.
func code(of body: () async throws -> Void) async -> LedgerError.Code? {
    do {
        try await body()
        return nil
    } catch {
        return (error as? LedgerError)?.code
    }
}

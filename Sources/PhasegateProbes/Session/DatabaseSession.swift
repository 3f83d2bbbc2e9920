public import PhasegateCore

/// What a session may do.
public enum SessionAccess: Hashable, Sendable {
    /// Read only; the engine refuses writes.
    case reading
    /// Read and write.
    case writing
}

/// Opens databases of one kind.
public protocol DatabaseEngine: Sendable {
    /// Its name in rollout files, as `sqlite`.
    var name: String { get }

    /// Opens a database that is already there; never creates one.
    ///
    /// - Parameters:
    ///   - location: where it is; paths are absolute.
    ///   - access: what the session may do.
    /// - Returns: an open session.
    /// - Throws: `SessionError`; nothing is left open then.
    func open(_ location: DatabaseLocation, for access: SessionAccess) async throws(SessionError)
        -> any DatabaseSession
}

/// One connection to a database.
///
/// Statements run one after the other, on the session's own thread.
public protocol DatabaseSession: Sendable {
    /// How its engine writes SQL.
    nonisolated var dialect: SQLDialect { get }

    /// Runs one statement and returns its rows.
    ///
    /// - Throws: `SessionError`; `timedOut` when it was stopped after `limit`.
    func rows(_ query: SQLQuery, within limit: Duration) async throws(SessionError) -> [SQLRow]

    /// Runs the statements of a script in order, without a transaction of its own.
    ///
    /// - Throws: `SessionError` at the first statement that fails; those before it have taken effect.
    func run(script: String, within limit: Duration) async throws(SessionError)

    /// Whether it can still be used: a server may have gone away meanwhile.
    var isUsable: Bool { get async }

    /// Ends the session; later calls throw `closed`.
    func close() async
}

extension DatabaseSession {
    /// A file does not go away by itself.
    public var isUsable: Bool { true }
}

/// Uses a session and closes it, whatever happens.
///
/// - Parameters:
///   - session: an open session, closed on return.
///   - body: what is done with it.
/// - Returns: what the body returns.
/// - Throws: what the body throws.
public func closing<Result: Sendable>(
    _ session: any DatabaseSession,
    _ body: (any DatabaseSession) async throws(SessionError) -> Result
) async throws(SessionError) -> Result {
    do {
        let result = try await body(session)
        await session.close()
        return result
    } catch {
        await session.close()
        throw error
    }
}

/// Tells which database this is.
public protocol IdentityReading: DatabaseSession {
    /// What identifies the database.
    func identity() async throws(SessionError) -> DatabaseIdentity
}

/// Tells where its server keeps the data.
public protocol DataPlacing: DatabaseSession {
    /// The directory on the server's machine; nothing where the user may not know it.
    func dataDirectory() async throws(SessionError) -> String?
}

/// What identifies a database.
public struct DatabaseIdentity: Hashable, Codable, Sendable {
    /// SQLite's `application_id`; other engines have none.
    public let applicationID: Int64?
    /// What the server calls itself; files have none.
    public let system: String?
    /// The database's own name on its server; files have none.
    public let database: String?
    /// Names of its tables, sorted.
    public let tables: [String]
    /// Bytes it takes on disk.
    public let bytes: Int64

    /// Puts an identity together.
    public init(
        applicationID: Int64? = nil,
        system: String? = nil,
        database: String? = nil,
        tables: [String],
        bytes: Int64
    ) {
        self.applicationID = applicationID
        self.system = system
        self.database = database
        self.tables = tables
        self.bytes = bytes
    }
}

/// Checks that a database is sound.
public protocol IntegrityChecking: DatabaseSession {
    /// Runs one check.
    ///
    /// - Returns: one line a problem, at most 100; empty when sound.
    func problems(found check: IntegrityCheck, within limit: Duration) async throws(SessionError) -> [String]
}

/// The checks of soundness, from cheap to thorough.
public enum IntegrityCheck: String, Codable, Sendable, CaseIterable {
    /// Pages and records, without the indexes' contents.
    case quick
    /// Everything the engine can check by itself.
    case full
    /// Every child row has its parent.
    case foreignKeys = "foreign-keys"
    /// The engine enforces foreign keys when it is asked to.
    case enforcement
}

/// Reads the schema.
public protocol SchemaReading: DatabaseSession {
    /// The schema of all user tables.
    func schema(within limit: Duration) async throws(SessionError) -> DatabaseSchema
}

/// Explains how a query would be run.
public protocol PlanExplaining: DatabaseSession {
    /// The plan, one step a line, as the engine words it.
    func plan(of query: SQLQuery, within limit: Duration) async throws(SessionError) -> [QueryPlanStep]
}

/// One step of a query plan.
public struct QueryPlanStep: Hashable, Codable, Sendable {
    /// The engine's words.
    public let detail: String
    /// The index it uses, if any.
    public let index: String?
    /// The table it reads from end to end, if it does.
    public let scannedTable: String?

    /// Puts a step together.
    public init(detail: String, index: String?, scannedTable: String?) {
        self.detail = detail
        self.index = index
        self.scannedTable = scannedTable
    }
}

/// Hashes the content of tables where it lies.
public protocol ContentHashing: DatabaseSession {
    /// Row count and order-independent hash of a table, types included.
    ///
    /// - Parameters:
    ///   - table: the table's name.
    ///   - condition: SQL that rows have to satisfy; nothing for all.
    ///   - limit: how long it may take.
    /// - Returns: count and hash.
    /// - Throws: `SessionError`.
    func content(
        of table: String,
        where condition: SQLQuery?,
        within limit: Duration
    ) async throws(SessionError) -> TableContent

    /// What two parts of a table hold together that have no row in common.
    nonisolated func sum(_ one: TableContent, _ other: TableContent) -> TableContent
}

extension ContentHashing {
    /// Sums of hashes are added up, number by number.
    public func sum(_ one: TableContent, _ other: TableContent) -> TableContent {
        func numbers(_ content: TableContent) -> [Int128] {
            content.hash.split(separator: ":").compactMap { Int128($0) }
        }
        let sums = zip(numbers(one), numbers(other)).map { $0 &+ $1 }
        return TableContent(
            table: one.table,
            rows: one.rows + other.rows,
            hash: sums.map { String($0) }.joined(separator: ":")
        )
    }
}

/// What a table holds.
public struct TableContent: Hashable, Codable, Sendable {
    /// The table.
    public let table: String
    /// Its rows.
    public let rows: Int64
    /// Order-independent hash over all values with their types.
    public let hash: String

    /// Puts a content together.
    public init(table: String, rows: Int64, hash: String) {
        self.table = table
        self.rows = rows
        self.hash = hash
    }
}

/// What one consistent snapshot of a database holds.
public struct SnapshotContent: Hashable, Codable, Sendable {
    /// The schema.
    public let schema: DatabaseSchema
    /// The tables; without hashes the hash is empty.
    public let tables: [TableContent]
    /// Tables of which a copy is not known to be of the same moment; none where they are all of one snapshot.
    public let unsettled: [UnsettledTable]?

    /// Puts a content together.
    public init(schema: DatabaseSchema, tables: [TableContent], unsettled: [UnsettledTable]? = nil) {
        self.schema = schema
        self.tables = tables
        self.unsettled = unsettled
    }
}

/// A table that was written to while files were copied.
public struct UnsettledTable: Hashable, Codable, Sendable {
    /// Its name.
    public let table: String
    /// Rows before the copying.
    public let rowsBefore: Int64
    /// Rows after it.
    public let rowsAfter: Int64

    /// Says which table, and how many rows it had.
    public init(table: String, rowsBefore: Int64, rowsAfter: Int64) {
        self.table = table
        self.rowsBefore = rowsBefore
        self.rowsAfter = rowsAfter
    }
}

/// Runs prepared statements and times each where it runs.
public protocol TimedExecuting: DatabaseSession {
    /// Runs executions one after the other and times each to its last row.
    ///
    /// - Parameters:
    ///   - executions: what to run, in order.
    ///   - limit: how long all of them may take.
    /// - Returns: nanoseconds per execution, in order; an error counts and is kept as a message.
    /// - Throws: `SessionError` when the time is over; a statement's own failure is a result.
    func timings(
        of executions: [SQLQuery],
        within limit: Duration
    ) async throws(SessionError) -> [TimedExecution]
}

/// How one execution went.
public struct TimedExecution: Hashable, Sendable {
    /// Nanoseconds from the first step to the last row.
    public let nanoseconds: UInt64
    /// The engine's words if it failed.
    public let error: String?

    /// Puts a timing together.
    public init(nanoseconds: UInt64, error: String?) {
        self.nanoseconds = nanoseconds
        self.error = error
    }
}

/// Applies migrations statement by statement, where changes of the schema commit by themselves.
public protocol StatementwiseMigrating: DatabaseSession {
    /// Takes the lock that keeps migrations of a database apart; it goes with the session.
    ///
    /// - Throws: `SessionError.locked` when another migration is under way.
    func lockMigrations() async throws(SessionError)

    /// Whether what a statement does is taken back with its transaction.
    nonisolated func isTransactional(_ statement: SQLScript.Statement) -> Bool

    /// Runs a statement that takes part in no transaction.
    func runAlone(_ statement: SQLScript.Statement, within limit: Duration) async throws(SessionError)

    /// Whether such a statement, begun by somebody who is gone, took effect; what it left half-way is cleared away.
    ///
    /// - Returns: nothing where only the schema tells.
    /// - Throws: `SessionError.locked` while somebody is still at it.
    func tookEffect(_ statement: SQLScript.Statement, within limit: Duration) async throws(SessionError) -> Bool?
}

extension StatementwiseMigrating {
    /// As any script.
    public func runAlone(_ statement: SQLScript.Statement, within limit: Duration) async throws(SessionError) {
        try await run(script: statement.text, within: limit)
    }

    /// The schema tells.
    public func tookEffect(_ statement: SQLScript.Statement, within limit: Duration) async throws(SessionError)
        -> Bool?
    { nil }
}

/// Applies migrations in one transaction, as the only one that migrates the database.
public protocol MigrationTransacting: DatabaseSession {
    /// Whether rows can lose their parents in such a transaction, so that they have to be looked for before it ends.
    nonisolated var mayOrphan: Bool { get }

    /// Takes the cross-process lock and begins a transaction.
    ///
    /// Where an engine needs it for rebuilding tables, foreign keys are not enforced row by row in it.
    ///
    /// - Throws: `SessionError.locked` when another migration is under way; nothing has begun then.
    func beginMigration() async throws(SessionError)

    /// Ends the transaction and lets the lock go.
    ///
    /// - Parameter committing: whether the changes stay.
    /// - Throws: `SessionError`; the transaction was rolled back then.
    func endMigration(committing: Bool) async throws(SessionError)

    /// Makes the session as it was when it was opened, so that the next migration can have it.
    ///
    /// - Returns: whether it is; otherwise it has to be closed.
    func becomeAsNew() async -> Bool
}

extension MigrationTransacting {
    /// By default each migration has a session of its own.
    public func becomeAsNew() async -> Bool { false }
}

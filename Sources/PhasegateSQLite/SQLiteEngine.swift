public import PhasegateCore
public import PhasegateProbes

/// Opens SQLite database files.
///
/// GRDB is not used here although the ledger has it: a probe needs its own
/// deadlines, the backup interface inside a read transaction, and timings
/// taken next to `sqlite3_step`.
public struct SQLiteEngine: DatabaseEngine {
    /// `sqlite`.
    public let name = "sqlite"

    /// How long a statement waits for somebody else's lock.
    private let busyTimeout: Duration

    /// Makes the engine.
    ///
    /// - Parameter busyTimeout: how long a statement waits for somebody else's lock.
    public init(busyTimeout: Duration = .seconds(5)) { self.busyTimeout = busyTimeout }

    /// Opens a file that is already there and reads its first page.
    public func open(_ location: DatabaseLocation, for access: SessionAccess) async throws(SessionError)
        -> any DatabaseSession
    { try await session(location, for: access) }

    func session(_ location: DatabaseLocation, for access: SessionAccess) async throws(SessionError) -> SQLiteSession {
        guard let path = location.path else {
            throw SessionError(.unsupported, "a SQLite database is a file, and not on a server ('\(location)')")
        }
        let session = SQLiteSession(path: path, access: access)
        try await session.open(busyTimeout: busyTimeout)
        return session
    }
}

public import PhasegateCore

/// Tells what goes on in a server.
public protocol ActivityReading: DatabaseSession {
    /// Measures one thing; this session, phasegate's others where they can be told, and the server's own never count.
    ///
    /// - Returns: the value in the unit of `what`, nothing where there is nothing to measure, and the statement.
    /// - Throws: `SessionError.unsupported` when the engine does not tell.
    func activity(_ what: ServerActivity, within limit: Duration) async throws(SessionError) -> (
        value: Double?, query: String
    )
}

/// What can be measured in a server while it works.
public enum ServerActivity: String, Sendable, CaseIterable {
    /// Connections of clients.
    case connections
    /// The same as a share of those that ordinary users may open.
    case connectionShare = "connection-share"
    /// Sessions that wait for somebody else's lock.
    case blockedSessions = "blocked-sessions"
    /// Age of the oldest open transaction.
    case longestTransaction = "longest-transaction"
    /// How far the slowest replica, or this one, lies behind.
    case replicationLag = "replication-lag"
    /// Indexes being built by others.
    case indexBuilds = "index-builds"
    /// Transactions that were rolled back, as a share of all since the statistics were reset.
    case rolledBack = "rolled-back"

    /// What it counts in.
    public var unit: Unit {
        switch self {
        case .connections, .blockedSessions, .indexBuilds: .none
        case .connectionShare, .rolledBack: .percent
        case .longestTransaction, .replicationLag: .seconds
        }
    }

    /// What is missing where there is nothing to measure.
    var subject: String {
        switch self {
        case .replicationLag: "replica, and is none"
        case .rolledBack: "transactions behind it"
        case .connections, .connectionShare, .blockedSessions, .longestTransaction, .indexBuilds: "answer"
        }
    }
}

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
    /// Time since the planner's statistics of the table were made that has the oldest.
    case statisticsAge = "statistics-age"
    /// Indexes that are there and not used, because building them was broken off.
    case invalidIndexes = "invalid-indexes"
    /// Constraints that hold for new rows only, because the old ones were never looked at.
    case unvalidatedConstraints = "unvalidated-constraints"
    /// Log files that could not be archived, since the statistics were reset.
    case archiverFailures = "archiver-failures"

    /// What it counts in.
    public var unit: Unit {
        switch self {
        case .connections, .blockedSessions, .indexBuilds, .invalidIndexes, .unvalidatedConstraints, .archiverFailures:
            .none
        case .connectionShare, .rolledBack: .percent
        case .longestTransaction, .replicationLag, .statisticsAge: .seconds
        }
    }

    /// What is missing where there is nothing to measure.
    var subject: String {
        switch self {
        case .replicationLag: "replica, and is none"
        case .rolledBack: "transactions behind it"
        case .statisticsAge: "statistics of every table that has rows"
        case .archiverFailures: "archiver"
        case .connections, .connectionShare, .blockedSessions, .longestTransaction, .indexBuilds, .invalidIndexes,
            .unvalidatedConstraints:
            "answer"
        }
    }
}

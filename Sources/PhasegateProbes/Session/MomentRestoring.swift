public import PhasegateCore

/// Restores the files of a server and lets its log run on to a moment.
public protocol MomentRestoring: BackupTaking {
    /// Starts a scratch server on a copy of the files, and repeats on it what the log has up to the moment.
    ///
    /// - Parameters:
    ///   - artifact: files that `backUp` copied before the moment.
    ///   - log: the directory with the archived log; it is read and never written to.
    ///   - moment: how far.
    ///   - place: where scratch servers go.
    ///   - limit: how long it may take.
    /// - Returns: the database as it was then.
    /// - Throws: `SessionError`: `constraint` when the log does not reach to the moment, or lacks a part before it. No
    ///   scratch server is left then.
    func restore(
        _ artifact: String,
        followedBy log: String,
        to moment: RecoveryMoment,
        into place: ScratchPlace,
        within limit: Duration
    ) async throws(SessionError) -> RestoredMoment
}

/// How far a log is repeated.
public enum RecoveryMoment: Hashable, Sendable, CustomStringConvertible {
    /// Everything that was committed by then.
    case time(Moment)
    /// Up to a point that was given a name, as by PostgreSQL's `pg_create_restore_point`.
    case point(String)

    /// For people.
    public var description: String {
        switch self {
        case .time(let moment): moment.description
        case .point(let name): "the restore point '\(name)'"
        }
    }
}

/// A database as it was at a moment.
public struct RestoredMoment: Sendable {
    /// Where it is, to be removed with `remove`.
    public let scratch: DatabaseLocation
    /// By what it is known that the moment was reached.
    public let proof: String

    /// Says where it is.
    public init(scratch: DatabaseLocation, proof: String) {
        self.scratch = scratch
        self.proof = proof
    }
}

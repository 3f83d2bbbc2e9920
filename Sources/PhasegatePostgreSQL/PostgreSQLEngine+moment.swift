import Glibc
import PhasegateCore
public import PhasegateProbes

extension PostgreSQLEngine: MomentRestoring {
    /// Recovers from a base backup and the segments that the archiver has put into a directory.
    ///
    /// A server that does not come to its target refuses to start, so one that
    /// lets somebody in has reached it.
    public func restore(
        _ artifact: String,
        followedBy log: String,
        to moment: RecoveryMoment,
        into place: ScratchPlace,
        within limit: Duration
    ) async throws(SessionError) -> RestoredMoment {
        let taken = try BaseBackupPosition(in: artifact)
        let account = try ScratchAccount(orElse: "postgres")
        guard access(log, R_OK | X_OK) == 0, account.mayEnter(log) else {
            throw SessionError(
                .notPermitted,
                "the archived log in '\(log)' cannot be read by '\(account.name)', who runs the restored server"
            )
        }
        // A shell reads the command, after PostgreSQL has put names in place of what begins with a percent sign.
        let directory = log.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''")
            .split(separator: "%", omittingEmptySubsequences: false).joined(separator: "%%")
        var target = ["restore_command": "cp '\(directory)/%f' \"%p\""]
        switch moment {
        // While it reads its settings the server does not know yet what Z means.
        case .time(let time): target["recovery_target_time"] = time.description.dropLast() + "+00"
        case .point(let name): target["recovery_target_name"] = name
        }
        do throws(SessionError) {
            let scratch = try await recover(artifact, taken, to: target, into: place, within: limit)
            return RestoredMoment(scratch: scratch, proof: "PostgreSQL stopped its recovery at \(moment)")
        } catch {
            if error.message.contains("recovery ended before configured recovery target was reached") {
                throw SessionError(
                    .constraint,
                    "the archived log in '\(log)' does not reach to \(moment): either nothing was committed after it, or "
                        + "what was is not archived yet (archive_timeout says how late that may be)"
                )
            }
            if error.message.contains("before consistent recovery point") {
                throw SessionError(.constraint, "the base backup was not complete yet at \(moment)")
            }
            throw error
        }
    }
}

import Glibc
public import PhasegateCore

/// The right to act on a rollout: at most one holder on a machine's file system.
///
/// The right is an operating-system lock on a file beside the ledger, so that
/// it frees itself when its holder dies, however it dies. The fencing token in
/// the ledger grows with every holder; appends by an older one are refused.
public final class LedgerLease: Sendable {
    /// The rollout.
    public let rollout: RolloutName
    /// Grows with every holder.
    public let token: Int64
    private let file: Int32

    init(rollout: RolloutName, token: Int64, file: Int32) {
        self.rollout = rollout
        self.token = token
        self.file = file
    }

    deinit {
        // Closing alone leaves it locked for as long as a child that is just being started still has it.
        flock(file, LOCK_UN)
        close(file)
    }

    /// Locks the file; nothing when somebody else has it.
    static func lock(_ path: String) throws(LedgerError) -> Int32? {
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard file >= 0 else {
            throw LedgerError(.unreachable, "cannot open the lease '\(path)': \(String(cString: strerror(errno)))")
        }
        if flock(file, LOCK_EX | LOCK_NB) == 0 { return file }
        let reason = errno
        close(file)
        guard reason == EWOULDBLOCK else {
            throw LedgerError(.unreachable, "cannot lock '\(path)': \(String(cString: strerror(reason)))")
        }
        return nil
    }
}

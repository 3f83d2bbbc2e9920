import Glibc
import PhasegateCore
import Synchronization

/// Keeps a raise and a closing of the same flag from passing each other.
///
/// Whoever raises holds it from the store to the last sink. Whoever closes does
/// not wait for it to begin, and believes what the sinks show only once it has
/// had it: a raise that was under way could write to a sink after that was
/// read at nobody. It is a lock of the operating system on a file beside the
/// store, and goes with the process that holds it.
final class FlagRaiseLock: Sendable {
    private let file: Mutex<Int32?>

    private init(_ file: Int32) { self.file = Mutex(file) }

    deinit { release() }

    /// Takes it.
    ///
    /// - Parameters:
    ///   - key: the flag.
    ///   - store: the path of its store.
    /// - Returns: nothing when somebody else has it.
    /// - Throws: `FlagError` with `notWritten` when there can be none.
    static func take(_ key: FlagKey, of store: String) throws(FlagError) -> FlagRaiseLock? {
        let path = "\(store).\(key).lock"
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard file >= 0 else {
            throw FlagError(.notWritten, "cannot open the lock '\(path)': \(String(cString: strerror(errno)))")
        }
        if flock(file, LOCK_EX | LOCK_NB) == 0 { return FlagRaiseLock(file) }
        let cause = errno
        close(file)
        guard cause == EWOULDBLOCK else {
            throw FlagError(.notWritten, "cannot lock '\(path)': \(String(cString: strerror(cause)))")
        }
        return nil
    }

    /// Lets it go; does nothing the second time.
    func release() {
        file.withLock { file in
            guard let open = file else { return }
            // Closing alone leaves it locked for as long as a child that is just being started still has it.
            flock(open, LOCK_UN)
            close(open)
            file = nil
        }
    }
}

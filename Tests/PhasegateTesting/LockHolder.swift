import Glibc

/// Another process that holds an operating-system lock on a file until it is killed.
public final class LockHolder {
    /// The lock could not be taken or handed over.
    public struct Refused: Error {}

    private let process: pid_t
    private var isAlive = true

    /// Takes the lock and hands it to a process of its own.
    ///
    /// - Parameter path: the file, made when it is missing.
    /// - Throws: `Refused` when any part of it does not work.
    public init(of path: String) throws {
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        try Self.demand(file >= 0)
        defer { close(file) }
        try Self.demand(flock(file, LOCK_EX | LOCK_NB) == 0)
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        // The lock belongs to the open file, which the child shares and we close.
        posix_spawn_file_actions_adddup2(&actions, file, 9)
        var words: [UnsafeMutablePointer<CChar>?] = [strdup("sleep"), strdup("600"), nil]
        defer { for word in words { free(word) } }
        var child = pid_t()
        try Self.demand(posix_spawnp(&child, "sleep", &actions, nil, &words, environ) == 0)
        process = child
    }

    /// Kills the process and waits until it is gone.
    public func die() {
        guard isAlive else { return }
        isAlive = false
        kill(process, SIGKILL)
        waitpid(process, nil, 0)
    }

    deinit { die() }

    private static func demand(_ condition: Bool) throws {
        if !condition { throw Refused() }
    }
}

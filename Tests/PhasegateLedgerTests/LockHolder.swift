import Glibc
import PhasegateTesting
import Testing

/// Another process that holds an operating-system lock on a file until it is killed.
final class LockHolder {
    private let process: pid_t
    private var isAlive = true

    init(of path: String) throws {
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        try #require(file >= 0)
        defer { close(file) }
        try #require(flock(file, LOCK_EX | LOCK_NB) == 0)
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        // The lock belongs to the open file, which the child shares and we close.
        posix_spawn_file_actions_adddup2(&actions, file, 9)
        var words: [UnsafeMutablePointer<CChar>?] = [strdup("sleep"), strdup("600"), nil]
        defer { for word in words { free(word) } }
        var child = pid_t()
        try #require(posix_spawnp(&child, "sleep", &actions, nil, &words, environ) == 0)
        process = child
    }

    /// Kills the process and waits until it is gone.
    func die() {
        guard isAlive else { return }
        isAlive = false
        kill(process, SIGKILL)
        waitpid(process, nil, 0)
    }

    deinit { die() }
}

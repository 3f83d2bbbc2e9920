import Glibc

/// What the files of a flag store look like from outside.
public struct FlagStoreMark: Hashable, Sendable {
    private let files: [File]

    private struct File: Hashable, Sendable {
        let device: dev_t
        let number: ino_t
        let bytes: off_t
        let seconds: Int
        let nanoseconds: Int
    }

    /// Whether nothing was written for so long that a change since would show.
    ///
    /// Two changes within a tick of the file system's clock can look like one.
    public var isSettled: Bool {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return files.allSatisfy { file in
            let age = (now.tv_sec - file.seconds) * 1000 + (now.tv_nsec - file.nanoseconds) / 1_000_000
            // Older than a tick, and not from a future that a clock set back has left behind.
            return age >= 50
        }
    }

    /// Looks at the database and its log.
    init?(path: String) throws(FlagError) {
        var files: [File] = []
        for name in [path, path + "-wal"] {
            var status = stat()
            guard stat(name, &status) == 0 else {
                let cause = errno
                guard cause == ENOENT else {
                    throw FlagError(
                        .unreadable,
                        "cannot read flags from '\(path)': \(String(cString: strerror(cause)))"
                    )
                }
                if name == path { return nil }
                continue
            }
            files.append(
                File(
                    device: status.st_dev,
                    number: status.st_ino,
                    bytes: status.st_size,
                    seconds: status.st_mtim.tv_sec,
                    nanoseconds: status.st_mtim.tv_nsec
                )
            )
        }
        self.files = files
    }
}

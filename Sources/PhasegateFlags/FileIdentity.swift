import Glibc

/// Tells whether a path still leads to the same file.
struct FileIdentity: Equatable {
    private let device: dev_t
    private let number: ino_t

    /// - Returns: nothing when there is no file.
    /// - Throws: `FlagError` when it cannot be told, as in a directory one may not search.
    init?(path: String) throws(FlagError) {
        var status = stat()
        guard stat(path, &status) == 0 else {
            let cause = errno
            if cause == ENOENT { return nil }
            throw FlagError(.unreadable, "cannot read flags from '\(path)': \(String(cString: strerror(cause)))")
        }
        device = status.st_dev
        number = status.st_ino
    }
}

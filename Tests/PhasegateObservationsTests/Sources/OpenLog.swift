import Glibc

/// A file that is open for appending, as an application has its log.
final class OpenLog: Sendable {
    /// The file could not be opened or written.
    struct Failure: Error { let code: Int32 }

    private let descriptor: Int32

    /// Opens it, and makes it where there is none.
    init(_ path: String) throws {
        descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failure(code: errno) }
    }

    deinit { close(descriptor) }

    /// Writes at its end.
    func append(_ text: String) throws {
        guard write(descriptor, text, text.utf8.count) == text.utf8.count else { throw Failure(code: errno) }
    }

    /// Cuts everything off.
    func cut() throws {
        guard ftruncate(descriptor, 0) == 0 else { throw Failure(code: errno) }
    }
}

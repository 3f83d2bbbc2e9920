import Dispatch
import FoundationEssentials
import Glibc
import PhasegateCore

/// A file of a flag's own that another system polls; replaced as a whole, durably, with a strictly later time.
struct FlagFile: Sendable {
    let path: String
    /// File systems block, and the threads of the concurrency runtime must not.
    private let queue = DispatchQueue(label: "flags.file")

    init(path: String) { self.path = path }

    /// Its text; nothing when there is no file.
    func read() async throws(FlagError) -> String? {
        try await onQueue { () throws(FlagError) in
            guard try FileIdentity(path: path) != nil else { return nil }
            do {
                return String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
            } catch {
                throw FlagError(.unreadable, "cannot read '\(path)': \(error)")
            }
        }
    }

    /// Replaces it; a reader sees the old text or the new one, also after a power cut.
    func write(_ text: String) async throws(FlagError) {
        try await onQueue { () throws(FlagError) in try replace(text) }
    }

    private func replace(_ text: String) throws(FlagError) {
        let directory = URL(filePath: path).deletingLastPathComponent().path
        let draft = "\(directory)/.\(URL(filePath: path).lastPathComponent)-\(UInt64.random(in: .min ... .max))"
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw failure() }
        defer { unlink(draft) }
        var isWritten = true
        var rest = Array(text.utf8)[...]
        while isWritten, !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 { rest = rest.dropFirst(count) } else { isWritten = count < 0 && errno == EINTR }
        }
        isWritten = isWritten && keepLaterTime(descriptor) && fsync(descriptor) == 0
        let cause = errno
        guard close(descriptor) == 0, isWritten else { throw failure(isWritten ? errno : cause) }
        guard rename(draft, path) == 0 else { throw failure() }
        let folder = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw failure() }
        defer { close(folder) }
        guard fsync(folder) == 0 else { throw failure() }
    }

    /// Followers compare times, some of them as binary floating point: a later one has to be later by a millisecond.
    private func keepLaterTime(_ descriptor: Int32) -> Bool {
        var before = stat()
        var now = stat()
        guard fstat(descriptor, &now) == 0 else { return false }
        guard stat(path, &before) == 0 else { return errno == ENOENT }
        let least = before.st_mtim.tv_nsec + 1_000_000
        let next = timespec(tv_sec: before.st_mtim.tv_sec + least / 1_000_000_000, tv_nsec: least % 1_000_000_000)
        let isLater =
            (now.st_mtim.tv_sec, now.st_mtim.tv_nsec) >= (next.tv_sec, next.tv_nsec)
        return isLater || futimens(descriptor, [next, next]) == 0
    }

    private func failure(_ cause: Int32 = errno) -> FlagError {
        FlagError(.notWritten, "cannot write '\(path)': \(String(cString: strerror(cause)))")
    }

    private func onQueue<Value: Sendable>(
        _ body: @escaping @Sendable () throws(FlagError) -> Value
    ) async throws(FlagError) -> Value {
        try await withCheckedContinuation {
            (continuation: CheckedContinuation<Result<Value, FlagError>, Never>) in
            queue.async { continuation.resume(returning: Result(catching: body)) }
        }.get()
    }
}

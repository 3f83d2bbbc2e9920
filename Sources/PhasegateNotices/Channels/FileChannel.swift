import FoundationEssentials
import Glibc
public import PhasegateCore

/// Writes each notice to a file of its own, numbered in the order of sending; never overwrites one.
public struct FileChannel: NoticeChannel {
    /// Its name in the rollout and in the ledger.
    public let name = "file"
    private let directory: String

    /// Makes the channel.
    ///
    /// - Parameter directory: where the files go, as `notices`; made when the first notice is sent.
    public init(directory: String) { self.directory = directory }

    /// Writes `NNNN-slug.txt`; a reader sees the whole file or none.
    ///
    /// - Throws: `NoticeError` when it cannot be written.
    public func send(_ notice: Notice) async throws {
        do {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        } catch {
            throw NoticeError(message: "cannot make the directory '\(directory)': \(reason(errno))")
        }
        let draft = "\(directory)/.draft-\(getpid())-\(UInt64.random(in: .min ... .max))"
        defer { unlink(draft) }
        try write(Array(NoticeText.lines(notice.body).utf8), to: draft)
        let first = nextNumber()
        for number in first..<first + 1000 {
            let path = "\(directory)/\(padded(number))-\(NoticeText.slug(notice.title)).txt"
            // A link fails where a rename would overwrite what another process has just sent.
            if link(draft, path) == 0 { return }
            guard errno == EEXIST else { throw NoticeError(message: "cannot write '\(path)': \(reason(errno))") }
        }
        throw NoticeError(message: "cannot find a free number for a notice in '\(directory)'")
    }

    /// One more than the highest number in the directory.
    private func nextNumber() -> Int {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        return names.compactMap { Int($0.prefix { $0 != "-" }) }.filter { (0..<1_000_000_000).contains($0) }
            .reduce(0, max) + 1
    }

    private func padded(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    private func write(_ bytes: [UInt8], to path: String) throws(NoticeError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw NoticeError(message: "cannot write into '\(directory)': \(reason(errno))") }
        defer { close(descriptor) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                throw NoticeError(message: "cannot write into '\(directory)': \(reason(errno))")
            }
        }
        guard fsync(descriptor) == 0 else {
            throw NoticeError(message: "cannot write into '\(directory)': \(reason(errno))")
        }
    }
}

private func reason(_ code: Int32) -> String {
    var buffer = [CChar](repeating: 0, count: 256)
    guard strerror_r(code, &buffer, buffer.count) == 0 else { return "error \(code)" }
    return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self).lowercased()
}

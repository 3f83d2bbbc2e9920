import FoundationEssentials
import Glibc
import PhasegateProbes

/// The part of a binary log that follows a copy of files.
struct BinaryLog: Sendable {
    /// The files, the first of them the one in which the copy was made.
    let files: [String]
    /// Where in the first file.
    let position: String

    /// Finds it.
    ///
    /// - Parameters:
    ///   - directory: where the log is.
    ///   - artifact: the copy of files.
    /// - Throws: `SessionError`: `constraint` when the copy knows of no log, or the file it names is gone.
    init(in directory: String, after artifact: String) throws(SessionError) {
        let text = (try? String(contentsOfFile: "\(artifact)/xtrabackup_binlog_info", encoding: .utf8)) ?? ""
        let words = text.split { $0.isWhitespace }
        guard words.count >= 2, Int64(words[1]) != nil, let dot = words[0].lastIndex(of: ".") else {
            throw SessionError(.constraint, "'\(artifact)' was taken while the server had no binary log")
        }
        let first = String(words[0].split(separator: "/").last ?? words[0])
        let stem = first.prefix(first.count - words[0].distance(from: dot, to: words[0].endIndex) + 1)
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: directory)
        } catch {
            throw SessionError(.notPermitted, "the binary log in '\(directory)' cannot be read: \(error)")
        }
        let numbered = names.filter { name in
            name.hasPrefix(stem) && name.dropFirst(stem.count).allSatisfy { $0.isASCII && $0.isNumber }
        }.sorted { ($0.count, $0) < ($1.count, $1) }
        guard let start = numbered.firstIndex(of: first) else {
            throw SessionError(
                .constraint,
                "the file '\(first)' of the binary log, in which the backup was taken, is no longer in '\(directory)'"
            )
        }
        files = numbered[start...].map { "\(directory)/\($0)" }
        position = String(words[1])
        let numbers = files.compactMap { Int64($0.split(separator: ".").last ?? "") }
        guard zip(numbers, numbers.dropFirst()).allSatisfy({ $0 + 1 == $1 }) else {
            throw SessionError(.constraint, "a file of the binary log in '\(directory)' is missing in between")
        }
    }
}

import FoundationEssentials
import Glibc
public import PhasegateCore

/// A report could not be written; what was there before is untouched.
public struct ReportWriteError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was tried and why it failed, for people.
    public let message: String

    /// Puts an error together.
    public init(message: String) { self.message = message }

    /// The message.
    public var description: String { message }
}

/// Puts rendered files into a directory.
public enum ReportDirectory {
    /// Writes files so that a reader sees the old or the new one, never half of it.
    ///
    /// Each file is written beside its place, flushed to the disk and renamed.
    ///
    /// - Parameters:
    ///   - files: what to write.
    ///   - directory: where; made with its parents if it is missing.
    /// - Returns: the paths written, in the order of the files.
    /// - Throws: `ReportWriteError` for the first file that cannot be written; earlier ones stay.
    public static func write(_ files: [ReportFile], into directory: String) throws(ReportWriteError) -> [String] {
        do {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        } catch {
            var isDirectory = false
            let exists = FileManager.default.fileExists(atPath: directory, isDirectory: &isDirectory)
            let reason = exists && !isDirectory ? "a file of that name is in the way" : systemReason(errno)
            throw ReportWriteError(message: "cannot make the directory '\(directory)': \(reason)")
        }
        var paths: [String] = []
        for file in files {
            guard !file.name.isEmpty, !file.name.hasPrefix("."), !file.name.contains("/") else {
                throw ReportWriteError(message: "'\(file.name)' is no name for a report file")
            }
            let path = directory.hasSuffix("/") ? directory + file.name : directory + "/" + file.name
            try replace(path, with: file)
            paths.append(path)
        }
        flush(directory: directory)
        return paths
    }

    /// How a link in a file of one directory reaches another file.
    ///
    /// Goes by the words of the paths, as browsers do; links of the file system are not followed.
    ///
    /// - Parameters:
    ///   - file: absolute path of the file.
    ///   - directory: absolute path of the directory of the file that holds the link.
    /// - Returns: the path from there, as `../quantumleap/report.html`.
    public static func path(to file: String, from directory: String) -> String {
        func parts(_ path: String) -> [Substring] {
            path.split(separator: "/").reduce(into: []) { parts, part in
                switch part {
                case ".": break
                case "..": if !parts.isEmpty { parts.removeLast() }
                default: parts.append(part)
                }
            }
        }
        let (there, here) = (parts(file), parts(directory))
        let common = zip(there, here).prefix { $0 == $1 }.count
        return (here.dropFirst(common).map { _ in ".." } + there.dropFirst(common)).joined(separator: "/")
    }

    private static func replace(_ path: String, with file: ReportFile) throws(ReportWriteError) {
        let draft = "\(path).\(getpid()).tmp"
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw ReportWriteError(message: "cannot write '\(path)': \(systemReason(errno))")
        }
        var problem: String?
        do {
            try file.write { try writeAll($0, to: descriptor) }
            if fsync(descriptor) != 0 { problem = systemReason(errno) }
        } catch let error as SystemError {
            problem = systemReason(error.code)
        } catch {
            problem = "\(error)"
        }
        if close(descriptor) != 0, problem == nil { problem = systemReason(errno) }
        if problem == nil, rename(draft, path) != 0 { problem = systemReason(errno) }
        if let problem {
            unlink(draft)
            throw ReportWriteError(message: "cannot write '\(path)': \(problem)")
        }
    }

    private struct SystemError: Error {
        let code: Int32
    }

    private static func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) throws(SystemError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if count < 0 {
                if errno == EINTR { continue }
                throw SystemError(code: errno)
            }
            rest = rest.dropFirst(count)
        }
    }

    /// Makes the renames last; a file system that cannot is no reason to fail.
    private static func flush(directory: String) {
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }
}

private func systemReason(_ code: Int32) -> String {
    var buffer = [CChar](repeating: 0, count: 256)
    guard strerror_r(code, &buffer, buffer.count) == 0 else { return "error \(code)" }
    return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self).lowercased()
}

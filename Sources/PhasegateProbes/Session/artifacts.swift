import FoundationEssentials
import Glibc
import PhasegateHashing

/// Puts a finished artifact under its name, so that it is there whole or not at all.
///
/// - Parameters:
///   - partial: the file or directory as it was written.
///   - path: its name; what is there is replaced.
/// - Throws: `SessionError`, with `partial` still there.
public func publishArtifact(_ partial: String, as path: String) throws(SessionError) {
    let file = Glibc.open(partial, O_RDONLY | O_CLOEXEC)
    let isSafe = file >= 0 && fsync(file) == 0
    if file >= 0 { Glibc.close(file) }
    var isThere = isSafe && rename(partial, path) == 0
    // A file is replaced in one step; only a directory has to go first.
    if isSafe, !isThere, [EISDIR, ENOTDIR, ENOTEMPTY, EEXIST].contains(errno) {
        try? FileManager.default.removeItem(atPath: path)
        isThere = rename(partial, path) == 0
    }
    guard isThere else {
        let reason = String(cString: strerror(errno))
        throw SessionError(errno == ENOSPC ? .full : .failed, "cannot put '\(path)' in place: \(reason)")
    }
}

/// What is wrong with a dump in SQL, as far as its last lines tell.
///
/// - Parameters:
///   - artifact: the file.
///   - words: what the program that writes it writes last.
/// - Returns: nothing when they are there.
public func missingEnd(of artifact: String, _ words: String) -> String? {
    let file = Glibc.open(artifact, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return "cannot be read: \(String(cString: strerror(errno)))" }
    defer { Glibc.close(file) }
    let size = lseek(file, 0, SEEK_END)
    var bytes = [UInt8](repeating: 0, count: 4096)
    lseek(file, max(0, size - 4096), SEEK_SET)
    let count = max(0, read(file, &bytes, bytes.count))
    let isWhole = String(decoding: bytes.prefix(count), as: UTF8.self).contains(words)
    return isWhole ? nil : "the dump does not have its last line: it was cut off"
}

/// Bytes of an artifact, all files of a directory together; 0 when it is not there.
public func artifactSize(_ path: String) -> Int64 {
    guard let files = filesInside(path) else { return fileSize(path) }
    return files.reduce(0) { $0 + fileSize("\(path)/\($1)") }
}

/// SHA-256 of an artifact; of a directory that of the names and digests of all its files.
///
/// - Throws: when a file cannot be read.
public func artifactDigest(_ path: String) throws -> String {
    guard let files = filesInside(path) else { return try sha256(ofFile: path) }
    var lines = ""
    for file in files { lines += "\(file) \(try sha256(ofFile: "\(path)/\(file)"))\n" }
    return sha256(of: lines)
}

/// Files below a directory at any depth, sorted by their paths in it; nothing when it is no directory.
func filesInside(_ path: String) -> [String]? {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { return nil }
    return ((try? FileManager.default.subpathsOfDirectory(atPath: path)) ?? []).filter { name in
        var inner = stat()
        return stat("\(path)/\(name)", &inner) == 0 && inner.st_mode & S_IFMT == S_IFREG
    }.sorted()
}

/// Bytes of a file; 0 when it is not there.
func fileSize(_ path: String) -> Int64 {
    var status = stat()
    return stat(path, &status) == 0 ? Int64(status.st_size) : 0
}

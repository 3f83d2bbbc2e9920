import Glibc

/// A file could not be read.
struct ReadError: Error {
    /// Why, in the system's words.
    let reason: String
}

/// Reads a file, but no more of it than tells that it is too large.
///
/// - Parameter path: the file; anything that can be read to its end will do.
/// - Returns: its bytes, at most one more than the limit.
/// - Throws: `ReadError`.
func readBytes(of path: String) throws(ReadError) -> [UInt8] {
    // A path with a zero byte would be cut there and name another file.
    guard !path.utf8.contains(0), let file = fopen(path, "rb") else { throw ReadError(reason: lastProblem()) }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 * 1024)
    while bytes.count <= FileLimits.bytes {
        let count = fread(&chunk, 1, min(chunk.count, FileLimits.bytes + 1 - bytes.count), file)
        guard count > 0 else { break }
        bytes += chunk[..<count]
    }
    guard ferror(file) == 0 else { throw ReadError(reason: lastProblem()) }
    return bytes
}

private func lastProblem() -> String {
    let code = errno
    guard code != 0, let text = strerror(code) else { return "the path is not valid" }
    let words = String(cString: text)
    return words.prefix(1).lowercased() + words.dropFirst()
}

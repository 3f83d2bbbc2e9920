import Crypto
import Glibc

/// SHA-256 of a text's UTF-8, in hexadecimal.
///
/// - Parameter text: any text.
/// - Returns: 64 lower-case hexadecimal digits.
public func sha256(of text: String) -> String {
    var text = text
    return text.withUTF8 { hexadecimal(SHA256.hash(data: UnsafeRawBufferPointer($0))) }
}

/// SHA-256 of bytes, in hexadecimal.
///
/// - Parameter bytes: any bytes.
/// - Returns: 64 lower-case hexadecimal digits.
public func sha256(of bytes: [UInt8]) -> String {
    bytes.withUnsafeBytes { hexadecimal(SHA256.hash(data: $0)) }
}

/// SHA-256 of a file's bytes, read in pieces of 1 MiB.
///
/// Blocks the thread it runs on.
///
/// - Parameter path: the file.
/// - Returns: 64 lower-case hexadecimal digits.
/// - Throws: `FileHashError` when the file cannot be read.
public func sha256(ofFile path: String) throws(FileHashError) -> String {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw FileHashError(path: path, reason: String(cString: strerror(errno))) }
    defer { close(file) }
    var hasher = SHA256()
    let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
    defer { piece.deallocate() }
    while true {
        let count = read(file, piece.baseAddress, piece.count)
        guard count >= 0 else { throw FileHashError(path: path, reason: String(cString: strerror(errno))) }
        if count == 0 { break }
        hasher.update(bufferPointer: UnsafeRawBufferPointer(rebasing: piece[..<count]))
    }
    return hexadecimal(hasher.finalize())
}

/// A file could not be read to the end.
public struct FileHashError: Error, CustomStringConvertible {
    /// The file.
    public let path: String
    /// The system's reason.
    public let reason: String

    /// One sentence.
    public var description: String { "cannot read '\(path)': \(reason)" }
}

/// Bytes in lower-case hexadecimal.
public func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    text.reserveCapacity(64)
    for byte in bytes {
        text.append(digits[Int(byte >> 4)])
        text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
}

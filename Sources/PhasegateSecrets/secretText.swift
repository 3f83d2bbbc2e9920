import Glibc
public import PhasegateCore

/// A secret cannot be had; says which reference, never what was behind it.
public struct SecretError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong.
    public let message: String
    /// Whether it may be there later, in another shell or after a rotation.
    public let isPassing: Bool

    /// Puts an error together.
    public init(_ message: String, isPassing: Bool = true) {
        self.message = message
        self.isPassing = isPassing
    }

    /// The message.
    public var description: String { message }
}

/// Reads the secret behind a reference, from the environment or files of this process.
///
/// - Parameter reference: where it is.
/// - Returns: the text as it is at this moment; of a file without line ends at its end.
/// - Throws: `SecretError` when there is none.
public func secretText(_ reference: SecretReference) throws(SecretError) -> String {
    switch reference {
    case .environment(let name): try environmentVariable(name)
    case .file(let path): try fileContent(path)
    }
}

/// Checks that a secret is one line of printable ASCII.
///
/// - Throws: `SecretError`, with the reference and never the secret in its message.
public func checkSecret(_ text: String, of reference: SecretReference) throws(SecretError) {
    guard !text.isEmpty else { throw SecretError("the secret '\(reference)' is empty") }
    guard text.utf8.count <= 4096, text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) else {
        throw SecretError("the secret '\(reference)' is not one line of printable ASCII", isPassing: false)
    }
}

private func environmentVariable(_ name: String) throws(SecretError) -> String {
    guard let value = getenv(name) else { throw SecretError("the environment variable '\(name)' is not set") }
    return String(cString: value)
}

private func fileContent(_ path: String) throws(SecretError) -> String {
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard file >= 0 else { throw SecretError("cannot read the secret '\(path)': \(systemReason(errno))") }
    defer { close(file) }
    // One byte more than a secret may have, so that a longer one is seen as such.
    var bytes = [UInt8](repeating: 0, count: 4098)
    let count = read(file, &bytes, bytes.count)
    guard count >= 0 else { throw SecretError("cannot read the secret '\(path)': \(systemReason(errno))") }
    var content = bytes[..<count]
    while let last = content.last, last == 0x0A || last == 0x0D { content.removeLast() }
    return String(decoding: content, as: UTF8.self)
}

/// The system's words for an error number, in lower case.
public func systemReason(_ code: Int32) -> String {
    var buffer = [CChar](repeating: 0, count: 256)
    guard strerror_r(code, &buffer, buffer.count) == 0 else { return "error \(code)" }
    return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self).lowercased()
}

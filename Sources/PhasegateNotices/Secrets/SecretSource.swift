import FoundationEssentials
import Glibc
public import PhasegateCore

/// Reads secrets when they are needed, so that a changed one is used without a restart.
public struct SecretSource: Sendable {
    /// Whether it gives placeholders instead of secrets.
    public let isMasked: Bool
    private let lookUp: @Sendable (SecretReference) throws(DeliveryFailure) -> String

    /// Makes a source.
    ///
    /// - Parameter lookUp: the text behind a reference.
    public init(_ lookUp: @escaping @Sendable (SecretReference) throws(DeliveryFailure) -> String) {
        self.lookUp = lookUp
        isMasked = false
    }

    private init() {
        lookUp = { reference throws(DeliveryFailure) in "<\(reference)>" }
        isMasked = true
    }

    /// Environment and files of this process.
    public static let world = SecretSource { reference throws(DeliveryFailure) in
        switch reference {
        case .environment(let name): try environmentVariable(name)
        case .file(let path): try fileContent(path)
        }
    }

    /// Shows each reference instead of the secret; for previews.
    static let masked = SecretSource()

    /// The secret behind a reference: one line of printable ASCII.
    ///
    /// What is missing today may be there tomorrow, in another shell or after
    /// a rotation, so a missing secret is tried again.
    ///
    /// - Parameter reference: where it is.
    /// - Returns: the secret as it is at this moment.
    /// - Throws: `DeliveryFailure`, with the reference and never the secret in its message.
    public func secret(_ reference: SecretReference) throws(DeliveryFailure) -> String {
        let text = try lookUp(reference)
        guard !text.isEmpty else { throw DeliveryFailure("the secret '\(reference)' is empty") }
        guard text.utf8.count <= 4096, text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) else {
            throw DeliveryFailure("the secret '\(reference)' is not one line of printable ASCII", remedy: .giveUp)
        }
        return text
    }

    private static func environmentVariable(_ name: String) throws(DeliveryFailure) -> String {
        guard let value = getenv(name) else {
            throw DeliveryFailure("the environment variable '\(name)' is not set")
        }
        return String(cString: value)
    }

    private static func fileContent(_ path: String) throws(DeliveryFailure) -> String {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { throw DeliveryFailure("cannot read the secret '\(path)': \(systemReason(errno))") }
        defer { close(file) }
        // One byte more than a secret may have, so that a longer one is seen as such.
        var bytes = [UInt8](repeating: 0, count: 4098)
        let count = read(file, &bytes, bytes.count)
        guard count >= 0 else { throw DeliveryFailure("cannot read the secret '\(path)': \(systemReason(errno))") }
        var content = bytes[..<count]
        while let last = content.last, last == 0x0A || last == 0x0D { content.removeLast() }
        return String(decoding: content, as: UTF8.self)
    }
}

/// The system's words for an error number, in lower case.
func systemReason(_ code: Int32) -> String {
    var buffer = [CChar](repeating: 0, count: 256)
    guard strerror_r(code, &buffer, buffer.count) == 0 else { return "error \(code)" }
    return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self).lowercased()
}

/// Where a secret is found; the secret itself never stands in a rollout file.
public enum SecretReference: Hashable, Codable, Sendable, CustomStringConvertible {
    /// An environment variable.
    case environment(String)
    /// The content of a file, line ends at its end left out.
    case file(String)

    /// Reads `env:NAME` or `file:PATH`.
    ///
    /// - Parameters:
    ///   - text: as written in the rollout file.
    ///   - key: the key it stands under, for the message.
    /// - Throws: a diagnostic of the rule `literal-secret`, which does not repeat the text.
    public init(_ text: String, key: String) throws(Diagnostic) {
        if text.hasPrefix("env:"), Self.isVariable(text.dropFirst(4)) {
            self = .environment(String(text.dropFirst(4)))
        } else if text.hasPrefix("file:"), text.utf8.count > 5, text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) {
            self = .file(String(text.dropFirst(5)))
        } else {
            throw Diagnostic(
                rule: "literal-secret",
                "'\(key)' is a secret and has to be a reference",
                hint: "write 'env:NAME' for an environment variable or 'file:PATH' for a file"
            )
        }
    }

    /// As it is written: `env:NAME` or `file:PATH`.
    public var description: String {
        switch self {
        case .environment(let name): "env:\(name)"
        case .file(let path): "file:\(path)"
        }
    }

    private static func isVariable(_ name: Substring) -> Bool {
        guard let first = name.utf8.first, !(0x30...0x39).contains(first) else { return false }
        return name.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"): true
            default: false
            }
        }
    }

    /// Reads it as it is written.
    public init(from decoder: any Decoder) throws {
        self = try Self(try decoder.singleValueContainer().decode(String.self), key: "secret")
    }

    /// Writes it as it is written in a rollout file.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

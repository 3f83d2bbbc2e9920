import PhasegateCore

/// A part of a YAML file with its place; all that the loader knows of YAML.
struct FileNode {
    /// A scalar as it was written.
    struct Scalar {
        /// Its text.
        let text: String
        /// Whether it was written without quotes, so that it may be a number or a truth value.
        let isPlain: Bool
    }

    /// A key with its value.
    struct Member {
        /// The key.
        let key: String
        /// Where the key stands.
        let keyPlace: Place
        /// The value.
        let value: FileNode
    }

    /// The kinds of nodes.
    enum Content {
        case scalar(Scalar)
        case list([FileNode])
        case map([Member])
    }

    /// Where it begins.
    let place: Place
    /// What it is.
    let content: Content

    /// The value under the first key of a name.
    func member(_ key: String) -> FileNode? {
        if case .map(let members) = content { members.first { $0.key == key }?.value } else { nil }
    }

    /// Whether nothing is written, or `null`.
    var isNull: Bool {
        if case .scalar(let scalar) = content { scalar.isNull } else { false }
    }
}

extension FileNode.Scalar {
    /// Whether it stands for no value.
    var isNull: Bool { isPlain && (text.isEmpty || text == "~" || text == "null") }

    /// The truth value of a plain `true` or `false`.
    var truth: Bool? { isPlain ? (text == "true" ? true : text == "false" ? false : nil) : nil }

    /// The whole number, decimal or with `0x`, `0o` or `0b` before it; `_` between digits is ignored.
    var whole: Int64? {
        guard isPlain, let first = text.utf8.first, !text.hasSuffix("_") else { return nil }
        let sign = text.hasPrefix("-") ? "-" : ""
        let digits = (first == 0x2B || first == 0x2D ? text.dropFirst() : Substring(text)).filter { $0 != "_" }
        for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] where digits.hasPrefix(prefix) {
            let body = digits.dropFirst(2)
            return body.first == "-" || body.first == "+" ? nil : Int64(sign + body, radix: radix)
        }
        // A leading zero means octal to some readers and decimal to others.
        guard let leading = digits.utf8.first, (0x30...0x39).contains(leading), leading != 0x30 || digits.count == 1
        else {
            return nil
        }
        return Int64(sign + digits)
    }

    /// The finite number.
    var number: Double? {
        if let whole { return Double(whole) }
        guard isPlain, text.utf8.allSatisfy({ (0x30...0x39).contains($0) || "+-.eE".utf8.contains($0) }),
            text.utf8.contains(where: { (0x30...0x39).contains($0) }), let number = Double(text), number.isFinite
        else { return nil }
        return number
    }
}

/// SQL cut into what a program has to tell apart without understanding it: code, quotes, comments, parameters.
public struct SQLText: Sendable {
    /// A stretch of the text.
    public struct Piece: Hashable, Sendable {
        /// What it is.
        public enum Kind: Hashable, Sendable {
            /// Words, numbers, operators, blanks.
            case code
            /// A text, name or body in quotes, quotes included.
            case quoted
            /// A comment, its marks included.
            case comment
            /// `:name`, the colon included.
            case parameter
            /// A semicolon outside of quotes and comments.
            case semicolon
        }

        /// What it is.
        public let kind: Kind
        /// The bytes it takes up.
        public let range: Range<Int>
    }

    /// The pieces, in order and without gaps.
    public let pieces: [Piece]
    private let bytes: [UInt8]

    /// Cuts a text by the rules of a dialect.
    ///
    /// What is not closed reaches to the end.
    public init(_ text: String, _ dialect: SQLDialect) {
        bytes = Array(text.utf8)
        var scanner = Scanner(bytes: bytes, dialect: dialect)
        pieces = scanner.pieces()
    }

    /// A piece's text.
    public func text(of piece: Piece) -> String { String(decoding: bytes[piece.range], as: UTF8.self) }

    /// Names of the parameters in the order they appear, repetitions included.
    public var parameterNames: [String] {
        pieces.filter { $0.kind == .parameter }.map { String(text(of: $0).dropFirst()) }
    }

    /// The text with each parameter replaced.
    ///
    /// - Parameter replacement: what stands in its place, by name and by how many came before it.
    /// - Returns: the text, otherwise as it was.
    public func replacingParameters(_ replacement: (_ name: String, _ index: Int) -> String) -> String {
        var result: [UInt8] = []
        var index = 0
        for piece in pieces {
            guard piece.kind == .parameter else {
                result += bytes[piece.range]
                continue
            }
            result += replacement(String(text(of: piece).dropFirst()), index).utf8
            index += 1
        }
        return String(decoding: result, as: UTF8.self)
    }

    private struct Scanner {
        let bytes: [UInt8]
        let dialect: SQLDialect
        var index = 0
        var start = 0
        var found: [Piece] = []

        init(bytes: [UInt8], dialect: SQLDialect) {
            self.bytes = bytes
            self.dialect = dialect
        }

        func byte(_ offset: Int = 0) -> UInt8 { index + offset < bytes.count ? bytes[index + offset] : 0 }

        mutating func pieces() -> [Piece] {
            while index < bytes.count {
                let begin = index
                switch byte() {
                case UInt8(ascii: "'"):
                    quote(
                        UInt8(ascii: "'"),
                        escapes: dialect == .mariadb || (dialect == .postgresql && hasEscapePrefix)
                    )
                    cut(.quoted, from: begin)
                case UInt8(ascii: "\""):
                    quote(UInt8(ascii: "\""), escapes: dialect == .mariadb)
                    cut(.quoted, from: begin)
                case UInt8(ascii: "`") where dialect != .postgresql:
                    quote(UInt8(ascii: "`"), escapes: false)
                    cut(.quoted, from: begin)
                case UInt8(ascii: "[") where dialect == .sqlite:
                    skip(past: UInt8(ascii: "]"))
                    cut(.quoted, from: begin)
                case UInt8(ascii: "-") where byte(1) == UInt8(ascii: "-") && isDashComment,
                    UInt8(ascii: "#") where dialect == .mariadb:
                    line()
                    cut(.comment, from: begin)
                case UInt8(ascii: "/") where byte(1) == UInt8(ascii: "*"):
                    // MariaDB runs what is in such a comment.
                    let isRun = dialect == .mariadb && (byte(2) == 0x21 || (byte(2) == 0x4D && byte(3) == 0x21))
                    block()
                    cut(isRun ? .quoted : .comment, from: begin)
                case UInt8(ascii: "$") where dialect == .postgresql && dollarTag != nil:
                    dollars()
                    cut(.quoted, from: begin)
                case UInt8(ascii: ";"):
                    index += 1
                    cut(.semicolon, from: begin)
                case UInt8(ascii: ":"): colon()
                default: index += 1
                }
            }
            if start < index { found.append(Piece(kind: .code, range: start..<index)) }
            return found
        }

        private mutating func cut(_ kind: Piece.Kind, from begin: Int) {
            index = min(index, bytes.count)
            if start < begin { found.append(Piece(kind: .code, range: start..<begin)) }
            found.append(Piece(kind: kind, range: begin..<index))
            start = index
        }

        /// MariaDB wants a blank after two dashes; without one they are a minus and a sign.
        private var isDashComment: Bool { dialect != .mariadb || byte(2) <= 0x20 }

        /// `E'…'`, in which a backslash escapes.
        private var hasEscapePrefix: Bool {
            guard index > start, bytes[index - 1] | 0x20 == UInt8(ascii: "e") else { return false }
            return index - 1 == start || !Self.isWord(bytes[index - 2])
        }

        private mutating func colon() {
            // `::type` is a cast and `:=` an assignment.
            if byte(1) == UInt8(ascii: ":") || byte(1) == UInt8(ascii: "=") {
                index += 2
            } else if Self.isWord(byte(1)), !Self.isDigit(byte(1)) {
                let begin = index
                index += 1
                while Self.isWord(byte()) { index += 1 }
                cut(.parameter, from: begin)
            } else {
                index += 1
            }
        }

        private mutating func quote(_ mark: UInt8, escapes: Bool) {
            index += 1
            while index < bytes.count {
                if escapes, byte() == UInt8(ascii: "\\") {
                    index += 2
                } else if byte() == mark {
                    index += 1
                    guard byte() == mark else { return }
                    index += 1
                } else {
                    index += 1
                }
            }
        }

        private mutating func skip(past mark: UInt8) {
            while index < bytes.count, byte() != mark { index += 1 }
            index += 1
        }

        private mutating func line() {
            while index < bytes.count, byte() != 0x0A, byte() != 0x0D { index += 1 }
        }

        private mutating func block() {
            var depth = 0
            while index < bytes.count {
                if byte() == UInt8(ascii: "/"), byte(1) == UInt8(ascii: "*"), depth == 0 || dialect == .postgresql {
                    depth += 1
                    index += 2
                } else if byte() == UInt8(ascii: "*"), byte(1) == UInt8(ascii: "/") {
                    depth -= 1
                    index += 2
                    if depth == 0 { return }
                } else {
                    index += 1
                }
            }
        }

        /// The length of `$tag$` that begins here; nothing where there is none, as in `$1` or `a$b`.
        private var dollarTag: Int? {
            if index > start, Self.isWord(bytes[index - 1]) { return nil }
            var length = 1
            while Self.isWord(byte(length)) {
                if length == 1, Self.isDigit(byte(1)) { return nil }
                length += 1
            }
            return byte(length) == UInt8(ascii: "$") ? length + 1 : nil
        }

        private mutating func dollars() {
            guard let length = dollarTag else { return }
            let tag = bytes[index..<index + length]
            index += length
            while index < bytes.count {
                if byte() == UInt8(ascii: "$"), bytes[index...].starts(with: tag) {
                    index += length
                    return
                }
                index += 1
            }
        }

        private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

        private static func isWord(_ byte: UInt8) -> Bool {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), 0x80...: true
            default: false
            }
        }
    }
}

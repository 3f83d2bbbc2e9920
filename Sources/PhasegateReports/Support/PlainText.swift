import PhasegateCore

/// Text from outside made harmless for programs that read reports.
enum PlainText {
    /// Longest text of one node, in bytes; GitLab and others give up far above it.
    static let limit = 65_536

    /// Takes out terminal sequences whole, and every character XML 1.0 or a terminal would stumble over.
    ///
    /// Line ends become LF. Tabs and line feeds stay.
    static func cleaned(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        var rest = Substring(text).unicodeScalars
        while let scalar = rest.popFirst() {
            switch scalar.value {
            case 0x1B: skipSequence(&rest)
            case 0x9B: skipControlSequence(&rest)
            case 0x0D:
                if rest.first != "\n" { result.append("\n") }
            case 0x09, 0x0A, 0x20..<0x7F, 0xA0..<0xD800, 0xE000..<0xFFFE, 0x10000...0x10FFFF:
                result.append(scalar)
            default: break
            }
        }
        return String(result)
    }

    /// One line: line ends and runs of blanks become one blank.
    static func oneLine(_ text: String) -> String {
        cleaned(text).unicodeScalars.split { $0.properties.isWhitespace || $0.value == 0x2028 || $0.value == 0x2029 }
            .map { String($0) }.joined(separator: " ")
    }

    /// One line of at most so many characters, an ellipsis for what is left out.
    static func oneLine(_ text: String, atMost count: Int) -> String {
        let line = oneLine(text).unicodeScalars
        guard line.count > count else { return String(line) }
        return String(String.UnicodeScalarView(line.prefix(count - 1))) + "\u{2026}"
    }

    /// Breaks up the words by which CI servers are told to attach files or set properties.
    ///
    /// Works on bytes: a combining mark behind the bar would hide it from a search by characters.
    static func withoutDirectives(_ text: String) -> String {
        let directives = ["[[attachment|", "[[property|"].map { Array($0.utf8) }
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        for index in bytes.indices {
            result.append(bytes[index])
            guard bytes[index] == UInt8(ascii: "[") else { continue }
            let isDirective = directives.contains { directive in
                bytes[index...].prefix(directive.count).map(lowercased).elementsEqual(directive)
            }
            if isDirective { result.append(UInt8(ascii: " ")) }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// Head and tail of a text that is too long, with a line that says how much is missing.
    static func capped(_ text: String, to limit: Int = limit) -> String {
        guard text.utf8.count > limit else { return text }
        let head = limit * 3 / 4
        let tail = limit / 4 - 64
        let start = String(decoding: text.utf8.prefix(head), as: UTF8.self).droppingBrokenEnd()
        let end = String(decoding: text.utf8.suffix(tail), as: UTF8.self).droppingBrokenStart()
        return "\(start)\n[... \(text.utf8.count - start.utf8.count - end.utf8.count) bytes left out ...]\n\(end)"
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte + 32 : byte
    }

    /// What follows an escape character: a control sequence, a string up to its end, or one character.
    private static func skipSequence(_ rest: inout Substring.UnicodeScalarView) {
        guard let next = rest.first?.value else { return }
        switch next {
        case 0x5B:
            rest.removeFirst()
            skipControlSequence(&rest)
        case 0x5D, 0x50, 0x58, 0x5E, 0x5F:
            rest.removeFirst()
            while let scalar = rest.popFirst(), scalar.value != 0x07, scalar.value != 0x9C {
                guard scalar.value == 0x1B else { continue }
                if rest.first == "\\" { rest.removeFirst() }
                break
            }
        case 0x20..<0x7F: rest.removeFirst()
        default: break
        }
    }

    /// Parameters and the final character of a control sequence.
    private static func skipControlSequence(_ rest: inout Substring.UnicodeScalarView) {
        while let value = rest.first?.value, (0x20..<0x7F).contains(value) {
            rest.removeFirst()
            if value >= 0x40 { break }
        }
    }
}

extension String {
    /// Cutting bytes may leave half a character at the end, which decoding turns into U+FFFD.
    fileprivate func droppingBrokenEnd() -> String {
        var scalars = unicodeScalars
        while scalars.last?.value == 0xFFFD { scalars.removeLast() }
        return String(scalars)
    }

    fileprivate func droppingBrokenStart() -> String {
        String(String.UnicodeScalarView(unicodeScalars.drop { $0.value == 0xFFFD }))
    }
}

import Glibc

/// Text from outside made harmless for programs that read reports.
enum PlainText {
    /// Longest text of one node, in bytes; GitLab and others give up far above it.
    static let limit = 65_536
    /// Longest attribute, in characters; Azure refuses names beyond 512.
    static let attributeLimit = 500

    /// Takes out terminal sequences whole, and every character XML 1.0 or a terminal would stumble over.
    ///
    /// Line ends become LF, marks that turn the direction of writing become
    /// their names. Tabs and line feeds stay.
    static func cleaned(_ text: String) -> String {
        if text.utf8.withContiguousStorageIfAvailable(isPlain) == true { return text }
        var result = String.UnicodeScalarView()
        var rest = Substring(text).unicodeScalars
        while let scalar = rest.popFirst() {
            switch scalar.value {
            case 0x1B: skipSequence(&rest)
            case 0x9B: skipControlSequence(&rest)
            case 0x0D:
                if rest.first != "\n" { result.append("\n") }
            case 0x2028, 0x2029: result.append("\n")
            case 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069:
                result.append(contentsOf: "\\u{\(String(scalar.value, radix: 16, uppercase: true))}".unicodeScalars)
            case 0x09, 0x0A, 0x20..<0x7F, 0xA0..<0xD800, 0xE000..<0xFFFE, 0x10000...0x10FFFF:
                result.append(scalar)
            default: break
            }
        }
        return String(result)
    }

    /// One line: line ends and runs of blanks become one blank.
    static func oneLine(_ text: String) -> String {
        if text.utf8.withContiguousStorageIfAvailable(isPlainLine) == true { return text }
        return cleaned(text).unicodeScalars.split { $0.properties.isWhitespace }.map { String($0) }
            .joined(separator: " ")
    }

    /// One line of at most so many characters, an ellipsis for what is left out.
    static func oneLine(_ text: String, atMost count: Int) -> String {
        let line = oneLine(text)
        guard line.utf8.count > count, line.unicodeScalars.count > count else { return line }
        return String(String.UnicodeScalarView(line.unicodeScalars.prefix(count - 1))) + "\u{2026}"
    }

    /// One line for an attribute, without words that command CI servers.
    static func attribute(_ text: String, atMost count: Int = attributeLimit) -> String {
        oneLine(withoutDirectives(oneLine(text)), atMost: count)
    }

    /// Breaks up the words by which CI servers are told to attach files or set properties.
    static func withoutDirectives(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "[")) else { return text }
        var bytes = Array(text.utf8)
        return breakDirectives(in: &bytes) ? String(decoding: bytes, as: UTF8.self) : text
    }

    /// Puts a blank into each such word and says whether there was one.
    ///
    /// Works on bytes: a combining mark behind the bar would hide it from a search by characters.
    static func breakDirectives(in bytes: inout [UInt8]) -> Bool {
        let bracket = UInt8(ascii: "[")
        let isThere = bytes.withUnsafeBytes { buffer in
            buffer.baseAddress.map { memchr($0, Int32(bracket), buffer.count) != nil } ?? false
        }
        guard isThere else { return false }
        func isDirective(at index: Int) -> Bool {
            bytes[index] == bracket
                && directives.contains { word in
                    bytes.count - index >= word.count
                        && word.indices.allSatisfy { lowercased(bytes[index + $0]) == word[$0] }
                }
        }
        guard let first = bytes.indices.first(where: isDirective) else { return false }
        // Copied once: putting a blank into the middle moves all that follows, for each of perhaps a million words.
        var broken = Array(bytes[..<first])
        broken.reserveCapacity(bytes.count + bytes.count / 8)
        for index in first..<bytes.count {
            broken.append(bytes[index])
            if isDirective(at: index) { broken.append(UInt8(ascii: " ")) }
        }
        bytes = broken
        return true
    }

    private static let directives = ["[[attachment|", "[[property|"].map { Array($0.utf8) }

    /// Head and tail of a text that is too long, with a line that says how much is missing.
    static func capped(_ text: String, to limit: Int = limit) -> String {
        guard text.utf8.count > limit else { return text }
        var bytes = Array(text.utf8)
        TextCut(of: bytes, to: limit)?.apply(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Whether there is nothing in these bytes but printable ASCII, tabs and line feeds.
    static func isPlain(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        // Looks at all of them and decides once: that way many are looked at in one instruction.
        var isOdd = false
        for byte in bytes { isOdd = isOdd || !((byte &- 0x20) < 0x5F || byte == 0x0A || byte == 0x09) }
        return !isOdd
    }

    /// Whether these bytes are a line of printable ASCII with single blanks between its words.
    static func isPlainLine(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var before = UInt8(ascii: " ")
        for byte in bytes {
            guard (byte &- 0x20) < 0x5F, byte != 0x20 || before != 0x20 else { return false }
            before = byte
        }
        return bytes.isEmpty || before != UInt8(ascii: " ")
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
            // A string that never ends hides no more than its line.
            while let scalar = rest.first, scalar != "\n" {
                rest.removeFirst()
                if scalar.value == 0x07 || scalar.value == 0x9C { break }
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

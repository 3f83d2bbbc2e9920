/// Text of notices made harmless for terminals and files.
enum NoticeText {
    /// One line: line ends, tabs, control characters and runs of blanks become one blank.
    static func oneLine(_ text: String) -> String {
        text.unicodeScalars.split { $0.properties.isWhitespace || isControl($0) }
            .map { String($0) }.joined(separator: " ")
    }

    /// The lines of a text without control characters, ending in one line feed.
    static func lines(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars where scalar == "\n" || scalar == "\t" || !isControl(scalar) {
            result.append(scalar)
        }
        while result.last == "\n" { result.removeLast() }
        return String(result) + "\n"
    }

    /// Letters and digits of a title joined by hyphens, short enough for a file name.
    static func slug(_ title: String) -> String {
        let words = title.lowercased().unicodeScalars.split {
            !$0.isASCII || !($0.properties.isAlphabetic || $0.properties.numericType != nil)
        }
        let slug = words.map { String($0) }.joined(separator: "-").prefix(60)
        return slug.isEmpty ? "notice" : String(slug).trimmingHyphens()
    }

    /// Control characters, and those that turn the direction of text or break lines unseen.
    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x00..<0x20, 0x7F..<0xA0, 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF: true
        default: false
        }
    }
}

extension String {
    fileprivate func trimmingHyphens() -> String {
        var text = self
        while text.hasSuffix("-") { text.removeLast() }
        return text
    }
}

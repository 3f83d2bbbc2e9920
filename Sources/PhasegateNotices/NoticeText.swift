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

    /// The text without control characters and without line feeds at its end.
    static func text(_ text: String) -> String { String(lines(text).unicodeScalars.dropLast()) }

    /// One line of at most so many characters, the last one an ellipsis where more was left out.
    static func short(_ text: String, _ limit: Int) -> String {
        // Cutting first keeps a value of many megabytes from being read to its end.
        let scalars = text.unicodeScalars
        let line = oneLine(String(scalars.prefix(limit * 4 + 16)))
        guard line.unicodeScalars.count > limit else { return line }
        return String(line.unicodeScalars.prefix(limit - 1)) + "\u{2026}"
    }

    /// The text with three dots in place of each secret.
    static func masked(_ text: String, hiding secrets: [String]) -> String {
        var text = text
        // The longest first: one may be part of another, and would leave the rest of it.
        for secret in secrets.sorted(by: { $0.utf8.count > $1.utf8.count }) where !secret.isEmpty {
            text.replace(secret, with: "\u{2022}\u{2022}\u{2022}")
        }
        return text
    }

    /// The text if it costs no more than the limit, else its beginning and a note of how much was left out.
    ///
    /// - Parameters:
    ///   - text: without control characters.
    ///   - limit: the most that fits, in units of the cost.
    ///   - cost: what one scalar takes where the text goes.
    /// - Returns: a text that costs no more than the limit.
    static func cut(_ text: String, to limit: Int, cost: (Unicode.Scalar) -> Int) -> String {
        let noteRoom = 80
        var spent = 0
        var kept = 0
        var whole = text.unicodeScalars.startIndex
        for scalar in text.unicodeScalars {
            spent += cost(scalar)
            if spent > limit { break }
            if spent <= limit - noteRoom {
                kept += 1
                whole = text.unicodeScalars.index(after: whole)
            }
        }
        guard spent > limit else { return text }
        let rest = text.unicodeScalars.count - kept
        let note = "[cut: \(rest) more characters are in the ledger]"
        guard limit >= noteRoom else { return "" }
        return String(text.unicodeScalars[..<whole]) + "\n" + note
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

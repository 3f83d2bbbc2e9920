import PhasegateCore

/// Text from outside as it may stand in GitHub-flavoured Markdown: one line that means nothing but itself.
///
/// Characters that HTML or a table reads become entities, those that Markdown
/// reads get a backslash. A host looks for mentions, issue numbers, addresses
/// and `:emoji:` once more in the finished text, where neither helps; there a
/// word joiner (U+2060, without width) stands between the sign and what
/// follows it.
enum MarkdownText {
    /// One line of inert text, at most so many characters of the original.
    static func inert(_ text: String, atMost count: Int = 400) -> String {
        let line = oneLine(text, atMost: count)
        var result = String.UnicodeScalarView()
        for index in line.indices {
            append(line[index], at: index, of: line, to: &result)
        }
        return String(result)
    }

    /// A name in a fixed-width font where its letters allow it, else as text.
    static func code(_ text: String, atMost count: Int = 400) -> String {
        let isHarmless = !text.isEmpty && text.utf8.count <= count && text.utf8.allSatisfy { isPlain($0) }
        return isHarmless ? "`\(text)`" : inert(text, atMost: count)
    }

    /// Bold text; nothing for an empty one, whose asterisks would show.
    static func bold(_ text: String, atMost count: Int = 400) -> String {
        let inert = inert(text, atMost: count)
        return inert.isEmpty ? "" : "**\(inert)**"
    }

    /// Line ends and runs of blanks become one blank; control and direction characters are shown instead of obeyed.
    private static func oneLine(_ text: String, atMost count: Int) -> [Unicode.Scalar] {
        // A few characters more than are kept, because blanks may fall away; never a text of megabytes.
        let head = String(String.UnicodeScalarView(text.unicodeScalars.prefix(count * 2)))
        let shown = Shown(head).renderText.unicodeScalars
        var line = Array(shown.split { $0.properties.isWhitespace }.joined(separator: [" "]))
        let isCut = line.count > count || head.utf8.count < text.utf8.count
        if isCut { line = line.prefix(count - 1) + ["\u{2026}"] }
        return line
    }

    private static func append(
        _ scalar: Unicode.Scalar,
        at index: Int,
        of line: [Unicode.Scalar],
        to result: inout String.UnicodeScalarView
    ) {
        let next = line.indices.contains(index + 1) ? line[index + 1] : nil
        switch scalar {
        case "<": result += "&lt;".unicodeScalars
        case ">": result += "&gt;".unicodeScalars
        case "&": result += "&amp;".unicodeScalars
        case "|": result += "&#124;".unicodeScalars
        case "\\", "`", "*", "_", "[", "]", "~", "$": result += ["\\", scalar]
        case "#": result += ["\\", scalar] + joiner(before: next) { isWord($0) }
        case "@", "!": result += [scalar] + joiner(before: next) { isWord($0) }
        case ":": result += [scalar] + joiner(before: next) { isLetter($0) || "/+-_".unicodeScalars.contains($0) }
        case ".": appendDot(index, of: line, to: &result)
        case "-": appendDash(index, of: line, next: next, to: &result)
        case "+" where index == 0, "=" where index == 0: result += ["\\", scalar]
        case ")" where isListMark(index, of: line): result += ["\\", scalar]
        default: result.append(scalar)
        }
    }

    /// A number with a dot begins a list; `www.` begins an address.
    private static func appendDot(
        _ index: Int,
        of line: [Unicode.Scalar],
        to result: inout String.UnicodeScalarView
    ) {
        let isAddress = index >= 3 && line[(index - 3)..<index].allSatisfy { $0 == "w" || $0 == "W" }
        if isListMark(index, of: line) { result.append("\\") }
        if isAddress { result.append("\u{2060}") }
        result.append(".")
    }

    /// A dash begins a list or underlines a heading; `GH-1` is an issue.
    private static func appendDash(
        _ index: Int,
        of line: [Unicode.Scalar],
        next: Unicode.Scalar?,
        to result: inout String.UnicodeScalarView
    ) {
        if index == 0 { result.append("\\") }
        result.append("-")
        let isIssue = index >= 2 && String(String.UnicodeScalarView(line[(index - 2)..<index])).lowercased() == "gh"
        if isIssue { result += joiner(before: next) { isWord($0) } }
    }

    private static func joiner(
        before next: Unicode.Scalar?,
        where matters: (Unicode.Scalar) -> Bool
    ) -> [Unicode.Scalar] {
        next.map(matters) == true ? ["\u{2060}"] : []
    }

    /// Whether a sign ends the number of a list: nothing but digits before it, and a blank or nothing behind it.
    private static func isListMark(_ index: Int, of line: [Unicode.Scalar]) -> Bool {
        (1...9).contains(index) && line[..<index].allSatisfy { ("0"..."9").contains($0) }
            && (index + 1 == line.count || line[index + 1] == " ")
    }

    private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
    }

    /// Hosts know names in other alphabets, too.
    private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
        isLetter(scalar) || ("0"..."9").contains(scalar) || scalar == "_" || !scalar.isASCII
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"),
            UInt8(ascii: "%"):
            true
        default: false
        }
    }
}

extension Badge {
    /// The word behind its sign; the sign never stands alone.
    var markdown: String {
        let sign =
            switch Tone(rawValue: tone.renderText) {
            case .pass: "✅"
            case .warn: "⚠️"
            case .fail: "❌"
            case .unknown: "❔"
            case .hold: "✋"
            case .present: "▶️"
            case .wait, nil: "⏳"
            }
        return "\(sign) \(MarkdownText.inert(word.renderText))"
    }
}

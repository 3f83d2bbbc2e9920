/// The warnings of a suite in one text, for readers whose cases have no place for them.
struct JUnitWarnings {
    /// A line for each warning, as far as they fit.
    var text = TextBuffer()
    private var leftOut: Int64 = 0

    /// Longest line with some words behind it.
    private static let room = 8 * (PlainText.attributeLimit + JUnitCase.messageLimit)

    /// Adds a warning.
    mutating func add(_ message: TextBuffer, named name: String) {
        guard text.bytes.count < PlainText.limit - Self.room else {
            leftOut += 1
            return
        }
        if !text.bytes.isEmpty { text.add(words: "\n") }
        text.add(line: name)
        text.add(words: ": ")
        text.add(message)
    }

    /// Says how many did not fit, or that there are none.
    mutating func close() {
        if text.bytes.isEmpty { text.add(words: "no warnings") }
        guard leftOut > 0 else { return }
        text.add(words: "\n[... ")
        text.add(number: leftOut)
        text.add(words: " more warnings left out ...]")
    }
}

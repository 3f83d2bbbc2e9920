import PhasegateCore

/// A text that grows piece by piece and whose memory serves the next one again.
///
/// Pieces from outside are made harmless as they come in, each for itself, so
/// that none of them can swallow what follows it.
struct TextBuffer {
    /// The text in UTF-8.
    private(set) var bytes: [UInt8] = []
    private var day = DayText()

    private static let lineEnd = UInt8(ascii: "\n")

    /// Empties it; the memory stays.
    mutating func clear() { bytes.removeAll(keepingCapacity: true) }

    /// Adds words of our own.
    mutating func add(words: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: words.utf8Start, count: words.utf8CodeUnitCount))
    }

    /// Adds what another buffer holds.
    mutating func add(_ other: TextBuffer) { bytes.append(contentsOf: other.bytes) }

    /// Adds a text from outside that may have several lines; beyond `PlainText.limit` it loses its middle.
    mutating func add(text: String) {
        let isDone = text.utf8.withContiguousStorageIfAvailable { source in
            guard source.count <= PlainText.limit, PlainText.isPlain(source) else { return false }
            bytes.append(contentsOf: source)
            return true
        }
        if isDone != true { bytes.append(contentsOf: PlainText.cleaned(PlainText.capped(text)).utf8) }
    }

    /// Adds a text from outside as one line.
    mutating func add(line: String) {
        let isDone = line.utf8.withContiguousStorageIfAvailable { source in
            guard source.count <= PlainText.limit, PlainText.isPlainLine(source) else { return false }
            bytes.append(contentsOf: source)
            return true
        }
        if isDone != true { bytes.append(contentsOf: PlainText.oneLine(PlainText.capped(line)).utf8) }
    }

    /// Adds a number.
    mutating func add(number: Int64) {
        guard number >= 0 else {
            add(words: "-")
            add(magnitude: number.magnitude)
            return
        }
        add(magnitude: UInt64(number))
    }

    /// Adds milliseconds as seconds with three decimals and a point, whatever the locale.
    ///
    /// Nothing below zero or beyond some 30 years: readers choke on what needs a sign or an exponent.
    mutating func add(seconds milliseconds: Int64) {
        let milliseconds = UInt64(min(max(milliseconds, 0), 1_000_000_000_000))
        add(magnitude: milliseconds / 1000)
        add(words: ".")
        add(milliseconds % 1000, width: 3)
    }

    /// Adds a moment in UTC for people, as `2026-11-21 07:33:59 UTC`.
    mutating func add(moment: Moment) {
        guard let (date, second) = day.date(of: moment) else {
            bytes.append(contentsOf: moment.forPeople.utf8)
            add(words: " UTC")
            return
        }
        bytes.append(contentsOf: date)
        add(words: " ")
        add(second / 3600, width: 2)
        add(words: ":")
        add(second / 60 % 60, width: 2)
        add(words: ":")
        add(second % 60, width: 2)
        add(words: " UTC")
    }

    /// Adds a line that says something, unless there is nothing to say.
    mutating func add(fact label: StaticString, _ text: String?) {
        guard let text else { return }
        add(words: "\n")
        add(words: label)
        add(indented: text)
    }

    /// Adds a text from outside whose further lines are indented, so that none can pass for a fact of its own.
    mutating func add(indented text: String) {
        let start = bytes.count
        add(text: text)
        guard bytes[start...].contains(Self.lineEnd) else { return }
        let lines = bytes[start...].split(separator: Self.lineEnd, omittingEmptySubsequences: false)
        bytes.replaceSubrange(start..., with: Array(lines.joined(separator: Array("\n  ".utf8))))
    }

    /// Adds a line that counts something.
    mutating func add(fact label: StaticString, _ number: Int?) {
        guard let number else { return }
        add(words: "\n")
        add(words: label)
        add(number: Int64(number))
    }

    /// Adds a line that lists something, unless there is nothing to list.
    mutating func add(fact label: StaticString, list: some Sequence<String>) {
        var isFirst = true
        for item in list {
            add(words: isFirst ? "\n" : ", ")
            if isFirst { add(words: label) }
            add(line: item)
            isFirst = false
        }
    }

    /// Breaks up words that command CI servers; pieces that are harmless alone may make one together.
    mutating func breakDirectives() { _ = PlainText.breakDirectives(in: &bytes) }

    /// Takes the middle or the end out.
    mutating func cut(_ cut: TextCut?) { cut?.apply(to: &bytes) }

    /// Replaces it by the first line of another, cut to so many characters with an ellipsis for the rest.
    mutating func set(firstLineOf other: TextBuffer, atMost count: Int) {
        clear()
        let line = other.bytes[..<(other.bytes.firstIndex(of: Self.lineEnd) ?? other.bytes.endIndex)]
        guard line.count > count else {
            bytes.append(contentsOf: line)
            return
        }
        let text = PlainText.oneLine(String(decoding: line, as: UTF8.self), atMost: count)
        bytes.append(contentsOf: text.utf8)
    }

    /// Shows the text to C, which wants a NUL behind it; there is none inside, as what comes in is clean.
    mutating func withCString(_ body: (UnsafePointer<UInt8>) throws -> Void) rethrows {
        bytes.append(0)
        defer { bytes.removeLast() }
        try bytes.withUnsafeBufferPointer { buffer in
            if let start = buffer.baseAddress { try body(start) }
        }
    }

    private mutating func add(magnitude: UInt64) {
        if magnitude >= 10 { add(magnitude: magnitude / 10) }
        bytes.append(UInt8(ascii: "0") + UInt8(magnitude % 10))
    }

    private mutating func add(_ number: UInt64, width: Int) {
        if width > 1 { add(number / 10, width: width - 1) }
        bytes.append(UInt8(ascii: "0") + UInt8(number % 10))
    }
}

/// The text of the day last asked for: moments of one report lie close together.
private struct DayText {
    private var number: Int64 = -1
    private var text: [UInt8] = []

    /// The date and the second of that day; nothing before 1970, which is not worth the care.
    mutating func date(of moment: Moment) -> (date: [UInt8], second: UInt64)? {
        guard moment.milliseconds >= 0 else { return nil }
        let number = moment.milliseconds / 86_400_000
        if number != self.number {
            self.number = number
            text = Array(moment.forPeople.utf8.prefix { $0 != UInt8(ascii: " ") })
        }
        return (text, UInt64(moment.milliseconds / 1000 % 86_400))
    }
}

/// What is left of a text that is too long: its head, a line that says how much is missing, and its tail.
struct TextCut {
    /// Longest line that says how much is missing, with the line ends around it.
    static let noteLength = 64

    /// Bytes at the start that stay.
    let head: Int
    /// First byte of the end that stays; the text's length where nothing of it does.
    let tail: Int

    /// A cut to at most so many bytes, between whole characters; nothing if the text fits.
    init?(of bytes: [UInt8], to limit: Int) {
        guard bytes.count > limit else { return nil }
        let room = max(limit - Self.noteLength, 0)
        self.init(of: bytes, head: room - room / 4, tail: bytes.count - room / 4)
    }

    /// A cut behind a text's first bytes; nothing if that would save nothing.
    init?(of bytes: [UInt8], behind head: Int) {
        guard bytes.count > head + Self.noteLength else { return nil }
        self.init(of: bytes, head: head, tail: bytes.count)
    }

    private init(of bytes: [UInt8], head: Int, tail: Int) {
        var head = head
        var tail = tail
        while head > 0, bytes[head].isContinuation { head -= 1 }
        while tail < bytes.count, bytes[tail].isContinuation { tail += 1 }
        self.head = head
        self.tail = tail
    }

    /// Cuts the text it was made for.
    func apply(to bytes: inout [UInt8]) {
        let end = tail < bytes.count ? "\n" : ""
        bytes.replaceSubrange(head..<tail, with: "\n[... \(tail - head) bytes left out ...]\(end)".utf8)
    }
}

extension UInt8 {
    /// Whether it is a later byte of a character in UTF-8.
    fileprivate var isContinuation: Bool { self & 0xC0 == 0x80 }
}

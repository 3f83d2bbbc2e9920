import PhasegateHashing

/// Header fields of a message, folded and encoded (RFC 5322, RFC 2047).
enum MailHeader {
    /// A line has at most so many characters; RFC 5322 prefers 78, RFC 2047 asks for 76.
    static let lineLimit = 76

    /// A field of free text.
    ///
    /// Line ends and control characters become blanks, so that a value cannot
    /// begin a field of its own; what is not plain ASCII becomes encoded words.
    static func field(_ name: String, _ text: String) -> String {
        "\(name): " + folded(text, after: name.utf8.count + 2)
    }

    /// A field of mailboxes, one on each line.
    static func field(_ name: String, _ mailboxes: [Mailbox]) -> String {
        let lines = mailboxes.enumerated().map { index, mailbox in
            guard let displayName = mailbox.displayName else { return mailbox.address }
            let indent = index == 0 ? name.utf8.count + 2 : 1
            let shown =
                isPlain(displayName) && displayName.utf8.count <= 40
                ? quoted(displayName) : encodedWords(NoticeText.short(displayName, 100), after: indent)
            return "\(shown)\r\n <\(mailbox.address)>"
        }
        return "\(name): " + lines.joined(separator: ",\r\n ")
    }

    /// Text for a field whose name and colon take so many characters.
    private static func folded(_ text: String, after indent: Int) -> String {
        let line = NoticeText.short(text, 250)
        let words = line.split(separator: " ")
        guard isPlain(line), words.allSatisfy({ $0.utf8.count <= 60 }) else { return encodedWords(line, after: indent) }
        var result = ""
        var column = indent
        for (index, word) in words.enumerated() {
            if index > 0 {
                let fits = column + 1 + word.utf8.count <= lineLimit
                result += fits ? " " : "\r\n "
                column = fits ? column + 1 : 1
            }
            result += word
            column += word.utf8.count
        }
        return result
    }

    /// Printable ASCII that no reader takes for an encoded word.
    private static func isPlain(_ text: String) -> Bool {
        text.utf8.allSatisfy { (0x20..<0x7F).contains($0) } && !text.contains("=?")
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for character in text {
            if character == "\"" || character == "\\" { result += "\\" }
            result.append(character)
        }
        return result + "\""
    }

    /// Encoded words of whole characters, each on its own line, at most 75 characters long.
    private static func encodedWords(_ text: String, after indent: Int) -> String {
        var words: [String] = []
        var word: [UInt8] = []
        // `=?UTF-8?B?` and `?=` take 12 characters; Base64 makes 4 of 3.
        func room() -> Int { (min(75, lineLimit - (words.isEmpty ? indent : 1)) - 12) / 4 * 3 }
        func finish() {
            words.append("=?UTF-8?B?\(base64(word))?=")
            word = []
        }
        for scalar in text.unicodeScalars {
            let bytes = Array(String(scalar).utf8)
            if word.count + bytes.count > room() { finish() }
            word += bytes
        }
        if !word.isEmpty { finish() }
        return words.joined(separator: "\r\n ")
    }
}

/// A script cut into its statements, for looking at, not for running.
struct SQLScript {
    /// The statements without comments, blanks evened out.
    let statements: [String]

    /// Cuts at semicolons outside of quotes, comments and trigger bodies.
    init(_ text: String) {
        var statements: [String] = []
        var words: [String] = []
        for token in Self.tokens(of: text) {
            guard token == ";" else {
                words.append(token)
                continue
            }
            // Its last statement ends before END, which tells that one from the END of a CASE.
            if Self.isTrigger(words), words.suffix(2).map({ $0.uppercased() }) != [";", "END"] {
                words.append(token)
                continue
            }
            if !words.isEmpty { statements.append(words.joined(separator: " ")) }
            words = []
        }
        if !words.isEmpty { statements.append(words.joined(separator: " ")) }
        self.statements = statements
    }

    /// Statements a migration must not contain: the engine owns transactions and settings.
    var forbidden: [String] {
        let words: Set = [
            "BEGIN", "COMMIT", "END", "ROLLBACK", "SAVEPOINT", "RELEASE", "PRAGMA", "VACUUM", "ATTACH", "DETACH",
        ]
        return statements.filter { words.contains($0.prefix { $0.isLetter }.uppercased()) }
    }

    /// The statements in one text; equal for scripts that differ in comments and blanks only.
    var normalized: String { statements.joined(separator: ";\n") }

    private static func isTrigger(_ words: [String]) -> Bool {
        guard words.first?.uppercased() == "CREATE" else { return false }
        return words.prefix(3).contains { $0.uppercased() == "TRIGGER" }
    }

    private static func tokens(of text: String) -> [String] {
        let characters = Array(text)
        var tokens: [String] = []
        var word = ""
        var index = 0
        func character(_ offset: Int) -> Character? {
            characters.indices.contains(index + offset) ? characters[index + offset] : nil
        }
        func finish() {
            if !word.isEmpty { tokens.append(word) }
            word = ""
        }
        while let current = character(0) {
            if current == "-", character(1) == "-" {
                finish()
                while let next = character(0), !next.isNewline { _ = next; index += 1 }
            } else if current == "/", character(1) == "*" {
                finish()
                index += 2
                while character(0) != nil, !(character(0) == "*" && character(1) == "/") { index += 1 }
                index += 2
            } else if "'\"`[".contains(current) {
                let end: Character = current == "[" ? "]" : current
                word.append(current)
                index += 1
                while let next = character(0) {
                    word.append(next)
                    index += 1
                    if next == end { break }
                }
            } else if current.isWhitespace || current == "\u{FEFF}" {
                finish()
                index += 1
            } else if current == ";" {
                finish()
                tokens.append(";")
                index += 1
            } else {
                word.append(current)
                index += 1
            }
        }
        finish()
        return tokens
    }
}

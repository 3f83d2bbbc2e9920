/// Evens out what does not change a definition's meaning: comments, blanks,
/// quotes around plain names, the name after CREATE TABLE.
///
/// SQLite keeps the text of a definition as it was written and quotes the name
/// when a table is renamed, so that a table rebuilt to the same structure would
/// otherwise look changed.
///
/// - Parameter sql: a definition as `sqlite_master` holds it.
/// - Returns: tokens with one blank between them, outside of quotes in lower case.
func normalizedSQL(_ sql: String) -> String {
    var tokens = sqlTokens(sql)
    if tokens.prefix(2) == ["create", "table"], let open = tokens.firstIndex(of: "(") {
        tokens.removeSubrange(0..<open)
    }
    return tokens.joined(separator: " ")
}

private func sqlTokens(_ sql: String) -> [String] {
    let characters = Array(sql)
    var tokens: [String] = []
    var index = 0
    while index < characters.count {
        let character = characters[index]
        if character.isWhitespace {
            index += 1
        } else if character == "-", index + 1 < characters.count, characters[index + 1] == "-" {
            while index < characters.count, !characters[index].isNewline { index += 1 }
        } else if character == "/", index + 1 < characters.count, characters[index + 1] == "*" {
            index += 2
            while index + 1 < characters.count, !(characters[index] == "*" && characters[index + 1] == "/") {
                index += 1
            }
            index += 2
        } else if "'\"`[".contains(character) {
            let end: Character = character == "[" ? "]" : character
            var text = ""
            index += 1
            while index < characters.count {
                if characters[index] == end {
                    guard end != "]", index + 1 < characters.count, characters[index + 1] == end else { break }
                    index += 1
                }
                text.append(characters[index])
                index += 1
            }
            index += 1
            tokens.append(isPlain(text) && character != "'" ? text.lowercased() : "\(character)\(text)\(end)")
        } else if character.isLetter || character.isNumber || character == "_" {
            var word = ""
            while index < characters.count,
                characters[index].isLetter || characters[index].isNumber || "_.".contains(characters[index])
            {
                word.append(characters[index])
                index += 1
            }
            tokens.append(word.lowercased())
        } else {
            tokens.append(String(character))
            index += 1
        }
    }
    return tokens
}

private func isPlain(_ name: String) -> Bool {
    guard let first = name.first, first.isLetter || first == "_" else { return false }
    return name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
}

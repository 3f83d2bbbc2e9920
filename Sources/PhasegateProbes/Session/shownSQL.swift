import PhasegateCore

/// Words of several lines in one, as a server or a program says them.
public func oneLine(_ words: String) -> String {
    words.split(whereSeparator: \.isNewline).map { $0.trimmingBlanks() }.filter { !$0.isEmpty }.joined(separator: "; ")
}

/// The beginning of a statement as an error may show it: on one line, texts in quotes left out.
///
/// A migration may hold a password, and errors go into the ledger and to people.
///
/// - Parameters:
///   - sql: the statement.
///   - dialect: how it is written.
/// - Returns: at most 200 characters.
public func shownSQL(_ sql: String, _ dialect: SQLDialect) -> String {
    let text = SQLText(String(sql.prefix(2000)), dialect)
    var shown = ""
    for piece in text.pieces {
        let content = text.text(of: piece)
        switch piece.kind {
        case .comment: shown += " "
        case .quoted:
            let isText =
                content.hasPrefix("'") || content.hasPrefix("$") || (dialect == .mariadb && content.hasPrefix("\""))
            shown += isText ? "'…'" : content
        case .code, .parameter, .semicolon: shown += content
        }
    }
    return String(shown.split(whereSeparator: \.isWhitespace).joined(separator: " ").prefix(200))
}

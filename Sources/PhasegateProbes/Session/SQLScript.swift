import PhasegateCore

/// A script cut into its statements.
public struct SQLScript: Sendable {
    /// One statement.
    public struct Statement: Hashable, Sendable {
        /// As it stands in the script, without the semicolon.
        public let text: String
        /// Without comments, blanks evened out.
        public let normalized: String
        /// Line of its first word, from 1.
        public let line: Int
    }

    /// The statements, in order.
    public let statements: [Statement]
    /// Whether the statements are run one by one, and not in one transaction: in MariaDB always, because changes of the
    /// schema commit by themselves there; in PostgreSQL where the script says so in its `directive`.
    public let isStatementwise: Bool
    private let dialect: SQLDialect

    /// A line of a script by which it asks for that.
    public static let directive = "-- transaction: none"

    /// Cuts at semicolons outside of quotes, comments and the bodies of triggers and functions.
    public init(_ script: String, _ dialect: SQLDialect) {
        self.dialect = dialect
        let lines = script.split(whereSeparator: \.isNewline)
        isStatementwise =
            dialect == .mariadb || (dialect == .postgresql && lines.contains { $0.trimmingBlanks() == Self.directive })
        let text = SQLText(script, dialect)
        var statements: [Statement] = []
        var words: [String] = []
        // Words outside of quotes, which tell where a body begins and ends.
        var keywords: [String] = []
        var word = ""
        var source = ""
        var line = 1
        var firstLine: Int?
        func finishWord() {
            if !word.isEmpty { words.append(word) }
            word = ""
        }
        func finishStatement() {
            finishWord()
            if !words.isEmpty {
                let normalized = words.joined(separator: " ")
                let text = String(source.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
                statements.append(Statement(text: text, normalized: normalized, line: firstLine ?? line))
            }
            words = []
            keywords = []
            source = ""
            firstLine = nil
        }
        for piece in text.pieces {
            let content = text.text(of: piece)
            switch piece.kind {
            case .semicolon:
                finishWord()
                if Self.isOpen(keywords, dialect) {
                    words.append(";")
                    keywords.append(";")
                } else {
                    finishStatement()
                }
            case .comment: finishWord()
            case .quoted, .parameter:
                firstLine = firstLine ?? line
                word += content
            case .code:
                keywords += content.uppercased().split { !$0.isLetter && !$0.isNumber && $0 != "_" }.map(String.init)
                for character in content {
                    if character.isNewline { line += 1 }
                    if character.isWhitespace || character == "\u{FEFF}" {
                        finishWord()
                    } else {
                        firstLine = firstLine ?? line
                        word.append(character)
                    }
                }
            }
            if piece.kind != .code { line += content.filter(\.isNewline).count }
            if firstLine != nil || !words.isEmpty || !word.isEmpty { source += content }
        }
        finishStatement()
        self.statements = statements
    }

    /// The statements in one text; equal for scripts that differ in comments and blanks only.
    public var normalized: String { statements.map(\.normalized).joined(separator: ";\n") }

    /// Statements a migration must not contain: phasegate owns transactions and settings.
    public var forbidden: [Statement] {
        statements.filter { statement in
            let upper = statement.normalized.uppercased()
            let words = upper.split(separator: " ", maxSplits: 4).map(String.init)
            let first = words.first.map { String($0.prefix { $0.isLetter }) } ?? ""
            let second = words.dropFirst().first ?? ""
            if ["BEGIN", "COMMIT", "END", "ROLLBACK", "SAVEPOINT", "RELEASE", "VACUUM"].contains(first) { return true }
            // Who goes on with a script that was cut off has another session.
            if isStatementwise, ["SET", "RESET"].contains(first) || second == "TEMPORARY" || second == "TEMP" {
                return true
            }
            switch dialect {
            case .sqlite: return ["PRAGMA", "ATTACH", "DETACH"].contains(first)
            case .postgresql:
                return ["START", "ABORT", "PREPARE", "DEALLOCATE", "DISCARD"].contains(first)
                    || ["DATABASE", "TABLESPACE", "SYSTEM"].contains(second)
                    || (words.contains("CONCURRENTLY") && !(isStatementwise && Self.concurrent(statement) != nil))
            case .mariadb: return Self.isForbiddenInMariaDB(upper, first, second)
            }
        }
    }

    /// What could be there in part after a crash, what no schema shows, and what lives in a session.
    private static func isForbiddenInMariaDB(_ upper: String, _ first: String, _ second: String) -> Bool {
        let words: Set = [
            "START", "XA", "LOCK", "UNLOCK", "USE", "BACKUP", "CALL", "EXECUTE", "PREPARE", "DEALLOCATE", "LOAD",
            "GRANT",
            "REVOKE", "HANDLER", "FLUSH", "KILL", "INSTALL", "UNINSTALL",
        ]
        let objects: Set = ["DATABASE", "SCHEMA", "USER", "ROLE", "EVENT", "SERVER"]
        let pieces = ["/*!", "/*M!", "EXCHANGE PARTITION", ":=", "INTO @", "CREATE OR REPLACE TABLE"]
        return words.contains(first) || objects.contains(second) || pieces.contains(where: upper.contains)
            || (["DROP", "RENAME"].contains(first) && upper.contains(","))
    }

    /// The index that a statement builds or drops beside the traffic (PostgreSQL).
    ///
    /// - Parameter statement: any statement.
    /// - Returns: its name and, where it is built, its table, as they stand there; nothing for other statements, and
    ///   for an index without a name.
    public static func concurrent(_ statement: Statement) -> (name: String, table: String?)? {
        var words = statement.normalized.split(separator: " ").map(String.init)[...]
        let first = words.popFirst()?.uppercased()
        guard first == "CREATE" || first == "DROP" else { return nil }
        if first == "CREATE", words.first?.uppercased() == "UNIQUE" { words.removeFirst() }
        guard words.popFirst()?.uppercased() == "INDEX", words.popFirst()?.uppercased() == "CONCURRENTLY" else {
            return nil
        }
        if words.first?.uppercased() == "IF" {
            words = words.drop { ["IF", "NOT", "EXISTS"].contains($0.uppercased()) }
        }
        let rest = words.joined(separator: " ")
        let name = leadingName(of: rest)
        guard !name.isEmpty, name.uppercased() != "ON", !rest.dropFirst(name.count).hasPrefix(",") else { return nil }
        guard first == "CREATE" else { return (name, nil) }
        var after = rest.dropFirst(name.count).drop { $0 == " " }
        for word in ["ON ", "ONLY "] where after.uppercased().hasPrefix(word) { after = after.dropFirst(word.count) }
        let table = leadingName(of: String(after))
        return table.isEmpty ? nil : (name, table)
    }

    /// A name at the beginning of a text; one in quotes may have blanks.
    private static func leadingName(of text: String) -> String {
        var isQuoted = false
        return String(
            text.prefix { character in
                if character == "\"" { isQuoted.toggle() }
                return isQuoted || !" ,(".contains(character)
            }
        )
    }

    /// Whether a semicolon after these words ends a statement inside a body only.
    private static func isOpen(_ upper: [String], _ dialect: SQLDialect) -> Bool {
        guard upper.first == "CREATE" else { return false }
        let (kinds, modifiers): (Set<String>, Set<String>) =
            switch dialect {
            case .sqlite: (["TRIGGER"], ["TEMP", "TEMPORARY"])
            case .postgresql: (["FUNCTION", "PROCEDURE"], ["OR", "REPLACE"])
            case .mariadb:
                (["TRIGGER", "PROCEDURE", "FUNCTION", "EVENT", "PACKAGE"], ["OR", "REPLACE", "AGGREGATE", "DEFINER"])
            }
        // The kind comes before the object's own name; only a definer stands between, whose name may be anything.
        let start = upper.dropFirst().drop { modifiers.contains($0) }
        let candidates = upper.contains("DEFINER") ? start.prefix(4) : start.prefix(1)
        guard let kind = candidates.firstIndex(where: kinds.contains),
            let begin = upper[kind...].firstIndex(of: "BEGIN"),
            dialect != .postgresql || upper.dropFirst(begin + 1).first == "ATOMIC"
        else { return false }
        var depth = 0
        for index in begin..<upper.count {
            switch upper[index] {
            case "BEGIN": depth += 1
            case "CASE": depth += upper[index - 1] == "END" ? 0 : 1
            case "END":
                let next = index + 1 < upper.count ? upper[index + 1] : ""
                if !["IF", "LOOP", "WHILE", "REPEAT", "FOR"].contains(next) { depth -= 1 }
            default: break
            }
        }
        return depth > 0
    }
}

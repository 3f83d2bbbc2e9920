import PhasegateProbes

/// What a statement of a migration does to the names of a schema.
enum SchemaEffect: Hashable {
    /// A table, view or column with its type, index or constraint comes into being.
    case creates(SchemaObject, type: String?)
    /// It goes away.
    case drops(SchemaObject)
    /// It has to be there, or is silently passed over where the statement says `IF EXISTS`.
    case needs(SchemaObject)
    /// A foreign key from one table to another.
    case refers(from: String, to: String)
}

/// A named part of a schema; names are folded to lower case, as they are without quotes.
struct SchemaObject: Hashable, CustomStringConvertible {
    enum Kind: String, Hashable {
        case table
        case column
        case index
        case constraint
    }

    let kind: Kind
    /// As `orders`, `orders.price`, `idx_orders`.
    let name: String

    static func table(_ name: String) -> SchemaObject { SchemaObject(kind: .table, name: name) }
    static func column(_ table: String, _ name: String) -> SchemaObject {
        SchemaObject(kind: .column, name: "\(table).\(name)")
    }
    static func index(_ name: String) -> SchemaObject { SchemaObject(kind: .index, name: name) }

    /// The table of a column.
    var table: String? { kind == .column ? name.split(separator: ".").first.map(String.init) : nil }
    /// A column's own name.
    var ownName: String { name.split(separator: ".").last.map(String.init) ?? name }

    var description: String { "\(kind.rawValue) \(name)" }
}

/// Reads what statements do to names; what it does not know has no effect.
///
/// Not a parser of SQL: it follows the few forms in which migrations create,
/// alter and drop things, and looks for tables behind FROM, JOIN, INTO, UPDATE
/// and REFERENCES.
struct SchemaEffects {
    private var tokens: [String]
    private var position = 0
    private var found: [SchemaEffect] = []

    /// The effects of a statement, in order.
    static func of(_ statement: SQLScript.Statement) -> [SchemaEffect] {
        var reader = SchemaEffects(tokens: Self.tokens(of: statement.normalized))
        reader.read()
        return reader.found
    }

    private init(tokens: [String]) { self.tokens = tokens }

    private static func tokens(of text: String) -> [String] {
        var tokens: [String] = []
        var word = ""
        var quote: Character?
        func isEnd(_ character: Character) -> Bool { character == quote }
        for character in text {
            if quote != nil {
                if isEnd(character) {
                    // A text in single quotes names nothing.
                    if character == "'" { word = "'" }
                    tokens.append(word)
                    word = ""
                    quote = nil
                } else {
                    word.append(character)
                }
            } else if "\"`'".contains(character) {
                if !word.isEmpty { tokens.append(word.lowercased()) }
                word = ""
                quote = character
            } else if character == " " || "(),;=<>.".contains(character) {
                if !word.isEmpty { tokens.append(word.lowercased()) }
                word = ""
                if character != " " { tokens.append(String(character)) }
            } else {
                word.append(character)
            }
        }
        if !word.isEmpty { tokens.append(word.lowercased()) }
        return tokens
    }

    // MARK: Moving along

    private var current: String? { position < tokens.count ? tokens[position] : nil }

    private mutating func take(_ words: String...) -> Bool {
        guard tokens[min(position, tokens.count)...].starts(with: words) else { return false }
        position += words.count
        return true
    }

    private mutating func skip(_ words: Set<String>) {
        while let word = current, words.contains(word) { position += 1 }
    }

    /// A name, the schema before it left out.
    private mutating func name() -> String? {
        guard var name = current, !"(),;=<>.'".contains(name) else { return nil }
        position += 1
        while take(".") {
            guard let next = current else { break }
            name = next
            position += 1
        }
        return name
    }

    /// What stands up to the next comma or bracket at this depth, as one text.
    private mutating func type() -> String {
        var words: [String] = []
        var depth = 0
        let ends: Set = [
            "not", "null", "default", "primary", "unique", "check", "references", "generated", "collate", "constraint",
            "auto_increment", "after", "first", "using",
        ]
        while let word = current {
            if depth == 0, word == "," || word == ")" || ends.contains(word) { break }
            depth += word == "(" ? 1 : word == ")" ? -1 : 0
            words.append(word)
            position += 1
        }
        return words.joined(separator: " ")
    }

    private mutating func skipItem() {
        var depth = 0
        while let word = current {
            if depth == 0, word == "," || word == ")" { return }
            depth += word == "(" ? 1 : word == ")" ? -1 : 0
            position += 1
        }
    }

    // MARK: Statements

    private mutating func read() {
        switch current {
        case "create": create()
        case "drop": drop()
        case "alter": alter()
        default: readTables()
        }
    }

    private mutating func create() {
        position += 1
        skip(["or", "replace", "temp", "temporary", "unlogged", "unique", "materialized"])
        if take("table") {
            skip(["if", "not", "exists"])
            guard let table = name() else { return }
            found.append(.creates(.table(table), type: nil))
            guard take("(") else { return readTables() }
            repeat { tableItem(of: table) } while take(",")
        } else if take("index") {
            skip(["concurrently", "if", "not", "exists"])
            guard let index = name(), index != "on" else { return }
            skip(["on", "only"])
            guard let table = name() else { return }
            found += [.needs(.table(table)), .creates(.index(index), type: nil)]
            if take("using") { position += 1 }
            guard take("(") else { return }
            repeat {
                if let column = current, column.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" }),
                    position + 1 < tokens.count, tokens[position + 1] != "("
                {
                    found.append(.needs(.column(table, column)))
                }
                skipItem()
            } while take(",")
        } else if take("view") {
            skip(["if", "not", "exists"])
            guard let view = name() else { return }
            found.append(.creates(.table(view), type: nil))
            readTables()
        }
    }

    private mutating func tableItem(of table: String) {
        let begin = position
        let words: Set = ["primary", "unique", "check", "exclude", "like", "key", "index", "foreign", "constraint"]
        if let word = current, !words.contains(word), let column = name() {
            found.append(.creates(.column(table, column), type: type()))
        }
        position = min(position, tokens.count)
        let start = position
        skipItem()
        references(of: table, in: start..<position)
        if begin == position { position += 1 }
    }

    private mutating func references(of table: String, in range: Range<Int>) {
        let end = position
        for place in range where tokens[place] == "references" {
            position = place + 1
            if let parent = name() { found += [.needs(.table(parent)), .refers(from: table, to: parent)] }
        }
        position = end
    }

    private mutating func drop() {
        position += 1
        skip(["materialized"])
        let kind: SchemaObject.Kind
        if take("table") || take("view") {
            kind = .table
        } else if take("index") {
            kind = .index
        } else {
            return
        }
        skip(["concurrently", "if", "exists"])
        repeat {
            guard let name = name() else { return }
            found.append(.drops(SchemaObject(kind: kind, name: name)))
        } while take(",")
    }

    private mutating func alter() {
        position += 1
        skip(["online", "ignore"])
        guard take("table") else { return }
        skip(["if", "exists", "only"])
        guard let table = name() else { return }
        found.append(.needs(.table(table)))
        repeat { alteration(of: table) } while take(",")
    }

    private mutating func alteration(of table: String) {
        let start = position
        if take("add") {
            _ = take("column")
            skip(["if", "not", "exists"])
            if take("constraint") {
                if let name = name() {
                    found.append(.creates(SchemaObject(kind: .constraint, name: "\(table).\(name)"), type: nil))
                }
            } else if take("index") || take("key") || take("unique", "index") || take("unique", "key") {
                skip(["if", "not", "exists"])
                if let index = name() { found.append(.creates(.index(index), type: nil)) }
            } else if let word = current,
                !["primary", "unique", "foreign", "check", "exclude", "fulltext", "spatial", "partition"].contains(
                    word
                ),
                let column = name()
            {
                found.append(.creates(.column(table, column), type: type()))
            }
        } else if take("drop") {
            if take("constraint") || take("foreign", "key") {
                skip(["if", "exists"])
                if let name = name() {
                    found.append(.drops(SchemaObject(kind: .constraint, name: "\(table).\(name)")))
                }
            } else if take("index") || take("key") {
                skip(["if", "exists"])
                if let index = name() { found.append(.drops(.index(index))) }
            } else if current != "primary" {
                _ = take("column")
                skip(["if", "exists"])
                if let column = name() { found.append(.drops(.column(table, column))) }
            }
        } else if take("rename", "to") || take("rename", "as") {
            if let name = name() { found += [.drops(.table(table)), .creates(.table(name), type: nil)] }
        } else if take("rename") {
            _ = take("column")
            if let old = name(), take("to"), let new = name() {
                found += [
                    .needs(.column(table, old)), .drops(.column(table, old)), .creates(.column(table, new), type: nil),
                ]
            }
        } else if take("alter") || take("modify") {
            _ = take("column")
            skip(["if", "exists"])
            if let column = name() { found.append(.needs(.column(table, column))) }
        }
        let middle = position
        skipItem()
        references(of: table, in: max(start, min(middle, start))..<position)
        if start == position { position += 1 }
    }

    /// Tables that a statement reads or writes.
    private mutating func readTables() {
        while let word = current {
            position += 1
            guard ["from", "join", "into", "update"].contains(word) else { continue }
            skip(["only", "if", "exists"])
            if let table = name(), table != "select", table != "set" { found.append(.needs(.table(table))) }
        }
    }
}

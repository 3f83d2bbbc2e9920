/// How an engine writes SQL.
public enum SQLDialect: String, Hashable, Sendable, CaseIterable {
    case sqlite
    case postgresql
    case mariadb

    /// The character around names that are not plain.
    var quote: Unicode.Scalar { self == .mariadb ? "`" : "\"" }

    /// Quotes a name for use in SQL, whatever is in it.
    ///
    /// - Parameter name: a column's, index's or database's name.
    /// - Returns: the name in quotes, quotes inside doubled.
    public func quoted(_ name: String) -> String {
        // By scalars: with a mark on it a quote is another character to Swift, and the same to a server.
        let doubled = name.unicodeScalars.flatMap { $0 == quote ? [$0, $0] : [$0] }
        return String(String.UnicodeScalarView([quote] + doubled + [quote]))
    }

    /// Quotes the name of a table.
    ///
    /// In PostgreSQL and MariaDB it may stand in another schema or database,
    /// as `archive.trades`; a dot that belongs to a name is kept by quoting
    /// that name, as the engine itself would have it. SQLite's names are names.
    ///
    /// - Parameter table: as `DatabaseSchema` and rollout files name it.
    /// - Returns: the name, each part in quotes.
    public func quoted(table: String) -> String {
        guard self != .sqlite else { return quoted(table) }
        return parts(of: table).map { quoted($0) }.joined(separator: ".")
    }

    /// How a table is named in schemas and rollout files: with the schema where it is not the usual one.
    ///
    /// - Parameters:
    ///   - table: its own name.
    ///   - schema: where it is; nothing for the usual one.
    /// - Returns: what `quoted(table:)` takes.
    public func name(of table: String, in schema: String?) -> String {
        guard self != .sqlite else { return table }
        return [schema, table].compactMap(\.self).map { part in
            part.unicodeScalars.contains { $0 == "." || $0 == quote } ? quoted(part) : part
        }.joined(separator: ".")
    }

    /// The schema, if one is named, and the table.
    public func parts(of table: String) -> [String] {
        var parts: [String] = []
        var part = String.UnicodeScalarView()
        var isQuoted = false
        var rest = Array(table.unicodeScalars)[...]
        while let character = rest.popFirst() {
            if character == quote, isQuoted, rest.first == quote {
                part.append(rest.removeFirst())
            } else if character == quote, isQuoted || part.isEmpty, isQuoted || rest.contains(quote) {
                isQuoted.toggle()
            } else if character == ".", !isQuoted, parts.isEmpty {
                parts.append(String(part))
                part = String.UnicodeScalarView()
            } else {
                part.append(character)
            }
        }
        return parts + [String(part)]
    }
}

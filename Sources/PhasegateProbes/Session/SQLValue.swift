/// A value as a database holds it; nothing is converted on the way.
public enum SQLValue: Hashable, Codable, Sendable {
    case null
    case integer(Int64)
    case real(Double)
    /// An exact decimal as the engine writes it; binary floating point would change it.
    case decimal(String)
    case text(String)
    case blob([UInt8])

    /// The value as people write it in SQL.
    public var literal: String {
        switch self {
        case .null: "NULL"
        case .integer(let number): String(number)
        case .real(let number): "\(number)"
        case .decimal(let digits): digits
        case .text(let text):
            "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
        case .blob(let bytes): "x'" + bytes.prefix(32).map { String($0, radix: 16) }.joined() + "'"
        }
    }

    /// The whole number.
    public var integer: Int64? {
        if case .integer(let number) = self { number } else { nil }
    }

    /// The number, rounded where it is exact beyond what floating point holds.
    public var number: Double? {
        switch self {
        case .integer(let number): Double(number)
        case .real(let number): number
        case .decimal(let digits): Double(digits)
        case .null, .text, .blob: nil
        }
    }

    /// The text.
    public var text: String? {
        if case .text(let text) = self { text } else { nil }
    }
}

/// A statement with its parameters.
public struct SQLQuery: Hashable, Sendable {
    /// The SQL, with parameters as `:name`.
    public let sql: String
    /// Values by name, without the colon.
    public let parameters: [String: SQLValue]
    /// Whether nothing in it is a parameter, however it looks.
    public let isLiteral: Bool

    /// Puts a query together.
    public init(_ sql: String, _ parameters: [String: SQLValue] = [:]) {
        self.sql = sql
        self.parameters = parameters
        isLiteral = false
    }

    /// A statement without parameters, taken as it is.
    public init(literal sql: String) {
        self.sql = sql
        parameters = [:]
        isLiteral = true
    }

    /// The SQL followed by the values it ran with; for reports, never for running.
    public var resolved: String {
        let used = parameters.filter { sql.contains(":" + $0.key) }
        guard !used.isEmpty else { return sql }
        let values = used.sorted { $0.key < $1.key }.map { ":\($0.key) = \($0.value.literal)" }
        return sql + " -- " + values.joined(separator: ", ")
    }
}

/// One row of a result.
public struct SQLRow: Hashable, Sendable {
    /// Names of the columns.
    public let columns: [String]
    /// Values, one per column.
    public let values: [SQLValue]

    /// Puts a row together.
    public init(columns: [String], values: [SQLValue]) {
        self.columns = columns
        self.values = values
    }

    /// The value of a column.
    public subscript(column: String) -> SQLValue? {
        columns.firstIndex(of: column).map { values[$0] }
    }
}

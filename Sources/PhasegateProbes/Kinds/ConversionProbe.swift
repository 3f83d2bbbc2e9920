public import PhasegateCore

/// Values that would not survive another type of their column.
public struct ConversionProbe: ProbeKind {
    /// `conversion`.
    public static let name: ProbeName = "conversion"
    /// What it measures.
    public static let summary = "How many values of a column another type would change, there and back."
    /// Its keys.
    public static let settings: [Shape.Key] = [
        .target,
        Shape.Key("table", .text, required: true, "The table that has the column."),
        Shape.Key("column", .text, required: true, "The column whose type is to change."),
        Shape.Key("to", .text, required: true, "The type it is to have, in the engine's own words."),
    ]

    private let target: TargetName
    private let table: String
    private let column: String
    private let type: String

    /// Reads the settings.
    public init(_ settings: Setting) throws(Diagnostic) {
        target = settings.target
        table = settings["table"]?.text ?? ""
        column = settings["column"]?.text ?? ""
        type = settings["to"]?.text ?? ""
        // It becomes a part of a statement.
        let isWord = type.unicodeScalars.allSatisfy {
            $0.properties.isAlphabetic || "0123456789_ ,()".unicodeScalars.contains($0)
        }
        guard isWord, type.first?.isLetter == true else {
            throw Diagnostic(
                rule: "bad-type",
                "'\(type)' is no type",
                hint: "write it as 'DOUBLE PRECISION' or 'NUMERIC(12, 2)'"
            )
        }
    }

    /// A number of values.
    public var output: ProbeOutput { .number(.count, 0...1e15) }

    /// Converts every value and back where it lies, and counts those that come back as another.
    public func measure(in context: ProbeContext) async throws(ProbeError) -> Measurement {
        let found = try await context.schema(of: target).table(table)?.columns.first { $0.name == column }
        guard let found else { throw ProbeError(.failed, "there is no column '\(table).\(column)'") }
        let dialect = try await context.session(on: target).dialect
        let name = dialect.quoted(column)
        let there = "CAST(\(name) AS \(dialect.castable(type)))"
        let back = "CAST(\(there) AS \(dialect.wide(found.type)))"
        let isChanged =
            switch dialect {
            case .sqlite: "\(back) IS NOT \(name)"
            case .postgresql: "\(back) IS DISTINCT FROM \(name)"
            case .mariadb: "NOT (\(back) <=> \(name))"
            }
        let sql =
            "SELECT coalesce(sum(CASE WHEN \(isChanged) THEN 1 ELSE 0 END), 0), count(\(name)) "
            + "FROM \(dialect.quoted(table: table))"
        let row = try await context.rows(SQLQuery(literal: sql), on: target).first
        guard let changed = row?.values[0].number, let count = row?.values[1].integer,
            let quantity = Quantity(real: changed, .none)
        else { throw ProbeError(.failed, "'\(table).\(column)' could not be counted") }
        guard count > 0 else { throw ProbeError(.noData, "'\(table).\(column)' has no values") }
        return Measurement(
            quantity,
            samples: Int(count),
            resolvedQuery: sql,
            notes: ["\(shortDecimal(changed)) of \(count) values of type \(found.type) would not survive \(type)"]
        )
    }
}

extension SQLDialect {
    /// A type as CAST takes it: MariaDB converts to fewer types than its columns have.
    func castable(_ type: String) -> String {
        guard self == .mariadb else { return type }
        let upper = type.uppercased()
        let word = String(upper.prefix { $0.isLetter })
        let arguments = upper.drop { $0 != "(" }.prefix { $0 != ")" }
        let length = arguments.isEmpty ? "" : arguments + ")"
        return switch word {
        case "TINYINT", "SMALLINT", "MEDIUMINT", "INT", "INTEGER", "BIGINT":
            upper.contains("UNSIGNED") ? "UNSIGNED" : "SIGNED"
        case "VARCHAR", "CHAR", "TINYTEXT", "TEXT", "MEDIUMTEXT", "LONGTEXT", "ENUM", "SET":
            ["VARCHAR", "CHAR"].contains(word) ? "CHAR\(length)" : "CHAR"
        case "TIMESTAMP": "DATETIME\(length)"
        case "NUMERIC": "DECIMAL\(length)"
        default: upper
        }
    }

    /// The type that values come back to: of the same scale and with room to spare, since what was rounded up must not
    /// be cut down again, or refused, on its way back.
    func wide(_ type: String) -> String {
        let upper = type.uppercased()
        let word = String(upper.prefix { $0.isLetter })
        let numbers = upper.split { !$0.isNumber }.compactMap { Int($0) }
        switch (self, word) {
        case (.sqlite, _): return type
        case (_, "NUMERIC"), (_, "DECIMAL"):
            // Without a scale PostgreSQL keeps every digit.
            return numbers.isEmpty ? castable(type) : "DECIMAL(60, \(numbers.count > 1 ? numbers[1] : 0))"
        case (_, "SMALLINT"), (_, "INT"), (_, "INTEGER"), (_, "BIGINT"), (_, "TINYINT"), (_, "MEDIUMINT"):
            return "DECIMAL(60, 0)"
        default: return castable(type)
        }
    }
}

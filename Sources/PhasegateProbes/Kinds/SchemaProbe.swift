public import PhasegateCore

/// Structure of a database against an expectation, which may differ from phase to phase.
public struct SchemaProbe: ProbeKind {
    /// `schema`.
    public static let name: ProbeName = "schema"
    /// What it measures.
    public static let summary =
        "Whether tables, columns, indexes and foreign keys are as expected, or absent as expected."
    /// Its keys.
    public static let settings: [Shape.Key] = [
        .target,
        Shape.Key(
            "tables",
            .named(
                .map([
                    Shape.Key(
                        "columns",
                        .named(.text),
                        "Column → type, followed by `not null`, `null` or `key` as needed."
                    ),
                    Shape.Key("indexes", .named(.list(.text, orOne: true)), "Index → its columns in order."),
                    Shape.Key(
                        "unique",
                        .list(.list(.text, orOne: true), orOne: false),
                        "Column lists that are unique."
                    ),
                    Shape.Key(
                        "foreign-keys",
                        .list(.text, orOne: true),
                        "As `user_id -> users`, optionally followed by `on delete ACTION`."
                    ),
                    Shape.Key("exact", .truth, "Whether columns that are not listed are a difference."),
                ])
            ),
            "What each table must have."
        ),
        Shape.Key("absent", .list(.text, orOne: true), "Tables, `table.column`s and indexes that must not be there."),
    ]

    private let target: TargetName
    private let tables: [String: Setting]
    private let absent: [String]

    /// Reads the settings.
    public init(_ settings: Setting) throws(Diagnostic) {
        target = settings.target
        tables = settings["tables"]?.members ?? [:]
        absent = settings.texts("absent")
        guard !tables.isEmpty || !absent.isEmpty else {
            throw Diagnostic(
                rule: "missing-key",
                "the schema probe expects nothing",
                hint: "name 'tables' or 'absent'"
            )
        }
    }

    /// `matches` or `differs`.
    public var output: ProbeOutput { .words(["matches", "differs"]) }

    /// Compares; differences become notes.
    public func measure(in context: ProbeContext) async throws(ProbeError) -> Measurement {
        let schema = try await context.schema(of: target)
        let differences = differences(in: schema)
        return Measurement(
            Quantity(word: differences.isEmpty ? "matches" : "differs"),
            samples: tables.count + absent.count,
            resolvedQuery: "schema of '\(target)'",
            notes: Array(differences.prefix(20))
        )
    }

    func differences(in schema: DatabaseSchema) -> [String] {
        var found: [String] = []
        for (name, expected) in tables.sorted(by: { $0.key < $1.key }) {
            guard let table = schema.table(name) else {
                found.append("table '\(name)' is missing")
                continue
            }
            found += columnDifferences(of: table, expected)
            found += indexDifferences(of: table, expected)
            found += foreignKeyDifferences(of: table, expected)
        }
        return found + absent.filter { isPresent($0, in: schema) }.map { "'\($0)' is there and should not be" }
    }

    private func columnDifferences(of table: DatabaseSchema.Table, _ expected: Setting) -> [String] {
        let columns = expected["columns"]?.members ?? [:]
        var found: [String] = []
        for (name, wanted) in columns.sorted(by: { $0.key < $1.key }) {
            guard let column = table.columns.first(where: { $0.name == name }) else {
                found.append("column '\(table.name).\(name)' is missing")
                continue
            }
            let words = (wanted.text ?? "").lowercased()
            let type = Self.type(in: words)
            if column.type != type {
                found.append("column '\(table.name).\(name)' is \(column.type), expected \(type)")
            }
            if words.hasSuffix("not null"), !column.isRequired {
                found.append("column '\(table.name).\(name)' takes NULL")
            } else if words.hasSuffix(" null"), !words.hasSuffix("not null"), column.isRequired {
                found.append("column '\(table.name).\(name)' refuses NULL")
            }
            if words.hasSuffix(" key"), column.keyPosition == 0 {
                found.append("column '\(table.name).\(name)' is not in the primary key")
            }
        }
        if expected["exact"]?.truth == true {
            for column in table.columns where columns[column.name] == nil {
                found.append("column '\(table.name).\(column.name)' is not expected")
            }
        }
        return found
    }

    /// What is left of `timestamp with time zone not null` without the words about NULL and the key.
    private static func type(in words: String) -> String {
        var words = words.split(separator: " ").map { $0.uppercased() }
        while let last = words.last, words.count > 1, ["KEY", "PRIMARY", "NULL", "NOT"].contains(last) {
            words.removeLast()
        }
        return words.joined(separator: " ")
    }

    private func indexDifferences(of table: DatabaseSchema.Table, _ expected: Setting) -> [String] {
        var found: [String] = []
        for (name, columns) in (expected["indexes"]?.members ?? [:]).sorted(by: { $0.key < $1.key }) {
            let wanted = columns.list.compactMap(\.text)
            guard let index = table.indexes.first(where: { $0.name == name }) else {
                found.append("index '\(name)' is missing")
                continue
            }
            if index.columns != wanted {
                found.append("index '\(name)' is on (\(index.columns.joined(separator: ", ")))")
            }
        }
        for columns in expected["unique"]?.list ?? [] {
            let wanted = columns.list.compactMap(\.text)
            if !table.indexes.contains(where: { $0.isUnique && $0.columns == wanted }) {
                found.append("table '\(table.name)' is not unique on (\(wanted.joined(separator: ", ")))")
            }
        }
        return found
    }

    private func foreignKeyDifferences(of table: DatabaseSchema.Table, _ expected: Setting) -> [String] {
        expected.texts("foreign-keys").compactMap { wanted in
            let sides = wanted.split(separator: " -> ").map(String.init)
            let words = sides.last?.split(separator: " ").map(String.init) ?? []
            let action = words.count > 3 ? words[3...].joined(separator: " ").uppercased() : nil
            let isThere = table.foreignKeys.contains { key in
                key.columns == [sides.first ?? ""] && key.parent == words.first
                    && (action == nil || key.onDelete == action)
            }
            return isThere ? nil : "foreign key '\(table.name): \(wanted)' is missing"
        }
    }

    private func isPresent(_ name: String, in schema: DatabaseSchema) -> Bool {
        let parts = name.split(separator: ".", maxSplits: 1).map(String.init)
        if parts.count == 2 {
            return schema.table(parts[0])?.columns.contains { $0.name == parts[1] } ?? false
        }
        return schema.table(name) != nil || schema.tables.contains { $0.indexes.contains { $0.name == name } }
    }
}

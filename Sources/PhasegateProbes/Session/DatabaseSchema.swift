/// The structure of a database, engine-neutral and comparable.
public struct DatabaseSchema: Hashable, Codable, Sendable {
    /// A column of a table.
    public struct Column: Hashable, Codable, Sendable {
        /// Its name.
        public let name: String
        /// Declared type, upper case.
        public let type: String
        /// Whether NULL is refused.
        public let isRequired: Bool
        /// Default as SQL, if any.
        public let defaultValue: String?
        /// Place in the primary key, from 1; 0 when it is not part of it.
        public let keyPosition: Int

        /// Puts a column together.
        public init(name: String, type: String, isRequired: Bool, defaultValue: String?, keyPosition: Int) {
            self.name = name
            self.type = type
            self.isRequired = isRequired
            self.defaultValue = defaultValue
            self.keyPosition = keyPosition
        }
    }

    /// An index of a table.
    public struct Index: Hashable, Codable, Sendable {
        /// Its name.
        public let name: String
        /// Its columns in order; `<expression>` where it is not a column.
        public let columns: [String]
        /// Whether it refuses duplicates.
        public let isUnique: Bool

        /// Puts an index together.
        public init(name: String, columns: [String], isUnique: Bool) {
            self.name = name
            self.columns = columns
            self.isUnique = isUnique
        }
    }

    /// A foreign key of a table.
    public struct ForeignKey: Hashable, Codable, Sendable {
        /// Columns that refer.
        public let columns: [String]
        /// The table referred to.
        public let parent: String
        /// Columns referred to; empty for the primary key.
        public let parentColumns: [String]
        /// What happens on deletion, as `NO ACTION` or `RESTRICT`.
        public let onDelete: String
        /// What happens on update.
        public let onUpdate: String

        /// Puts a foreign key together.
        public init(columns: [String], parent: String, parentColumns: [String], onDelete: String, onUpdate: String) {
            self.columns = columns
            self.parent = parent
            self.parentColumns = parentColumns
            self.onDelete = onDelete
            self.onUpdate = onUpdate
        }
    }

    /// A table.
    public struct Table: Hashable, Codable, Sendable {
        /// Its name.
        public let name: String
        /// Its columns in order.
        public let columns: [Column]
        /// Its indexes, by name.
        public let indexes: [Index]
        /// Its foreign keys.
        public let foreignKeys: [ForeignKey]
        /// The statement that makes it, blanks evened out; carries CHECKs and the rest.
        public let definition: String

        /// Puts a table together.
        public init(
            name: String,
            columns: [Column],
            indexes: [Index],
            foreignKeys: [ForeignKey],
            definition: String
        ) {
            self.name = name
            self.columns = columns
            self.indexes = indexes
            self.foreignKeys = foreignKeys
            self.definition = definition
        }
    }

    /// The tables, by name.
    public let tables: [Table]
    /// Views, triggers and indexes that have a definition: kind and name with it.
    public let others: [String: String]

    /// Puts a schema together.
    public init(tables: [Table], others: [String: String] = [:]) {
        self.tables = tables.sorted { $0.name < $1.name }
        self.others = others
    }

    /// The table of a name.
    public func table(_ name: String) -> Table? { tables.first { $0.name == name } }

    /// How another schema differs, one sentence a difference; empty when they are the same.
    ///
    /// - Parameters:
    ///   - other: the schema to compare with.
    ///   - here: what this one is called in the sentences.
    ///   - there: what the other one is called.
    /// - Returns: the differences, sorted.
    public func differences(
        from other: DatabaseSchema,
        namely here: String = "here",
        _ there: String = "there"
    ) -> [String] {
        var found: [String] = []
        for table in tables {
            guard let twin = other.table(table.name) else {
                found.append("table '\(table.name)' is only \(place(here))")
                continue
            }
            if table.columns != twin.columns {
                found.append("table '\(table.name)' has other columns\(columns(table, twin))")
            }
            if table.foreignKeys != twin.foreignKeys { found.append("table '\(table.name)' has other foreign keys") }
            if table.definition != twin.definition { found.append("table '\(table.name)' is defined otherwise") }
            let names = Set(table.indexes.map(\.name))
            for index in table.indexes where !twin.indexes.contains(index) {
                found.append("index '\(index.name)' is only \(place(here)) or differs")
            }
            for index in twin.indexes where !names.contains(index.name) {
                found.append("index '\(index.name)' is only \(place(there))")
            }
        }
        for table in other.tables where self.table(table.name) == nil {
            found.append("table '\(table.name)' is only \(place(there))")
        }
        for (name, definition) in others where other.others[name] != definition {
            found.append("\(name) is only \(place(here)) or differs")
        }
        for name in other.others.keys where others[name] == nil { found.append("\(name) is only \(place(there))") }
        return Set(found).sorted()
    }

    private func place(_ name: String) -> String { ["here", "there"].contains(name) ? name : "in \(name)" }

    /// Names the columns that make the difference.
    private func columns(_ table: Table, _ twin: Table) -> String {
        let odd =
            table.columns.filter { !twin.columns.contains($0) }.map(\.name)
            + twin.columns.filter { !table.columns.contains($0) }.map(\.name)
        var seen: Set<String> = []
        let names = odd.filter { seen.insert($0).inserted }
        return names.isEmpty ? ", in another order" : ": \(names.prefix(5).joined(separator: ", "))"
    }
}

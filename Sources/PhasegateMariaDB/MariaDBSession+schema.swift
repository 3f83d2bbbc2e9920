public import PhasegateProbes

extension MariaDBSession: SchemaReading {
    /// Reads information_schema, in a handful of statements whatever the number of tables.
    public func schema(within limit: Duration) throws(SessionError) -> DatabaseSchema {
        let end = ContinuousClock.now + limit
        func all(_ sql: String) throws(SessionError) -> [[String?]] {
            try rows(SQLQuery(literal: sql), within: end - ContinuousClock.now).map { row in
                row.values.map { value in
                    switch value {
                    case .null: nil
                    case .text(let text): text
                    case .blob(let bytes): String(decoding: bytes, as: UTF8.self)
                    case .integer, .real, .decimal: value.literal
                    }
                }
            }
        }
        var catalogue = Catalogue(dialect: dialect)
        for row in try all(Self.tablesSQL) { catalogue.addTable(row) }
        for row in try all(Self.columnsSQL) { catalogue.addColumn(row) }
        for row in try all(Self.indexesSQL) { catalogue.addIndexColumn(row) }
        for row in try all(Self.keysSQL) { catalogue.addForeignKeyColumn(row) }
        for row in try all(Self.checksSQL) { catalogue.addCheck(row) }
        for row in try all(Self.othersSQL) { catalogue.others["\(row[0] ?? "") '\(row[1] ?? "")'"] = row[2] ?? "" }
        return catalogue.schema
    }

    private static let tablesSQL = """
        SELECT table_name, concat_ws(' ', concat('ENGINE=', engine), concat('COLLATE=', table_collation), \
        nullif(create_options, ''), nullif(table_type, 'BASE TABLE')) FROM information_schema.tables \
        WHERE table_schema = database() AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED') \
        AND table_name NOT LIKE 'phasegate\\_%'
        """

    private static let columnsSQL = """
        SELECT table_name, column_name, column_type, is_nullable, column_default, \
        concat_ws(' ', column_type, concat('COLLATE ', collation_name), nullif(extra, ''), \
        nullif(generation_expression, '')) FROM information_schema.columns WHERE table_schema = database() \
        ORDER BY table_name, ordinal_position
        """

    private static let indexesSQL = """
        SELECT table_name, index_name, non_unique, column_name, concat_ws(' ', index_type, sub_part, collation, ignored) \
        FROM information_schema.statistics WHERE table_schema = database() ORDER BY table_name, index_name, seq_in_index
        """

    private static let keysSQL = """
        SELECT k.table_name, k.constraint_name, k.column_name, k.referenced_table_name, k.referenced_column_name, \
        r.delete_rule, r.update_rule, nullif(k.referenced_table_schema, database()) \
        FROM information_schema.key_column_usage k JOIN information_schema.referential_constraints r \
        ON r.constraint_schema = k.constraint_schema AND r.constraint_name = k.constraint_name \
        AND r.table_name = k.table_name WHERE k.table_schema = database() AND k.referenced_table_name IS NOT NULL \
        ORDER BY k.table_name, k.constraint_name, k.ordinal_position
        """

    private static let checksSQL = """
        SELECT table_name, constraint_name, check_clause FROM information_schema.check_constraints \
        WHERE constraint_schema = database() ORDER BY table_name, constraint_name
        """

    /// Kind, name and definition of what is no table; the database's own name in a view is nobody's business.
    private static let othersSQL = """
        SELECT 'view', table_name, replace(view_definition, concat('`', database(), '`.'), '') \
        FROM information_schema.views WHERE table_schema = database() \
        UNION ALL SELECT 'trigger', concat(event_object_table, '.', trigger_name), concat_ws(' ', action_timing, \
        event_manipulation, action_order, action_statement) FROM information_schema.triggers \
        WHERE trigger_schema = database() \
        UNION ALL SELECT lower(routine_type), routine_name, concat_ws(' ', dtd_identifier, is_deterministic, \
        sql_data_access, security_type, routine_definition) FROM information_schema.routines \
        WHERE routine_schema = database() \
        UNION ALL SELECT 'sequence', table_name, '' FROM information_schema.tables WHERE table_schema = database() \
        AND table_type = 'SEQUENCE' \
        UNION ALL SELECT 'partition', concat(table_name, '.', partition_name), concat_ws(' ', partition_method, \
        partition_expression, partition_description) FROM information_schema.partitions \
        WHERE table_schema = database() AND partition_name IS NOT NULL
        """
}

/// What the rows of information_schema come to.
private struct Catalogue {
    private struct Table {
        var extras: [String]
        var columns: [(name: String, type: String, isRequired: Bool, defaultValue: String?)] = []
        var indexes: [String: (columns: [String], isUnique: Bool, details: [String])] = [:]
        var foreignKeys: [String: DatabaseSchema.ForeignKey] = [:]
    }

    private let dialect: SQLDialect
    private var tables: [String: Table] = [:]
    var others: [String: String] = [:]

    init(dialect: SQLDialect) { self.dialect = dialect }

    mutating func addTable(_ row: [String?]) { tables[row[0] ?? ""] = Table(extras: [row[1] ?? ""]) }

    mutating func addColumn(_ row: [String?]) {
        let table = row[0] ?? ""
        let name = row[1] ?? ""
        tables[table]?.columns.append((name, (row[2] ?? "").uppercased(), row[3] == "NO", row[4]))
        tables[table]?.extras.append("\(name) \(row[5] ?? "")")
    }

    mutating func addIndexColumn(_ row: [String?]) {
        guard var table = tables[row[0] ?? ""] else { return }
        let name = row[1] ?? ""
        var index = table.indexes[name] ?? ([], row[2] == "0", [])
        index.columns.append(row[3] ?? "<expression>")
        index.details.append(row[4] ?? "")
        table.indexes[name] = index
        tables[row[0] ?? ""] = table
    }

    mutating func addForeignKeyColumn(_ row: [String?]) {
        guard var table = tables[row[0] ?? ""] else { return }
        let name = row[1] ?? ""
        let known = table.foreignKeys[name]
        table.foreignKeys[name] = DatabaseSchema.ForeignKey(
            columns: (known?.columns ?? []) + [row[2] ?? ""],
            parent: dialect.name(of: row[3] ?? "", in: row[7]),
            parentColumns: (known?.parentColumns ?? []) + [row[4] ?? ""],
            onDelete: row[5] ?? "",
            onUpdate: row[6] ?? ""
        )
        if known == nil { table.extras.append("FOREIGN KEY \(name)") }
        tables[row[0] ?? ""] = table
    }

    mutating func addCheck(_ row: [String?]) {
        tables[row[0] ?? ""]?.extras.append("CHECK \(row[1] ?? "") \(row[2] ?? "")")
    }

    var schema: DatabaseSchema {
        DatabaseSchema(tables: tables.map { table($0.key, $0.value) }, others: others)
    }

    private func table(_ name: String, _ table: Table) -> DatabaseSchema.Table {
        let key = table.indexes["PRIMARY"]?.columns ?? []
        let indexes = table.indexes.sorted { $0.key < $1.key }
        return DatabaseSchema.Table(
            name: dialect.name(of: name, in: nil),
            columns: table.columns.map { column in
                DatabaseSchema.Column(
                    name: column.name,
                    type: column.type,
                    isRequired: column.isRequired,
                    defaultValue: column.defaultValue,
                    keyPosition: (key.firstIndex(of: column.name) ?? -1) + 1
                )
            },
            indexes: indexes.map {
                DatabaseSchema.Index(name: $0.key, columns: $0.value.columns, isUnique: $0.value.isUnique)
            },
            foreignKeys: table.foreignKeys.sorted { $0.key < $1.key }.map(\.value),
            definition: (table.extras + indexes.map { "\($0.key): \($0.value.details.joined(separator: ", "))" })
                .joined(separator: "; ")
        )
    }
}

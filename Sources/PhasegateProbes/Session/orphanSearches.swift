/// Statements that count child rows without a parent, one for each foreign key of a schema.
///
/// - Parameters:
///   - schema: whose keys; keys that do not say what they refer to are left out.
///   - dialect: how they are written.
/// - Returns: the statement, and what its count is of.
public func orphanSearches(in schema: DatabaseSchema, _ dialect: SQLDialect) -> [(sql: String, what: String)] {
    schema.tables.flatMap { table in
        table.foreignKeys.filter { $0.columns.count == $0.parentColumns.count }.map { key in
            let pairs = zip(key.columns, key.parentColumns).map { child, parent in
                "p.\(dialect.quoted(parent)) = c.\(dialect.quoted(child))"
            }
            let present = key.columns.map { "c.\(dialect.quoted($0)) IS NOT NULL" }
            let sql =
                "SELECT count(*) FROM \(dialect.quoted(table: table.name)) c WHERE "
                + present.joined(separator: " AND ")
                + " AND NOT EXISTS (SELECT 1 FROM \(dialect.quoted(table: key.parent)) p WHERE "
                + pairs.joined(separator: " AND ") + ")"
            return (sql, "rows of '\(table.name)' without a parent in '\(key.parent)'")
        }
    }
}

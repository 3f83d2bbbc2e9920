extension DatabaseSession {
    /// The schema with the contents of all its tables, one statement a table.
    ///
    /// Of one moment only where the session is in a transaction that sees one snapshot.
    ///
    /// - Parameters:
    ///   - hashing: whether contents are hashed or only counted.
    ///   - limit: how long all of it may take.
    /// - Returns: schema and contents.
    /// - Throws: `SessionError`.
    public func contents(hashing: Bool, within limit: Duration) async throws(SessionError) -> SnapshotContent {
        guard let reader = self as? any SchemaReading, let hasher = self as? any ContentHashing else {
            throw SessionError(.unsupported, "the engine cannot compare contents")
        }
        let end = ContinuousClock.now + limit
        let schema = try await reader.schema(within: limit)
        var tables: [TableContent] = []
        for table in schema.tables {
            let left = end - ContinuousClock.now
            guard !hashing else {
                tables.append(try await hasher.content(of: table.name, where: nil, within: left))
                continue
            }
            let sql = "SELECT count(*) FROM \(dialect.quoted(table: table.name))"
            let count = try await rows(SQLQuery(literal: sql), within: left).first?.values.first?.integer
            tables.append(TableContent(table: table.name, rows: count ?? -1, hash: ""))
        }
        return SnapshotContent(schema: schema, tables: tables)
    }
}

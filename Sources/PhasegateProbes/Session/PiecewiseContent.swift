import PhasegateCore

/// Hashes a table in pieces along its primary key, so that no statement runs long and the server can be asked in
/// between whether it has room.
struct PiecewiseContent {
    let session: any ContentHashing
    let table: String
    let condition: String?
    /// Rows a piece.
    let size: Int
    let throttle: Throttle

    /// Count and hash of the whole table; as long as nobody writes the same as in one piece.
    ///
    /// - Throws: `ProbeError`; `unsupported` where the table has no primary key of one column.
    func content(in context: ProbeContext) async throws(ProbeError) -> TableContent {
        let what = "content of \(table)"
        let key = try await key(context)
        let bounds = try await bounds(of: key, context)
        var sum: TableContent?
        var last: SQLValue?
        while let end = try await endOfPiece(of: key, after: last, context) {
            if sum != nil { try await throttle.wait(on: session, in: context, saying: what) }
            let piece = try await hash(key, after: last, upTo: end, context)
            sum = sum.map { session.sum($0, piece) } ?? piece
            last = end
            context.progress(ProbeProgress(what: what, share: share(of: end, in: bounds)))
        }
        // An empty table has a hash as well.
        if let sum { return sum }
        return try await hash(key, after: nil, upTo: nil, context)
    }

    private func hash(_ key: String, after last: SQLValue?, upTo end: SQLValue?, _ context: ProbeContext)
        async throws(ProbeError) -> TableContent
    {
        var conditions = [condition.map { "(\($0))" }].compactMap(\.self)
        var parameters: [String: SQLValue] = [:]
        if let last {
            conditions.append("\(key) > :piece_after")
            parameters["piece_after"] = last
        }
        if let end {
            conditions.append("\(key) <= :piece_end")
            parameters["piece_end"] = end
        }
        let filter = conditions.isEmpty ? nil : SQLQuery(conditions.joined(separator: " AND "), parameters)
        do {
            return try await session.content(of: table, where: filter, within: context.deadline)
        } catch {
            throw ProbeError(error)
        }
    }

    /// The key of the last row of the next piece; nothing behind the last row.
    private func endOfPiece(of key: String, after last: SQLValue?, _ context: ProbeContext) async throws(ProbeError)
        -> SQLValue?
    {
        let name = session.dialect.quoted(table: table)
        let filter = last == nil ? "" : " WHERE \(key) > :piece_after"
        let sql =
            "SELECT \(key) FROM (SELECT \(key) FROM \(name)\(filter) ORDER BY \(key) LIMIT \(size)) AS piece "
            + "ORDER BY \(key) DESC LIMIT 1"
        return try await first(SQLQuery(sql, last.map { ["piece_after": $0] } ?? [:]), context)
    }

    /// The first and the last key where they are numbers: how far a key lies between them is how much is done.
    private func bounds(of key: String, _ context: ProbeContext) async throws(ProbeError) -> (
        low: Double, high: Double
    )? {
        let name = session.dialect.quoted(table: table)
        let low = try await first(SQLQuery("SELECT \(key) FROM \(name) ORDER BY \(key) LIMIT 1"), context)?.number
        let high = try await first(SQLQuery("SELECT \(key) FROM \(name) ORDER BY \(key) DESC LIMIT 1"), context)?.number
        guard let low, let high else { return nil }
        return (low, high)
    }

    private func share(of key: SQLValue, in bounds: (low: Double, high: Double)?) -> Double? {
        guard let bounds, let number = key.number else { return nil }
        return bounds.high > bounds.low ? (number - bounds.low) / (bounds.high - bounds.low) : 1
    }

    private func first(_ query: SQLQuery, _ context: ProbeContext) async throws(ProbeError) -> SQLValue? {
        do {
            return try await session.rows(query, within: context.deadline).first?.values.first
        } catch {
            throw ProbeError(error)
        }
    }

    private func key(_ context: ProbeContext) async throws(ProbeError) -> String {
        guard let reader = session as? any SchemaReading else {
            throw ProbeError(.unsupported, "the engine cannot read its schema")
        }
        let schema: DatabaseSchema
        do {
            schema = try await reader.schema(within: context.deadline)
        } catch {
            throw ProbeError(error)
        }
        guard let found = schema.table(table) else { throw ProbeError(.failed, "there is no table '\(table)'") }
        let keys = found.columns.filter { $0.keyPosition > 0 }
        guard keys.count == 1, let key = keys.first else {
            throw ProbeError(
                .unsupported,
                "'\(table)' has no primary key of one column, along which it could be read in pieces"
            )
        }
        return session.dialect.quoted(key.name)
    }
}

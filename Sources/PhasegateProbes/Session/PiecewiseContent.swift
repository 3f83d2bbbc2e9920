import PhasegateCore

/// Hashes a table in pieces along its primary key, so that no statement runs long and the server can be asked in
/// between whether it has room.
struct PiecewiseContent {
    let session: any ContentHashing
    /// What hashes; when there are several, that many pieces are hashed at once.
    let hashers: [any ContentHashing]
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
        let sum = await withTaskGroup(of: Hashed.self) { group -> Result<TableContent?, ProbeError> in
            var idle = Array(hashers.indices)
            var sum: TableContent?
            var furthest = 0.0
            func takeIn(_ hashed: Hashed) throws(ProbeError) {
                let piece = try hashed.content.get()
                sum = sum.map { session.sum($0, piece) } ?? piece
                idle.append(hashed.hasher)
                let share = share(of: hashed.end, in: bounds).map { max($0, furthest) }
                furthest = share ?? furthest
                context.progress(ProbeProgress(what: what, share: share))
            }
            do throws(ProbeError) {
                var last: SQLValue?
                while let end = try await endOfPiece(of: key, after: last, context) {
                    if idle.isEmpty, let hashed = await group.next() { try takeIn(hashed) }
                    if last != nil { try await throttle.wait(on: session, in: context, saying: what) }
                    let hasher = idle.removeLast()
                    group.addTask { [last] in
                        await hash(hasher, key, after: last, upTo: end, context)
                    }
                    last = end
                }
                while let hashed = await group.next() { try takeIn(hashed) }
                return .success(sum)
            } catch {
                group.cancelAll()
                return .failure(error)
            }
        }
        if let sum = try sum.get() { return sum }
        // An empty table has a hash as well.
        return try await hash(0, key, after: nil, upTo: nil, context).content.get()
    }

    /// What one of the hashers has made of a piece.
    private struct Hashed: Sendable {
        let hasher: Int
        let end: SQLValue?
        let content: Result<TableContent, ProbeError>
    }

    private func hash(
        _ hasher: Int,
        _ key: String,
        after last: SQLValue?,
        upTo end: SQLValue?,
        _ context: ProbeContext
    ) async -> Hashed {
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
        do throws(SessionError) {
            let content = try await hashers[hasher].content(of: table, where: filter, within: context.deadline)
            return Hashed(hasher: hasher, end: end, content: .success(content))
        } catch {
            return Hashed(hasher: hasher, end: end, content: .failure(ProbeError(error)))
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

    private func share(of key: SQLValue?, in bounds: (low: Double, high: Double)?) -> Double? {
        guard let bounds, let number = key?.number else { return nil }
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

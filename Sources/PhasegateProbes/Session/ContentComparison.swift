import PhasegateCore
import PhasegateHashing

/// Compares what one table holds in two databases, also across engines and versions.
///
/// Where both sides can hash in the server and agree, that is the answer.
/// Otherwise every row is read on both sides, page by page along the primary
/// key, and its values are compared by what they mean: `1.50` and `1.5`, `true`
/// and 1, the same moment in two spellings are equal; NULL and an empty text
/// are not. Memory does not grow with the table: rows are summed up in buckets,
/// and only the first bucket that differs is read again to name its rows.
struct ContentComparison {
    let here: any DatabaseSession
    let there: any DatabaseSession
    let table: String

    private static let pageSize = 5000
    private static let bucketCount = 1024

    /// How the table differs; nothing when it holds the same.
    ///
    /// - Parameters:
    ///   - ours: what the first database is called.
    ///   - theirs: what the other one is called.
    ///   - limit: how long all of it may take.
    /// - Returns: one sentence.
    /// - Throws: `SessionError`, when one of them cannot be read.
    func difference(namely ours: String, _ theirs: String, within limit: Duration) async throws(SessionError) -> String?
    {
        let end = ContinuousClock.now + limit
        if here.dialect == there.dialect, try await haveEqualHashes(until: end) { return nil }
        let mine = try await layout(of: here, until: end)
        let others = try await layout(of: there, until: end)
        guard let mine, let others else {
            return mine == nil && others == nil
                ? "neither database has a table '\(table)'"
                : "table '\(table)' is only in \(mine == nil ? theirs : ours)"
        }
        let names = mine.names.filter(others.names.contains)
        if let odd = (mine.names + others.names).first(where: { !names.contains($0) }) {
            return "column '\(table).\(odd)' is only in \(mine.names.contains(odd) ? ours : theirs)"
        }
        let kinds = names.map { ValueKind(mine.type(of: $0), others.type(of: $0)) }
        let encoder = CanonicalRow(kinds: kinds)
        var buckets = [RowSetHash](repeating: RowSetHash(), count: Self.bucketCount)
        var otherBuckets = buckets
        try await read(here, names, encoder, key: mine.key, until: end) { values, key in
            encoder.add(values, to: &buckets[Self.bucket(of: key)])
        }
        try await read(there, names, encoder, key: mine.key, until: end) { values, key in
            encoder.add(values, to: &otherBuckets[Self.bucket(of: key)])
        }
        guard let odd = zip(buckets, otherBuckets).enumerated().first(where: { $1.0 != $1.1 })?.offset else {
            return nil
        }
        let total = buckets.map(\.rows).reduce(0, +)
        let otherTotal = otherBuckets.map(\.rows).reduce(0, +)
        let rows = try await oddRows(in: odd, names, mine.key, encoder, until: end)
        let count =
            total == otherTotal ? "\(total) rows in both" : "\(total) rows in \(ours), \(otherTotal) in \(theirs)"
        return "table '\(table)' differs (\(count)), for instance where \(mine.key.joined(separator: ", ")) is "
            + rows.prefix(3).joined(separator: "; ")
    }

    private func haveEqualHashes(until end: ContinuousClock.Instant) async throws(SessionError) -> Bool {
        guard let mine = here as? any ContentHashing, let others = there as? any ContentHashing else { return false }
        do throws(SessionError) {
            let hash = try await mine.content(of: table, where: nil, within: end - ContinuousClock.now)
            return hash == (try await others.content(of: table, where: nil, within: end - ContinuousClock.now))
        } catch {
            // A table that one of them lacks is told apart below.
            guard error.code == .badStatement else { throw error }
            return false
        }
    }

    // MARK: Reading

    private struct Layout {
        let columns: [DatabaseSchema.Column]
        var names: [String] { columns.map(\.name) }
        var key: [String] {
            columns.filter { $0.keyPosition > 0 }.sorted { $0.keyPosition < $1.keyPosition }.map(\.name)
        }

        func type(of name: String) -> String { columns.first { $0.name == name }?.type ?? "" }
    }

    private func layout(of session: any DatabaseSession, until end: ContinuousClock.Instant) async throws(SessionError)
        -> Layout?
    {
        guard let reader = session as? any SchemaReading else {
            throw SessionError(.unsupported, "the engine cannot read its schema")
        }
        let schema = try await reader.schema(within: end - ContinuousClock.now)
        guard let found = schema.table(table) else { return nil }
        let layout = Layout(columns: found.columns)
        guard !layout.key.isEmpty else {
            throw SessionError(
                .unsupported,
                "'\(table)' has no primary key, along which two engines or versions could be read"
            )
        }
        return layout
    }

    /// Reads the whole table in pages; each row comes with its key in canonical form.
    private func read(
        _ session: any DatabaseSession,
        _ names: [String],
        _ encoder: CanonicalRow,
        key: [String],
        until end: ContinuousClock.Instant,
        _ body: ([SQLValue], [UInt8]) -> Void
    ) async throws(SessionError) {
        let dialect = session.dialect
        let columns = names.map { dialect.quoted($0) }.joined(separator: ", ")
        let order = key.map { dialect.quoted($0) }.joined(separator: ", ")
        let places = key.compactMap { names.firstIndex(of: $0) }
        var last: [SQLValue]?
        while true {
            let filter =
                last == nil ? "" : " WHERE (\(order)) > (" + key.indices.map { ":k\($0)" }.joined(separator: ", ") + ")"
            let page = try await session.rows(
                SQLQuery(
                    "SELECT \(columns) FROM \(dialect.quoted(table: table))\(filter) ORDER BY \(order) "
                        + "LIMIT \(Self.pageSize)",
                    Dictionary(uniqueKeysWithValues: (last ?? []).enumerated().map { ("k\($0)", $1) })
                ),
                within: end - ContinuousClock.now
            )
            for row in page {
                var key: [UInt8] = []
                for place in places { key += CanonicalRow.bytes(of: row.values[place], as: encoder.kinds[place]) + [0] }
                body(row.values, key)
            }
            guard page.count == Self.pageSize, let final = page.last else { return }
            last = places.map { final.values[$0] }
        }
    }

    private func oddRows(
        in bucket: Int,
        _ names: [String],
        _ key: [String],
        _ encoder: CanonicalRow,
        until end: ContinuousClock.Instant
    ) async throws(SessionError) -> [String] {
        let places = key.compactMap { names.firstIndex(of: $0) }
        typealias Rows = [[UInt8]: (shown: String, hash: RowSetHash)]
        func collect(_ values: [SQLValue], _ key: [UInt8], into rows: inout Rows) {
            guard Self.bucket(of: key) == bucket else { return }
            var hash = RowSetHash()
            encoder.add(values, to: &hash)
            rows[key] = (places.map { values[$0].literal }.joined(separator: ", "), hash)
        }
        var mine: Rows = [:]
        try await read(here, names, encoder, key: key, until: end) { collect($0, $1, into: &mine) }
        var others: Rows = [:]
        try await read(there, names, encoder, key: key, until: end) { collect($0, $1, into: &others) }
        let odd = Set(mine.keys).union(others.keys).filter { mine[$0]?.hash != others[$0]?.hash }
        return odd.compactMap { (mine[$0] ?? others[$0])?.shown }.sorted()
    }

    /// FNV-1a (Fowler, Noll and Vo); spreads keys evenly, and nothing else hangs on it.
    private static func bucket(of key: [UInt8]) -> Int {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in key { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return Int(hash % UInt64(bucketCount))
    }
}

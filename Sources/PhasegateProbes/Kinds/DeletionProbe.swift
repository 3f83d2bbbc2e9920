public import PhasegateCore

/// What becomes of children when their parent is deleted, tried and not read off.
public struct DeletionProbe: ProbeKind {
    /// `deletion`.
    public static let name: ProbeName = "deletion"
    /// What it measures.
    public static let summary = "What happens on a scratch copy when a row is deleted that others refer to."
    /// Its keys.
    public static let settings: [Shape.Key] = [
        .target,
        Shape.Key("parent", .text, required: true, "The table a row of which is deleted."),
        Shape.Key("children", .list(.text, orOne: true), "The tables that refer to it; all by default."),
    ]

    private let target: TargetName
    private let parent: String
    private let children: [String]

    /// Reads the settings.
    public init(_ settings: Setting) throws(Diagnostic) {
        target = settings.target
        parent = settings["parent"]?.text ?? ""
        children = settings.texts("children")
    }

    /// `refused`, or what was done to the children.
    public var output: ProbeOutput { .words(["refused", "cascades", "sets-null", "orphans"]) }

    /// Copies the target, deletes one parent for each foreign key, each in a transaction of its own, and throws the copy away.
    public func measure(in context: ProbeContext) async throws(ProbeError) -> Measurement {
        let (engine, copy) = try await context.scratchCopy(of: target, for: "deletion")
        let result: Result<Measurement, ProbeError>
        do throws(SessionError) {
            let session = try await engine.open(copy, for: .writing)
            result = .success(
                try await closing(session) { (session) throws(SessionError) in try await attempt(in: session, context) }
            )
        } catch {
            result = .failure(ProbeError(error))
        }
        await engine.remove(copy)
        let measurement = try result.get()
        guard !measurement.parts.isEmpty else {
            throw ProbeError(.noData, "nothing refers to a row of '\(parent)': there is nothing to try it on")
        }
        return measurement
    }

    private func attempt(in session: any DatabaseSession, _ context: ProbeContext) async throws(SessionError)
        -> Measurement
    {
        guard let reader = session as? any SchemaReading else {
            throw SessionError(.unsupported, "the engine cannot read its schema")
        }
        let schema = try await reader.schema(within: context.deadline)
        guard let found = schema.table(parent) else {
            throw SessionError(.badStatement, "there is no table '\(parent)'")
        }
        var parts: [Measurement.Part] = []
        var tried: [String] = []
        for child in schema.tables where children.isEmpty || children.contains(child.name) {
            for key in child.foreignKeys where key.parent == parent {
                guard let outcome = try await outcome(of: key, child.name, found, session, context) else { continue }
                parts.append(
                    Measurement.Part("\(child.name).\(key.columns.joined(separator: "+"))", Quantity(word: outcome))
                )
                tried.append("DELETE FROM \(parent) where \(child.name) refers to it: \(outcome)")
            }
        }
        return Measurement(
            parts: parts,
            resolvedQuery:
                "DELETE FROM \(session.dialect.quoted(table: parent)) of one row for each foreign key, on a scratch copy",
            notes: Array(tried.prefix(20))
        )
    }

    /// What a deletion does to the children of one foreign key; nothing where it has none.
    private func outcome(
        of key: DatabaseSchema.ForeignKey,
        _ child: String,
        _ parent: DatabaseSchema.Table,
        _ session: any DatabaseSession,
        _ context: ProbeContext
    ) async throws(SessionError) -> String? {
        let dialect = session.dialect
        let primary = parent.columns.filter { $0.keyPosition > 0 }.sorted { $0.keyPosition < $1.keyPosition }.map(
            \.name
        )
        let referred = key.parentColumns.isEmpty ? primary : key.parentColumns
        guard referred.count == key.columns.count, !referred.isEmpty else {
            throw SessionError(.unsupported, "'\(child)' refers to columns of '\(parent.name)' that are not known")
        }
        let columns = key.columns.map { dialect.quoted($0) }
        let childName = dialect.quoted(table: child)
        let isThere = columns.map { "\($0) IS NOT NULL" }.joined(separator: " AND ")
        let limit = context.deadline
        let sample = try await session.rows(
            SQLQuery(literal: "SELECT \(columns.joined(separator: ", ")) FROM \(childName) WHERE \(isThere) LIMIT 1"),
            within: limit
        ).first
        guard let sample else { return nil }
        let values = Dictionary(uniqueKeysWithValues: sample.values.enumerated().map { ("v\($0)", $1) })
        func condition(_ names: [String]) -> String {
            names.enumerated().map { "\(dialect.quoted($1)) = :v\($0)" }.joined(separator: " AND ")
        }
        func count(_ filter: String, _ values: [String: SQLValue]) async throws(SessionError) -> Int64 {
            let sql = "SELECT count(*) FROM \(childName) WHERE \(filter)"
            return try await session.rows(SQLQuery(sql, values), within: limit).first?.values.first?.integer ?? 0
        }
        let nulls = columns.map { "\($0) IS NULL" }.joined(separator: " OR ")
        let nullsBefore = try await count(nulls, [:])
        // A key that is checked at the end of the transaction is checked by ending it: on a copy that costs nothing.
        do throws(SessionError) {
            if dialect == .sqlite { try await session.run(script: "PRAGMA foreign_keys = ON", within: limit) }
            _ = try await session.rows(
                SQLQuery("DELETE FROM \(dialect.quoted(table: parent.name)) WHERE \(condition(referred))", values),
                within: limit
            )
        } catch {
            guard error.code == .constraint else { throw error }
            return "refused"
        }
        if try await count(condition(key.columns), values) > 0 { return "orphans" }
        return try await count(nulls, [:]) > nullsBefore ? "sets-null" : "cascades"
    }
}

public import PhasegateCore

/// Two databases against each other.
public struct ComparisonProbe: ProbeKind {
    /// `comparison`.
    public static let name: ProbeName = "comparison"
    /// What it measures.
    public static let summary = "Whether two databases have the same schema, the same contents, or as many rows."
    /// Its keys.
    public static let settings: [Shape.Key] = [
        .target,
        Shape.Key("with", .name, required: true, "The database that it is held against, by its name under `targets`."),
        Shape.Key(
            "measure",
            .oneOf(["schema", "content", "rows"]),
            required: true,
            "`schema` or `content`: whether they match; `rows`: rows of the target in percent of those of the other."
        ),
        Shape.Key("tables", .list(.text, orOne: true), "The tables; all of the other database's by default."),
    ]

    private let target: TargetName
    private let other: TargetName
    private let measure: String
    private let tables: [String]

    /// Reads the settings.
    public init(_ settings: Setting) throws(Diagnostic) {
        target = settings.target
        other = TargetName(rawValue: settings["with"]?.text ?? "")
        measure = settings["measure"]?.text ?? "schema"
        tables = settings.texts("tables")
        guard target != other else {
            throw Diagnostic(
                rule: "same-target",
                "'\(target)' would be compared with itself",
                hint: "name another target under 'with'"
            )
        }
    }

    /// A word, or percent.
    public var output: ProbeOutput {
        measure == "rows" ? .number(.share, 0...1e9) : .words(["matches", "differs"])
    }

    /// Reads both; nothing is compared of a table that one of them lacks, which is a difference of its own.
    public func measure(in context: ProbeContext) async throws(ProbeError) -> Measurement {
        let here = try await context.session(on: target)
        let there = try await context.session(on: other)
        do throws(SessionError) {
            switch measure {
            case "rows": return try await rows(here, there, in: context)
            case "content": return try await contents(here, there, in: context)
            default: return try await schemas(here, there, in: context)
            }
        } catch {
            throw ProbeError(error)
        }
    }

    private func schemas(
        _ here: any DatabaseSession,
        _ there: any DatabaseSession,
        in context: ProbeContext
    ) async throws(SessionError) -> Measurement {
        guard here.dialect == there.dialect else {
            throw SessionError(.unsupported, "schemas of two engines name their types differently; compare 'content'")
        }
        let wanted = Set(tables)
        let mine = try await schema(of: here, in: context).only(wanted)
        let theirs = try await schema(of: there, in: context).only(wanted)
        return verdict(mine.differences(from: theirs, namely: "\(target)", "\(other)"), samples: theirs.tables.count)
    }

    private func contents(
        _ here: any DatabaseSession,
        _ there: any DatabaseSession,
        in context: ProbeContext
    ) async throws(SessionError) -> Measurement {
        var differences: [String] = []
        let names = try await names(there, in: context)
        for table in names {
            let difference = try await ContentComparison(here: here, there: there, table: table)
                .difference(namely: "\(target)", "\(other)", within: context.deadline)
            if let difference { differences.append(difference) }
        }
        return verdict(differences, samples: names.count)
    }

    private func rows(
        _ here: any DatabaseSession,
        _ there: any DatabaseSession,
        in context: ProbeContext
    ) async throws(SessionError) -> Measurement {
        var parts: [Measurement.Part] = []
        var notes: [String] = []
        for table in try await names(there, in: context) {
            let mine = try await count(table, here, in: context)
            let theirs = try await count(table, there, in: context)
            notes.append("\(table): \(mine) of \(theirs) rows")
            // As many as none is all there is; more than none has no share.
            let share = theirs == 0 ? (mine == 0 ? 100.0 : .infinity) : Double(mine) / Double(theirs) * 100
            guard let quantity = Quantity(real: share, .percent) else {
                throw SessionError(.failed, "'\(other)' has no rows in '\(table)', '\(target)' has \(mine)")
            }
            parts.append(Measurement.Part(table, quantity))
        }
        return Measurement(
            parts: parts,
            resolvedQuery: "count(*) in '\(target)' in percent of that in '\(other)'",
            notes: Array(notes.prefix(20))
        )
    }

    private func verdict(_ differences: [String], samples: Int) -> Measurement {
        Measurement(
            Quantity(word: differences.isEmpty ? "matches" : "differs"),
            samples: samples,
            resolvedQuery: "\(measure) of '\(target)' against '\(other)'",
            notes: Array(differences.prefix(20))
        )
    }

    private func names(_ there: any DatabaseSession, in context: ProbeContext) async throws(SessionError) -> [String] {
        let names = tables.isEmpty ? try await schema(of: there, in: context).tables.map(\.name) : tables
        guard !names.isEmpty else { throw SessionError(.failed, "'\(other)' has no tables: nothing can be compared") }
        return names
    }

    private func schema(of session: any DatabaseSession, in context: ProbeContext) async throws(SessionError)
        -> DatabaseSchema
    {
        guard let reader = session as? any SchemaReading else {
            throw SessionError(.unsupported, "the engine cannot read its schema")
        }
        let schema = try await reader.schema(within: context.deadline)
        guard !schema.tables.isEmpty else { throw SessionError(.failed, "a database without tables proves nothing") }
        return schema
    }

    private func count(_ table: String, _ session: any DatabaseSession, in context: ProbeContext)
        async throws(SessionError) -> Int64
    {
        let sql = "SELECT count(*) FROM \(session.dialect.quoted(table: table))"
        let rows = try await session.rows(SQLQuery(literal: sql), within: context.deadline)
        guard let count = rows.first?.values.first?.integer else {
            throw SessionError(.failed, "'\(table)' could not be counted")
        }
        return count
    }
}

extension DatabaseSchema {
    /// The same with some of its tables only; all of it where none are named.
    func only(_ names: Set<String>) -> DatabaseSchema {
        names.isEmpty ? self : DatabaseSchema(tables: tables.filter { names.contains($0.name) })
    }
}

public import PhasegateCore

/// Exact row counts of tables.
public struct RowCountProbe: ProbeKind {
    /// `row-count`.
    public static let name: ProbeName = "row-count"
    /// What it measures.
    public static let summary = "The exact number of rows in each of some tables."
    /// Its keys.
    public static let settings: [Shape.Key] = [
        .target,
        Shape.Key("tables", .list(.text, orOne: true), required: true, "The tables to count."),
        Shape.Key("where", .text, "SQL condition that the counted rows satisfy."),
    ]

    private let target: TargetName
    private let tables: [String]
    private let condition: String?

    /// Reads the settings.
    public init(_ settings: Setting) throws(Diagnostic) {
        target = settings.target
        tables = settings.texts("tables")
        condition = settings["where"]?.text
    }

    /// Rows.
    public var output: ProbeOutput { .number(.count, 0...9e18) }

    /// Counts every table; the parts are named after the tables.
    public func measure(in context: ProbeContext) async throws(ProbeError) -> Measurement {
        guard !tables.isEmpty else { throw ProbeError(.noData, "no tables are named") }
        var parts: [Measurement.Part] = []
        var queries: [String] = []
        let dialect = try await context.session(on: target).dialect
        for table in tables {
            let sql = "SELECT count(*) FROM \(dialect.quoted(table: table))" + (condition.map { " WHERE \($0)" } ?? "")
            guard let count = try await context.rows(SQLQuery(sql), on: target).first?.values.first?.integer else {
                throw ProbeError(.notAValue, "counting '\(table)' returned no number")
            }
            parts.append(Measurement.Part(table, Quantity(count, .rows)))
            queries.append(sql)
        }
        return Measurement(parts: parts, resolvedQuery: queries.joined(separator: "; "))
    }
}

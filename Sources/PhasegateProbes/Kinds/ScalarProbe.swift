public import PhasegateCore

/// The value of a query.
public struct ScalarProbe: ProbeKind {
    /// `sql`.
    public static let name: ProbeName = "sql"
    /// What it measures.
    public static let summary = "The value that a query returns, or one value per row of a column named `part`."
    /// Its keys.
    public static let settings: [Shape.Key] = [
        .target,
        Shape.Key("query", .text, required: true, "One SELECT; may use :now_ms, :phase_ms, :gate_ms and :since_ms."),
        Shape.Key("unit", .text, "Unit of the value, as `ms`; a plain count by default."),
        Shape.Key("window", .duration, "How far :since_ms lies back; never behind the gate's opening."),
    ]

    private let target: TargetName
    private let query: String
    private let unit: Unit
    private let window: Duration?

    /// Reads the settings.
    public init(_ settings: Setting) throws(Diagnostic) {
        target = settings.target
        query = settings["query"]?.text ?? ""
        unit = try settings.unit()
        window = settings["window"]?.duration
    }

    /// A number in the unit, or a word.
    public var output: ProbeOutput { .scalar(unit.dimension) }

    /// Runs the query; a second column named `samples` says how many observations are behind the value.
    public func measure(in context: ProbeContext) async throws(ProbeError) -> Measurement {
        let times = context.timeParameters(window: window)
        let bound = SQLQuery(query, times.filter { query.contains(":" + $0.key) })
        let rows = try await context.rows(bound, on: target)
        guard let first = rows.first else { throw ProbeError(.noData, "the query returned no row") }
        let samples = first["samples"]?.integer.map(Int.init)
        if first.columns.contains("part") {
            var parts: [Measurement.Part] = []
            for row in rows {
                let value = row.columns.firstIndex { $0 != "part" && $0 != "samples" }.map { row.values[$0] }
                parts.append(Measurement.Part(row["part"]?.text ?? "", try quantity(value)))
            }
            // The part with the fewest observations decides whether there are enough.
            let counts = rows.map { $0["samples"]?.integer.map(Int.init) }
            let fewest = counts.contains(nil) ? nil : counts.compactMap(\.self).min()
            return Measurement(parts: parts, samples: fewest, resolvedQuery: bound.resolved)
        }
        guard rows.count == 1 else {
            throw ProbeError(.notAValue, "the query returned \(rows.count) rows and has no column named 'part'")
        }
        return Measurement(try quantity(first.values.first), samples: samples, resolvedQuery: bound.resolved)
    }

    private func quantity(_ value: SQLValue?) throws(ProbeError) -> Quantity {
        switch value {
        case .integer(let number): return Quantity(number, unit)
        case .real(let number):
            guard let quantity = Quantity(real: number, unit) else {
                throw ProbeError(.notAValue, "the query returned \(number)")
            }
            return quantity
        case .decimal(let digits):
            // A sum of whole numbers is a decimal in most engines, and exact as long as it fits.
            if let whole = Int64(digits) { return Quantity(whole, unit) }
            guard let number = Double(digits), let quantity = Quantity(real: number, unit) else {
                throw ProbeError(.notAValue, "the query returned \(digits)")
            }
            return quantity
        case .text(let text): return Quantity(word: text)
        case .blob: throw ProbeError(.notAValue, "the query returned a blob")
        case .null, nil: throw ProbeError(.noData, "the query returned NULL")
        }
    }
}

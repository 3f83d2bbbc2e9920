package import PhasegateCore
import PhasegateStatistics

/// Draws executions of a workload: which statement, with which values.
///
/// The same seed draws the same executions, so that two runs that are compared
/// ask the same questions.
package struct WorkloadDraw: Sendable {
    private let queries: [Workload.Query]
    private let choices: [Int]
    private let values: [[String: [SQLValue]]]
    private let ranges: [[String: ClosedRange<Int64>]]
    private var generator: SeededGenerator

    /// Reads the parameters' values from the database, once.
    ///
    /// - Throws: `ProbeError` when a source query fails or has no rows.
    package init(_ workload: Workload, from session: any DatabaseSession, seed: UInt64, within limit: Duration)
        async throws(ProbeError)
    {
        queries = workload.queries
        choices = workload.queries.enumerated().flatMap { Array(repeating: $0.offset, count: $0.element.weight) }
        generator = SeededGenerator(seed: seed)
        var values: [[String: [SQLValue]]] = []
        var ranges: [[String: ClosedRange<Int64>]] = []
        for query in workload.queries {
            var drawn: [String: [SQLValue]] = [:]
            var spans: [String: ClosedRange<Int64>] = [:]
            for (name, source) in query.parameters {
                switch source {
                case .values(let settings): drawn[name] = settings.map(SQLValue.init)
                case .range(let low, let high): spans[name] = low...max(low, high)
                case .query(let sql): drawn[name] = try await Self.column(of: sql, from: session, within: limit)
                }
                if let list = drawn[name], list.isEmpty {
                    throw ProbeError(.noData, "parameter ':\(name)' of workload '\(workload.name)' has no values")
                }
            }
            values.append(drawn)
            ranges.append(spans)
        }
        self.values = values
        self.ranges = ranges
        guard !choices.isEmpty else {
            throw ProbeError(.noData, "workload '\(workload.name)' has no statements")
        }
    }

    /// The next executions.
    package mutating func next(_ count: Int) -> [SQLQuery] {
        (0..<count).map { _ in
            let index = choices[Int.random(in: 0..<choices.count, using: &generator)]
            var parameters: [String: SQLValue] = [:]
            // Sorted, so that the generator is used in the same order every time.
            for (name, list) in values[index].sorted(by: { $0.key < $1.key }) {
                parameters[name] = list[Int.random(in: 0..<list.count, using: &generator)]
            }
            for (name, range) in ranges[index].sorted(by: { $0.key < $1.key }) {
                parameters[name] = .integer(Int64.random(in: range, using: &generator))
            }
            return SQLQuery(queries[index].sql, parameters)
        }
    }

    private static func column(of sql: String, from session: any DatabaseSession, within limit: Duration)
        async throws(ProbeError) -> [SQLValue]
    {
        do {
            return try await session.rows(SQLQuery(sql), within: limit).compactMap(\.values.first)
        } catch {
            throw ProbeError(error)
        }
    }
}

extension SQLValue {
    /// A scalar of the rollout file as a database value.
    init(_ setting: Setting) {
        switch setting {
        case .text(let text): self = .text(text)
        case .whole(let number): self = .integer(number)
        case .real(let number): self = .real(number)
        case .truth(let truth): self = .integer(truth ? 1 : 0)
        case .list, .map: self = .null
        }
    }
}

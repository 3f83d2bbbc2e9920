/// Tells what statements have cost a server since its statistics were reset.
public protocol StatementStatistics: DatabaseSession {
    /// Calls and time of each statement of this database, all users together.
    ///
    /// - Parameter limit: how long it may take.
    /// - Returns: one total for each statement with its parameters left out.
    /// - Throws: `SessionError`: `unsupported` where the server keeps none, `notPermitted` where it does not show all.
    func statementTotals(within limit: Duration) async throws(SessionError) -> [StatementTotal]
}

/// What one statement has cost since the statistics were reset.
public struct StatementTotal: Hashable, Sendable {
    /// The server's identifier of the statement.
    public let id: String
    /// Its beginning, with placeholders for values.
    public let text: String
    /// Executions.
    public let calls: Int64
    /// Execution time of all of them.
    public let milliseconds: Double

    /// Puts a total together.
    public init(id: String, text: String, calls: Int64, milliseconds: Double) {
        self.id = id
        self.text = text
        self.calls = calls
        self.milliseconds = milliseconds
    }
}

/// How statements did in a window of time beside all the time before it.
struct StatementRegressions {
    /// A statement that was run often enough, before and within.
    struct Statement {
        let text: String
        let calls: Int64
        /// Mean before the window, in milliseconds.
        let before: Double
        /// Mean within it.
        let within: Double

        var factor: Double { within / before }
    }

    /// All that were run often enough.
    let compared: [Statement]

    /// Holds two looks against each other; nothing when the statistics were reset in between.
    ///
    /// - Parameters:
    ///   - first: totals at the window's begin.
    ///   - last: totals at its end.
    ///   - calls: executions that a statement needs, before and within each.
    init?(from first: [StatementTotal], to last: [StatementTotal], calls: Int64) {
        let earlier = Dictionary(first.map { ($0.id, $0) }) { one, _ in one }
        var compared: [Statement] = []
        for total in last {
            guard let past = earlier[total.id] else { continue }
            let more = total.calls - past.calls
            let time = total.milliseconds - past.milliseconds
            // Counts only grow, but where somebody reset them.
            guard more >= 0, time >= 0 else { return nil }
            guard more >= calls, past.calls >= calls, past.milliseconds > 0 else { continue }
            compared.append(
                Statement(
                    text: total.text,
                    calls: more,
                    before: past.milliseconds / Double(past.calls),
                    within: time / Double(more)
                )
            )
        }
        self.compared = compared
    }

    /// Those whose mean grew by more than a factor, the worst first.
    func slower(than factor: Double) -> [Statement] {
        compared.filter { $0.factor > factor }.sorted { $0.factor > $1.factor }
    }
}

import PhasegateCore
import PhasegateProbes

/// Requests in a table that the application logs them into, read by a key that grows.
struct SQLSource: ObservationSourceKind {
    static let declaration = ObservationSourceDeclaration(
        kind: "sql",
        summary: "A table of a target with a row for each request that the application has served.",
        settings: [
            Shape.Key.target,
            Shape.Key(
                "query",
                .text,
                required: true,
                "Rows with a key above `:after`, in its order, at most `:limit`; with the columns arm, user, ms, error, score."
            ),
            Shape.Key(
                "key",
                .text,
                required: true,
                "The column with the key, a whole number that grows with each row."
            ),
            Shape.Key("every", .duration, "How often it is read; 1 s unless said otherwise."),
            Shape.Key(
                "settle",
                .duration,
                "How long a row may be committed after one with a larger key; so much is read again. 0 s unless said otherwise."
            ),
        ],
        namesUsers: true
    ) { settings throws(Diagnostic) in
        for name in [":after", ":limit"] where settings["query"]?.text?.contains(name) != true {
            throw Diagnostic(
                rule: "bad-source",
                "the query of observations has no '\(name)'",
                hint: "write '… WHERE id > :after ORDER BY id LIMIT :limit'"
            )
        }
        guard settings["every"]?.duration ?? .seconds(1) > .zero else {
            throw Diagnostic(rule: "bad-source", "'every' is no time at all", hint: "write 'every: 1 s'")
        }
    }

    /// Rows that are read at once.
    static let page: Int64 = 5000
    /// How long one reading may take.
    private static let deadline = Duration.seconds(10)

    private let sessions: SessionPool
    private let target: TargetName
    private let query: String
    private let key: String
    private let interval: Duration
    private let settle: Duration

    var sentence: String { query }

    init(_ settings: Setting, in context: ObservationContext) throws(Diagnostic) {
        try Self.declaration.check(settings)
        sessions = context.sessions
        target = settings.target
        query = settings["query"]?.text ?? ""
        key = settings["key"]?.text ?? ""
        interval = settings["every"]?.duration ?? .seconds(1)
        settle = settings["settle"]?.duration ?? .zero
    }

    func observe(_ deliver: @Sendable (ObservationBatch) async -> Void) async throws(ObservationError) {
        var cursor: SQLCursor?
        var isBlind = true
        while !Task.isCancelled {
            let result: Result<Void, SessionError>
            do throws(SessionError) {
                if cursor == nil {
                    cursor = SQLCursor(behind: try await newestKey(), settle: settle, at: monotonicTime())
                }
                // Who has nothing new but could be read is not blind.
                if isBlind { await deliver(.requests([])) }
                try await readAll(&cursor, deliver)
                result = .success(())
            } catch {
                result = .failure(error)
            }
            switch result {
            case .success: isBlind = false
            case .failure(let error):
                isBlind = true
                await deliver(.gap("the log of requests on '\(target)' cannot be read: \(error.message)"))
            }
            try? await Task.sleep(for: interval)
        }
    }

    /// Reads what is new, page by page.
    private func readAll(_ cursor: inout SQLCursor?, _ deliver: (ObservationBatch) async -> Void)
        async throws(SessionError)
    {
        guard var reading = cursor else { return }
        let began = monotonicTime()
        var after = reading.low(at: began)
        while !Task.isCancelled {
            let rows = try await rows(after: after, limit: Self.page)
            var page = SQLPage()
            for row in rows {
                let key = try self.key(of: row)
                guard key > after else {
                    throw SessionError(
                        .badStatement,
                        "the query does not give rows above ':after' in the order of '\(self.key)'"
                    )
                }
                after = key
                if reading.take(key) { page.add(row) }
            }
            if !page.observations.isEmpty { await deliver(.requests(page.observations)) }
            if let rejected = page.rejected { await deliver(.rejected(rejected)) }
            // What was handed over must not be handed over again when a later page fails.
            cursor = reading
            if rows.count < Self.page { break }
        }
        reading.endReading(at: began)
        cursor = reading
    }

    /// The largest key there is: rows before it were served when nobody asked.
    ///
    /// Found by asking 64 times whether there is a row above a key, each of which an index answers at once.
    private func newestKey() async throws(SessionError) -> Int64 {
        var low = Int64.min
        var high = Int64.max
        while low < high {
            // Rounded up without leaving the range of numbers.
            let middle = low / 2 + high / 2 + (low % 2 + high % 2) / 2
            let next = middle < high ? middle : low
            if let row = try await rows(after: next, limit: 1).first {
                low = max(next + 1, try key(of: row))
            } else {
                high = next
            }
        }
        return low
    }

    private func key(of row: SQLRow) throws(SessionError) -> Int64 {
        guard let value = row[key] else {
            throw SessionError(.badStatement, "the query gives no column '\(key)'")
        }
        guard let number = value.integer else {
            throw SessionError(.badStatement, "the column '\(key)' is not a whole number")
        }
        guard row.columns.contains("arm") else {
            throw SessionError(.badStatement, "the query gives no column 'arm'")
        }
        return number
    }

    private func rows(after: Int64, limit: Int64) async throws(SessionError) -> [SQLRow] {
        let session = try await sessions.borrow(on: target)
        do throws(SessionError) {
            let rows = try await session.rows(
                SQLQuery(query, ["after": .integer(after), "limit": .integer(limit)]),
                within: Self.deadline
            )
            await sessions.giveBack(session, on: target)
            return rows
        } catch {
            await sessions.giveBack(session, on: target)
            throw error
        }
    }
}

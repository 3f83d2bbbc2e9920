public import PhasegateCore

/// How much of what an exact search finds an approximate one finds too.
public struct RecallProbe: ProbeKind {
    /// `recall`.
    public static let name: ProbeName = "recall"
    /// What it measures.
    public static let summary =
        "The share of the right answers that a search finds among its first k, over a golden set of queries."
    /// Its keys.
    public static let settings: [Shape.Key] = [
        .target,
        Shape.Key("golden", .text, required: true, "File of golden queries, one JSON object a line."),
        Shape.Key("search", .text, required: true, "The SELECT that is judged; may use :query and :k."),
        Shape.Key("exact", .text, "A SELECT that answers the same exactly, where the golden set has no answers."),
        Shape.Key("k", .whole(1...1000), "How many answers count; 10 by default."),
        Shape.Key("measure", .oneOf(["mean", "worst"]), "Over all queries: the mean (default), or the worst one."),
    ]

    private let target: TargetName
    private let golden: String
    private let search: String
    private let exact: String?
    private let k: Int
    private let isWorst: Bool

    /// Reads the settings.
    public init(_ settings: Setting) throws(Diagnostic) {
        target = settings.target
        golden = settings["golden"]?.text ?? ""
        search = settings["search"]?.text ?? ""
        exact = settings["exact"]?.text
        k = Int(settings["k"]?.whole ?? 10)
        isWorst = settings["measure"]?.text == "worst"
    }

    /// Percent.
    public var output: ProbeOutput { .number(.share, 0...100) }

    /// Asks every golden query; mean and worst of one round share the run.
    public func measure(in context: ProbeContext) async throws(ProbeError) -> Measurement {
        let key = "recall \(target) \(golden) \(k) \(search) \(exact ?? "")"
        let run: Run
        if let earlier = await context.memo.recall(key, as: Run.self) {
            run = earlier
        } else {
            run = try await ask(in: context)
            await context.memo.remember(run, under: key)
        }
        let mean = run.scores.map(\.recall).reduce(0, +) / Double(run.scores.count)
        let byRecall = run.scores.sorted { ($0.recall, $0.name) < ($1.recall, $1.name) }
        let worst = byRecall[0].recall
        guard let value = Quantity(real: (isWorst ? worst : mean) * 100, .percent) else {
            throw ProbeError(.notAValue, "the recall is \(mean)")
        }
        let weakest = byRecall.prefix(5).map { "\($0.name) \(shortDecimal($0.recall * 100)) %" }
        return Measurement(
            value,
            samples: run.scores.count,
            resolvedQuery: search + (exact.map { " -- against: \($0)" } ?? ""),
            notes: [
                "recall@\(k) over \(run.scores.count) queries: mean \(shortDecimal(mean * 100)) %, worst "
                    + "\(shortDecimal(worst * 100)) %",
                "weakest queries: \(weakest.joined(separator: ", "))",
                "golden set \(golden), SHA-256 \(run.digest)",
            ]
        )
    }

    /// What one pass over the golden set found.
    private struct Run: Sendable {
        struct Score: Sendable {
            let name: String
            let recall: Double
        }

        let scores: [Score]
        let digest: String
    }

    private func ask(in context: ProbeContext) async throws(ProbeError) -> Run {
        let set = try GoldenSet(file: context.path(golden))
        guard !set.queries.isEmpty else { throw ProbeError(.noData, "the golden set '\(golden)' has no queries") }
        var scores: [Run.Score] = []
        for query in set.queries {
            let right: RightAnswers
            if let exact {
                right = RightAnswers(Answer.list(of: try await rows(exact, query, in: context), first: k))
            } else if let expected = query.expected {
                right = RightAnswers(expected.prefix(k).map { Answer(key: $0, distance: nil) })
            } else {
                throw ProbeError(
                    .noData,
                    "query '\(query.name)' of '\(golden)' has no 'expected', and there is no 'exact'"
                )
            }
            guard right.count > 0 else {
                throw ProbeError(.noData, "query '\(query.name)' of '\(golden)' has no right answers")
            }
            let found = Answer.list(of: try await rows(search, query, in: context), first: k)
            scores.append(Run.Score(name: query.name, recall: right.share(in: found)))
        }
        return Run(scores: scores, digest: set.digest)
    }

    private func rows(_ sql: String, _ query: GoldenSet.Query, in context: ProbeContext) async throws(ProbeError)
        -> [SQLRow]
    {
        let parameters: [String: SQLValue] = ["query": .text(query.text), "k": .integer(Int64(k))]
        do throws(ProbeError) {
            return try await context.rows(SQLQuery(sql, parameters.filter { sql.contains(":" + $0.key) }), on: target)
        } catch {
            throw ProbeError(error.why, "query '\(query.name)': \(error.message)")
        }
    }
}

/// One answer of a search.
private struct Answer: Sendable {
    /// What was found.
    let key: String
    /// How far it lies from the query, where the search says so in its second column.
    let distance: Double?

    /// The first answers, each thing once.
    static func list(of rows: [SQLRow], first k: Int) -> [Answer] {
        var seen: Set<String> = []
        return rows.compactMap { row in
            guard let value = row.values.first, value != .null else { return nil }
            let key = value.text ?? value.literal
            guard seen.insert(key).inserted else { return nil }
            return Answer(key: key, distance: row.values.count > 1 ? row.values[1].number : nil)
        }.prefix(k).map(\.self)
    }
}

/// What the exact search says is right.
private struct RightAnswers {
    private let keys: Set<String>
    /// Whatever lies no farther than the last right answer is as good: at a tie the exact search itself could have
    /// given either.
    private let farthest: Double?

    init(_ answers: [Answer]) {
        keys = Set(answers.map(\.key))
        farthest = answers.last?.distance
    }

    var count: Int { keys.count }

    /// The share of the right answers that were found; never over 1.
    func share(in found: [Answer]) -> Double {
        let hits = found.prefix(count).count { answer in
            if keys.contains(answer.key) { return true }
            guard let farthest, let distance = answer.distance else { return false }
            return distance <= farthest
        }
        return Double(hits) / Double(count)
    }
}

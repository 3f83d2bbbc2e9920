public import PhasegateCore

/// How queries would be run.
public struct ExplainProbe: ProbeKind {
    /// `explain`.
    public static let name: ProbeName = "explain"
    /// What it measures.
    public static let summary =
        "Whether queries are answered from indexes: the named ones are used, no table is read through."
    /// Its keys.
    public static let settings: [Shape.Key] = [
        .target,
        Shape.Key("query", .text, "The query to explain."),
        Shape.Key("workload", .name, "A workload whose queries are explained instead."),
        Shape.Key("uses", .list(.text, orOne: true), "Indexes of which each must be used by one of the queries."),
        Shape.Key("may-scan", .list(.text, orOne: true), "Tables that may be read from end to end."),
    ]

    private let target: TargetName
    private let query: String?
    private let workload: WorkloadName?
    private let uses: [String]
    private let mayScan: [String]

    /// Reads the settings.
    public init(_ settings: Setting) throws(Diagnostic) {
        target = settings.target
        query = settings["query"]?.text
        workload = settings["workload"]?.text.map(WorkloadName.init(rawValue:))
        uses = settings.texts("uses")
        mayScan = settings.texts("may-scan")
        guard (query == nil) != (workload == nil) else {
            throw Diagnostic(
                rule: "missing-key",
                "the explain probe needs one of 'query' and 'workload'",
                hint: "name exactly one"
            )
        }
    }

    /// `indexed`, `scanning` or `index-unused`.
    public var output: ProbeOutput { .words(["indexed", "scanning", "index-unused"]) }

    /// Explains every query; the plans become notes.
    public func measure(in context: ProbeContext) async throws(ProbeError) -> Measurement {
        var queries = query.map { [SQLQuery($0)] } ?? []
        let session: any DatabaseSession
        if let workload {
            guard let found = context.rollout.workload(workload) else {
                throw ProbeError(.failed, "there is no workload '\(workload)'")
            }
            session = try await context.session(on: found.target)
            queries = try await explained(found, on: session, in: context)
        } else {
            session = try await context.session(on: target)
        }
        let explainer = try context.powered(session, as: (any PlanExplaining).self, "explain queries")
        var steps: [QueryPlanStep] = []
        for query in queries {
            do {
                steps += try await explainer.plan(of: query, within: context.deadline)
            } catch {
                throw ProbeError(error)
            }
        }
        guard !steps.isEmpty else { throw ProbeError(.noData, "there is no plan to look at") }
        let scanned = steps.compactMap(\.scannedTable).filter { !mayScan.contains($0) }
        let used = Set(steps.compactMap(\.index))
        let word = !scanned.isEmpty ? "scanning" : uses.allSatisfy(used.contains) ? "indexed" : "index-unused"
        return Measurement(
            Quantity(word: word),
            samples: queries.count,
            resolvedQuery: queries.map(\.sql).joined(separator: "; "),
            notes: steps.prefix(20).map(\.detail)
        )
    }

    /// The queries of a workload; with values drawn for an engine that plans for values.
    private func explained(_ workload: Workload, on session: any DatabaseSession, in context: ProbeContext)
        async throws(ProbeError) -> [SQLQuery]
    {
        guard session.dialect == .mariadb else {
            return workload.queries.map { query in
                SQLQuery(query.sql, query.parameters.mapValues { _ in SQLValue.null })
            }
        }
        var queries: [SQLQuery] = []
        for query in workload.queries {
            let alone = Workload(
                name: workload.name,
                target: workload.target,
                queries: [query],
                concurrency: 1,
                warmup: 0,
                samples: 1
            )
            var draw = try await WorkloadDraw(alone, from: session, seed: context.seed, within: context.deadline)
            queries += draw.next(1)
        }
        return queries
    }
}

import PhasegateCore

extension RolloutReport {
    /// A report of one phase with so many criteria, of which every third is not well.
    ///
    /// All have a reason, a query and what else a case tells; the same number
    /// gives the same report.
    static func wide(_ count: Int) -> RolloutReport {
        let start = Moment(milliseconds: 1_795_000_000_000)
        return RolloutReport(
            rollout: "wide",
            title: "Many criteria",
            document: nil,
            generatedAt: start + .seconds(3600),
            version: "1",
            status: .running,
            verdict: .recycle,
            headline: "Not yet.",
            reason: "some criteria do not hold",
            phase: "everything",
            stage: "gate",
            openedAt: start,
            timeScale: 1,
            planDigest: String(repeating: "a1", count: 32),
            ledgerLength: 1,
            ledgerHead: String(repeating: "b2", count: 32),
            phases: [
                PhaseReport(
                    name: "everything",
                    title: "Everything",
                    progress: .present,
                    reversibility: .reversible,
                    window: nil,
                    effort: nil,
                    from: start,
                    to: nil,
                    risks: [],
                    mitigations: [],
                    sources: [],
                    stages: [],
                    criteria: (0..<count).map { .numbered($0, from: start) }
                )
            ],
            grid: RiskRegister.empty.grid,
            risks: [],
            planFindings: [],
            exposures: [],
            log: []
        )
    }
}

extension RolloutReport.CriterionReport {
    fileprivate static func numbered(_ number: Int, from start: Moment) -> Self {
        let name = CriterionName(rawValue: "orders-of-shard-\(number)")
        let outcome: Finding.Outcome = [.pass, .pass, .fail, .pass, .warn, .pass, .pass, .unknown, .pass][number % 9]
        let observed = "\(number % 977).\(number % 10) ms"
        let reason =
            switch outcome {
            case .pass: "\(observed) satisfies 'fail > 100 ms, warn > 50 ms'"
            case .warn: "\(observed) meets the warning '> 50 ms'"
            case .fail: "\(observed) breaks 'fail > 100 ms'"
            case .unknown: "could not reach what it measures: connection to 'shard-\(number)' refused"
            }
        let finding = Finding(
            criterion: name,
            role: .success,
            strength: .must,
            outcome: outcome,
            reason: reason,
            observed: outcome == .unknown ? nil : observed,
            bound: "fail > 100 ms, warn > 50 ms",
            baseline: "44.1 ms",
            samples: number,
            observedAt: start + .milliseconds(number * 7),
            resolvedQuery: "SELECT avg(took_ms) FROM orders WHERE shard = \(number) AND placed_at < '2026-11-20'"
        )
        return Self(
            name: name,
            role: .success,
            strength: .must,
            probe: "latency",
            bound: "fail > 100 ms, warn > 50 ms",
            sources: ["S4-77"],
            risks: ["R003"],
            finding: finding,
            notes: ["p50 12.1 ms, p95 54.6 ms, p99 81.0 ms"],
            rounds: number % 400,
            failures: number % 7,
            history: [],
            tookMilliseconds: Int64(number % 250),
            place: Place(file: "phases/wide.yaml", line: number + 10, column: 9),
            owner: "shards@example.org"
        )
    }
}

import Foundation
import PhasegateCore
import PhasegateProbes
import PhasegateSQLite

/// A thousand `sql` criteria in one gate against the same statements in the sqlite3 shell.
struct GateBenchmarks {
    let place: Place

    func callAsFunction(_ board: Scoreboard) async throws {
        let directory = try emptyDirectory(place.work + "/gate")
        try shell(directory + "/shop.db", running: Self.shop)
        // Statements that do work: about 4 ms each.
        try await measure("aggregates", in: directory, rounds: 5, board) {
            "SELECT avg(price) + \($0) FROM orders WHERE customer % 1000 <> \($0) AND price >= 5.5 AND note NOT LIKE '5%'"
        }
        // Statements that do none: what is left is our own cost of a criterion.
        try await measure("constants", in: directory, rounds: 11, board) { "SELECT \($0)" }
    }

    private func measure(
        _ name: String,
        in directory: String,
        rounds: Int,
        _ board: Scoreboard,
        _ query: (Int) -> String
    ) async throws {
        let queries = (0..<1000).map(query)
        let script = "\(directory)/\(name).sql"
        try Data(queries.map { $0 + ";\n" }.joined().utf8).write(to: URL(filePath: script))
        let file = "\(directory)/\(name).yaml"
        try Data(Self.yaml(name, queries).utf8).write(to: URL(filePath: file))
        let criteria = queries.enumerated().map { index, query in criterion("c\(index)", query: query) }
        let ledger = "\(directory)/\(name).ledger"
        let times = try await medians(
            rounds: rounds,
            [
                { try await readings(of: criteria, in: directory) },
                {
                    for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: ledger + suffix) }
                    try run([place.phasegate, "check", file, "--ledger", ledger], in: directory)
                },
                { try shell(directory + "/shop.db", script: script) },
            ]
        )
        board.enter("1,000 \(name): measuring / shell", ours: times[0] * 1000, theirs: times[2] * 1000, unit: "ms")
        board.enter("1,000 \(name): whole check / shell", ours: times[1] * 1000, theirs: times[2] * 1000, unit: "ms")
    }

    private func criterion(_ name: String, query: String) -> Criterion {
        Criterion(
            name: CriterionName(rawValue: name),
            role: .precondition,
            probe: Criterion.ProbeSpec(kind: "sql", settings: .map(["query": .text(query), "target": .text("main")])),
            bounds: Criterion.Bounds(demand: Bound(.atLeast, .value(Quantity(0))))
        )
    }

    /// What `check` does between opening the gate and weighing it, in this process.
    private func readings(of criteria: [Criterion], in directory: String) async throws {
        let target = DatabaseTarget(
            name: "main",
            engine: "sqlite",
            location: .file("shop.db"),
            fingerprint: DatabaseTarget.Fingerprint(applicationID: nil, tables: []),
            isWritable: true
        )
        let rollout = Rollout(name: "gate", title: "Gate", targets: [target], phases: [])
        let sessions = SessionPool(rollout: rollout, baseDirectory: directory, engines: [SQLiteEngine()])
        let runner = ProbeRunner(
            rollout: rollout,
            baseDirectory: directory,
            planDirectory: directory,
            scratchDirectory: directory,
            sessions: sessions,
            flags: NoFlags(),
            now: wallClock
        )
        let moment = wallClock()
        let request = ProbeRequest(
            phase: "measure",
            criteria: criteria,
            phaseEnteredAt: moment,
            gateOpenedAt: moment,
            attestations: []
        )
        let readings = await runner.readings(for: request)
        await sessions.closeAll()
        guard readings.count == criteria.count, readings.allSatisfy({ $0.measurement != nil }) else {
            throw ProgramFailed(description: "not every criterion was measured")
        }
    }

    private static func yaml(_ name: String, _ queries: [String]) -> String {
        let criteria = queries.enumerated().map { index, query in
            "      - {name: c\(index), source: D-1, probe: {kind: sql, query: \"\(query)\"}, must: \">= 0\"}\n"
        }
        return """
            phasegate: 1
            rollout: \(name)
            title: A thousand criteria
            targets:
              main: {engine: sqlite, path: shop.db}
            phases:
              - name: measure
                reversibility: reversible
                success:
                  - {name: end, source: D-1, probe: {kind: sql, query: "SELECT 1"}, must: "= 1"}
                preconditions:

            """ + criteria.joined()
    }

    private static let shop = """
        CREATE TABLE orders (id INTEGER PRIMARY KEY, customer INTEGER, price REAL, status TEXT, note TEXT);
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000)
        INSERT INTO orders
        SELECT i, i * 7919 % 5003, i * 104729 % 100000 / 100.0, CASE i % 7 WHEN 0 THEN 'open' ELSE 'done' END,
            printf('order %08d', i * 31) FROM n;
        """
}

/// The benchmarks' rollouts have no flags.
struct NoFlags: FlagReading {
    func share(of flag: FlagKey) async throws(ProbeError) -> BasisPoints? { nil }
}

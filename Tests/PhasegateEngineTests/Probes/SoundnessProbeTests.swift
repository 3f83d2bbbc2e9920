import FoundationEssentials
import PhasegateCore
import PhasegateProbes
import Testing

@Suite("integrity and explain probes")
struct SoundnessProbeTests {
    @Test func aViolatedForeignKeyIsFound() async throws {
        let bench = try Bench()
        try await bench.make(
            "main",
            """
            CREATE TABLE users (id INTEGER PRIMARY KEY);
            CREATE TABLE trades (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users(id));
            PRAGMA foreign_keys = OFF;
            INSERT INTO trades VALUES (41, 7);
            """
        )
        let measurement = try await bench.measure("integrity")
        #expect(measurement.word == "violated")
        #expect(measurement.notes.contains { $0.contains("row 41 of 'trades'") && $0.contains("'users'") })
        #expect(try await bench.measure("integrity", ["checks": .texts("full")]).word == "ok")
    }

    /// A row that an index does not know is invisible to queries that use it.
    @Test func anIndexThatLacksARowIsFound() async throws {
        let bench = try Bench()
        try await bench.make("main", ProbeSample.script)
        try await bench.run(
            """
            PRAGMA writable_schema = ON;
            CREATE TEMP TABLE kept AS SELECT * FROM sqlite_master WHERE name = 'by_symbol';
            DELETE FROM sqlite_master WHERE name = 'by_symbol';
            PRAGMA writable_schema = RESET;
            INSERT INTO trades VALUES (5000, 'S1', 1);
            PRAGMA writable_schema = ON;
            INSERT INTO sqlite_master SELECT * FROM kept;
            PRAGMA writable_schema = RESET;
            """
        )
        let full = try await bench.measure("integrity", ["checks": .texts("full")])
        #expect(full.word == "violated")
        #expect(full.notes.contains { $0.contains("by_symbol") }, "\(full.notes)")
    }

    /// SQLite does not even read CHECK constraints of a file that it opens read-only (`sqlite3AddCheckConstraint`).
    @Test func aBrokenCheckIsFound() async throws {
        let bench = try Bench()
        try await bench.make(
            "main",
            "CREATE TABLE t (v INTEGER CHECK (v > 0)); PRAGMA ignore_check_constraints = ON; INSERT INTO t VALUES (-1)"
        )
        let measurement = try await bench.measure("integrity", ["checks": .texts("full")])
        #expect(measurement.word == "violated")
    }

    private func explain(_ settings: [String: Setting]) async throws -> Measurement {
        let workload = Workload(
            name: "mixed",
            target: "main",
            queries: [
                Workload.Query(
                    sql: "SELECT price FROM trades WHERE symbol = :symbol",
                    parameters: ["symbol": .values([.text("S1")])],
                    weight: 1
                ),
                Workload.Query(sql: "SELECT * FROM notes", parameters: [:], weight: 1),
            ],
            concurrency: 1,
            warmup: 0,
            samples: 1
        )
        let bench = try Bench(workloads: [workload])
        try await bench.make("main", ProbeSample.script + "CREATE TABLE notes (v);")
        return try await bench.measure("explain", settings)
    }

    @Test(arguments: [
        ("SELECT price FROM trades WHERE symbol = 'S1'", "by_symbol", "indexed"),
        ("SELECT price FROM trades WHERE id = 1", "by_symbol", "index-unused"),
        ("SELECT price FROM trades WHERE price > 1", "by_symbol", "scanning"),
        ("SELECT price FROM trades WHERE symbol = 'S1'", "by_price", "index-unused"),
        ("SELECT * FROM trades a, trades b WHERE a.symbol = 'S1' AND b.price = a.price", "by_symbol", "scanning"),
    ])
    func plansAreRead(query: String, index: String, expected: String) async throws {
        let measurement = try await explain(["query": .text(query), "uses": .texts(index)])
        #expect(measurement.word == expected, "\(measurement.notes)")
    }

    @Test func workloadsAreExplainedQueryByQuery() async throws {
        #expect(try await explain(["workload": .text("mixed"), "uses": .texts("by_symbol")]).word == "scanning")
        let allowed = try await explain([
            "workload": .text("mixed"), "uses": .texts("by_symbol"), "may-scan": .texts("notes"),
        ])
        #expect(allowed.word == "indexed")
        #expect(allowed.samples == 2)
        await #expect(throws: ProbeError.self) { try await explain(["workload": .text("gone")]) }
        await #expect(throws: Diagnostic.self) { try await explain([:]) }
        await #expect(throws: Diagnostic.self) {
            try await explain(["workload": .text("mixed"), "query": .text("SELECT 1")])
        }
    }
}

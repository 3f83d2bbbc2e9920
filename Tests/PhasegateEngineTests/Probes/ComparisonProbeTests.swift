import PhasegateCore
@testable import PhasegateProbes
import PhasegateTesting
import Testing

@Suite("SessionComparison: two databases against each other")
struct ComparisonProbeTests {
    private static let script = """
        CREATE TABLE users (id INTEGER PRIMARY KEY, name VARCHAR(20) NOT NULL);
        CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL, cents INTEGER);
        INSERT INTO users VALUES (1, 'ada'), (2, 'bob');
        INSERT INTO orders VALUES (1, 1, 100), (2, 1, NULL), (3, 2, 7);
        """

    private func bench(on sample: EngineSample, _ other: String) async throws -> Bench {
        let none = DatabaseTarget.Fingerprint(applicationID: nil, tables: [])
        let bench = try Bench(on: sample, targets: ["main": none, "staging": none])
        try await bench.make("main", Self.script)
        try await bench.make("staging", Self.script + other)
        return bench
    }

    private func compare(_ measure: String, _ bench: Bench, _ more: [String: Setting] = [:]) async throws -> Measurement
    {
        try await bench.measure(
            "comparison",
            ["target": "staging", "with": "main", "measure": .text(measure)].merging(more) { $1 }
        )
    }

    @Test(arguments: EngineSample.all)
    func equalOnesMatch(sample: EngineSample) async throws {
        let bench = try await bench(on: sample, "")
        for measure in ["schema", "content"] {
            let measured = try await compare(measure, bench)
            #expect(measured.word == "matches", "\(measured.notes)")
        }
        #expect(try await compare("rows", bench).parts.allSatisfy { $0.quantity.number == 100 })
    }

    @Test(arguments: EngineSample.all)
    func whatDiffersIsNamed(sample: EngineSample) async throws {
        let bench = try await bench(
            on: sample,
            """
            ALTER TABLE users ADD COLUMN age INTEGER;
            CREATE INDEX idx_orders_user ON orders (user_id);
            UPDATE orders SET cents = 8 WHERE id = 3;
            DELETE FROM orders WHERE id = 1;
            """
        )
        let schema = try await compare("schema", bench)
        #expect(schema.word == "differs")
        #expect(schema.notes.contains { $0.contains("'users' has other columns: age") })
        #expect(schema.notes.contains { $0.contains("idx_orders_user") && $0.contains("in staging") })
        let content = try await compare("content", bench, ["tables": .texts("orders")])
        #expect(content.word == "differs")
        #expect(content.notes.contains { $0.contains("2 rows in staging, 3 in main") })
        let rows = try await compare("rows", bench, ["tables": .texts("orders")])
        #expect(rows.parts.first.map { Int($0.quantity.number ?? 0) } == 66)
    }

    @Test func oneTableOfManyCanBeCompared() async throws {
        let bench = try await bench(on: .sqlite, "DROP TABLE orders")
        #expect(try await compare("content", bench, ["tables": .texts("users")]).word == "matches")
        let all = try await compare("content", bench)
        #expect(all.word == "differs")
        #expect(all.notes == ["table 'orders' is only in main"])
        #expect(throws: Diagnostic.self) {
            try ComparisonProbe(.map(["target": "main", "with": "main", "measure": "schema"]))
        }
    }

    @Test func anEmptyDatabaseIsNotLikeAnother() async throws {
        let none = DatabaseTarget.Fingerprint(applicationID: nil, tables: [])
        let bench = try Bench(targets: ["main": none, "staging": none])
        try await bench.make("main", "")
        try await bench.make("staging", "")
        for measure in ["schema", "content", "rows"] {
            await #expect(throws: ProbeError.self) { try await compare(measure, bench) }
        }
    }

    /// The same world in three engines, each in its own spelling.
    @Test(.enabled(if: PostgreSQLServer.isWanted && MariaDBServer.isWanted, "servers are not installed"))
    func enginesAreComparedByMeaning() async throws {
        let values = "(1, '1.50', 1, '2026-01-31 10:00:00', '{\"b\": [1, 2.0], \"a\": \"x\"}', 'ä')"
        let lite = """
            CREATE TABLE t (id INTEGER PRIMARY KEY, price DECIMAL(10,2), isOn BOOLEAN, at TIMESTAMP, doc JSON, word TEXT);
            INSERT INTO t VALUES \(values), (2, NULL, 0, NULL, NULL, '');
            """
        let other = """
            CREATE TABLE t (id INTEGER PRIMARY KEY, price NUMERIC(12,4), "isOn" BOOLEAN, at TIMESTAMPTZ, doc JSONB, word TEXT);
            INSERT INTO t VALUES (1, 1.5, true, '2026-01-31 11:00:00+01', '{"a": "x", "b": [1, 2]}', 'ä'),
                (2, NULL, false, NULL, NULL, '');
            """
        let maria = """
            CREATE TABLE t (id INTEGER PRIMARY KEY, price DECIMAL(10,2), isOn TINYINT(1), at DATETIME(6), doc JSON, word TEXT);
            INSERT INTO t VALUES \(values), (2, NULL, 0, NULL, NULL, '');
            """
        let made = [
            try await made(.sqlite, lite), try await made(.postgreSQL, other), try await made(.mariaDB, maria),
        ]
        let limit = Duration.seconds(30)
        for here in made {
            for there in made {
                let found = try await ContentComparison(here: here.session, there: there.session, table: "t")
                    .difference(namely: "a", "b", within: limit)
                #expect(found == nil, "\(here.session.dialect) and \(there.session.dialect)")
            }
        }
        for place in made.dropFirst() {
            try await place.change("UPDATE t SET price = 1.51 WHERE id = 1")
            let found = try await ContentComparison(here: made[0].session, there: place.session, table: "t")
                .difference(namely: "a", "b", within: limit)
            #expect(found?.contains("where id is 1") == true, "\(found ?? "nothing")")
        }
        for place in made { await place.session.close() }
    }

    private struct Made {
        let bench: Bench
        let session: any DatabaseSession

        func change(_ sql: String) async throws { try await bench.run(sql) }
    }

    private func made(_ sample: EngineSample, _ script: String) async throws -> Made {
        let bench = try Bench(on: sample)
        try await bench.make("main", script)
        return Made(bench: bench, session: try await bench.sessions.newSession(on: "main", for: .reading))
    }

    @Test(arguments: [
        ("1.50", "1.5"), ("-0.0", "0"), ("1e3", "1000"), ("0.0012", "1.2e-3"), ("+7", "7"), ("10", "1e1"),
    ])
    func equalNumbersHaveOneSpelling(one: String, other: String) {
        #expect(CanonicalRow.decimal(one) == CanonicalRow.decimal(other))
        #expect(CanonicalRow.decimal(one) != CanonicalRow.decimal(other + "1"))
    }

    @Test(arguments: [
        ("1970-01-01 00:00:00", 0), ("1970-01-01T01:00:00+01:00", 0), ("1969-12-31 23:59:59.5Z", -500_000),
        ("2026-02-28 10:00", 1_772_272_800_000_000), ("2000-02-29", 951_782_400_000_000),
        ("1970-01-01 05:30:00+0530", 0),
    ])
    func momentsAreReadInEverySpelling(text: String, microseconds: Int64) {
        #expect(CanonicalRow.microseconds(text) == microseconds)
    }

    @Test(arguments: ["", "now", "2026-13-01", "2026-01-01 aa:00:00", "2026-01-01 10:00:00 or so"])
    func whatIsNoMomentStaysText(text: String) { #expect(CanonicalRow.microseconds(text) == nil) }
}

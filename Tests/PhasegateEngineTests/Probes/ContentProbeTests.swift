import PhasegateCore
import PhasegateProbes
import Testing

@Suite("row-count and content-hash probes")
struct ContentProbeTests {
    private func hash(_ script: String, _ settings: [String: Setting] = [:]) async throws -> Quantity? {
        let bench = try Bench()
        try await bench.make("main", script)
        let all = settings.merging(["tables": .texts("t")]) { first, _ in first }
        return try await bench.measure("content-hash", all).quantity(of: "t")
    }

    @Test func countsAreExactAndNamedByTable() async throws {
        let bench = try Bench()
        try await bench.make(
            "main",
            ProbeSample.script + "CREATE TABLE empty (v); ANALYZE; DELETE FROM trades WHERE id <= 17;"
        )
        let measurement = try await bench.measure("row-count", ["tables": .texts("trades", "empty")])
        #expect(measurement.parts.map(\.name) == ["trades", "empty"])
        #expect(measurement.parts.map(\.quantity) == [Quantity(983, .rows), Quantity(0, .rows)])
        // As a phase freezes it and compares later, part by part.
        let kept = try Bound("= baseline")
        try await bench.run("INSERT INTO empty VALUES (1)")
        let later = try await bench.measure("row-count", ["tables": .texts("trades", "empty")])
        let holds = later.parts.map { kept.holds(for: $0.quantity, baseline: measurement.quantity(of: $0.name)) }
        #expect(holds == [true, false])
    }

    @Test func conditionsRestrict() async throws {
        let bench = try Bench()
        try await bench.make("main", ProbeSample.script)
        let some = try await bench.measure("row-count", ["tables": .texts("trades"), "where": .text("symbol = 'S3'")])
        #expect(some.quantity(of: "trades") == Quantity(100, .rows))
        #expect(
            try await hash("CREATE TABLE t (v); INSERT INTO t VALUES (1), (2)", ["where": .text("v = 1")])
                == hash("CREATE TABLE t (v); INSERT INTO t VALUES (1), (3)", ["where": .text("v = 1")])
        )
    }

    @Test(arguments: ["row-count", "content-hash"] as [ProbeName])
    func oneMissingTableSpoilsAll(kind: ProbeName) async throws {
        let bench = try Bench()
        try await bench.make("main", ProbeSample.script)
        await #expect(throws: ProbeError.self) { try await bench.measure(kind, ["tables": .texts("trades", "gone")]) }
        let error = await #expect(throws: ProbeError.self) { try await bench.measure(kind, ["tables": .list([])]) }
        #expect(error?.why == .noData)
    }

    @Test func theOrderOfRowsDoesNotMatter() async throws {
        let there = try await hash("CREATE TABLE t (a, b); INSERT INTO t VALUES (1, 'x'), (2, 'y'), (3, NULL)")
        let back = try await hash("CREATE TABLE t (a, b); INSERT INTO t VALUES (3, NULL), (2, 'y'), (1, 'x')")
        #expect(there == back)
        #expect(there != (try await hash("CREATE TABLE t (a, b); INSERT INTO t VALUES (1, 'y'), (2, 'x'), (3, NULL)")))
    }

    @Test func typesMatter() async throws {
        let literals = ["1", "1.0", "'1'", "x'31'", "NULL", "''", "x''", "0", "0.0", "-0.0", "'NULL'", "'1 '"]
        var seen: [Quantity: String] = [:]
        for literal in literals {
            let quantity = try #require(try await hash("CREATE TABLE t (v); INSERT INTO t VALUES (\(literal))"))
            // SQLite reads the literal -0.0 as 0.0.
            #expect(seen[quantity] == nil || literal == "-0.0", "\(literal) is as \(seen[quantity] ?? "")")
            seen[quantity] = literal
        }
    }

    @Test func neighboursAreKeptApart() async throws {
        let one = try await hash("CREATE TABLE t (a, b); INSERT INTO t VALUES ('ab', 'c')")
        let other = try await hash("CREATE TABLE t (a, b); INSERT INTO t VALUES ('a', 'bc')")
        #expect(one != other)
    }

    @Test func duplicatesCount() async throws {
        let script = { (rows: String) in "CREATE TABLE t (v); INSERT INTO t VALUES \(rows)" }
        let hashes = try await [
            hash("CREATE TABLE t (v)"), hash(script("(5)")), hash(script("(5), (5)")), hash(script("(5), (5), (5)")),
        ]
        #expect(Set(hashes).count == 4)
    }

    @Test func theLayoutOfTheFileDoesNotMatter() async throws {
        let bench = try Bench()
        try await bench.make("main", ProbeSample.script + "DELETE FROM trades WHERE id % 3 = 0;")
        let before = try await bench.measure("content-hash", ["tables": .texts("trades")])
        try await bench.run("VACUUM; REINDEX; ANALYZE")
        let after = try await bench.measure("content-hash", ["tables": .texts("trades")])
        #expect(before.parts == after.parts)
        try await bench.run("UPDATE trades SET price = price + 1e-9 WHERE id = 500")
        #expect(try await bench.measure("content-hash", ["tables": .texts("trades")]).parts != before.parts)
    }
}

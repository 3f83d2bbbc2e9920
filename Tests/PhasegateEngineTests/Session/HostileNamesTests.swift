import PhasegateCore
import PhasegateProbes
import Testing

@Suite("names with SQL in them")
struct HostileNamesTests {
    private static let names = [
        "trades\"; DROP TABLE victims; --", "trades'; DROP TABLE victims; --", "a;b", "a\"\"b", "[a]", "`a`", "SELECT",
        " ",
        "ü 🏦", "a.b", "victims\" UNION SELECT * FROM \"victims",
    ]

    @Test(arguments: names)
    func areNamesAndNothingElse(name: String) async throws {
        let bench = try Bench()
        try await bench.make(
            "main",
            "CREATE TABLE victims (v); INSERT INTO victims VALUES (1), (2); "
                + "CREATE TABLE \(SQLDialect.sqlite.quoted(name)) (v); INSERT INTO \(SQLDialect.sqlite.quoted(name)) VALUES (7)"
        )
        let count = try await bench.measure("row-count", ["tables": .texts(name)])
        #expect(count.quantity(of: name) == Quantity(1, .rows))
        let hash = try await bench.measure("content-hash", ["tables": .texts(name)])
        #expect(hash.quantity(of: name)?.description.hasPrefix("1:") == true)
        #expect(try await bench.rows("SELECT count(*) FROM victims") == [[.integer(2)]])
    }

    @Test(arguments: names, ["row-count", "content-hash"] as [ProbeName])
    func areNotMeasuredWhenThereIsNoSuchTable(name: String, kind: ProbeName) async throws {
        let bench = try Bench()
        try await bench.make("main", "CREATE TABLE victims (v); INSERT INTO victims VALUES (1), (2)")
        await #expect(throws: ProbeError.self) { try await bench.measure(kind, ["tables": .texts(name)]) }
        #expect(try await bench.rows("SELECT count(*) FROM victims") == [[.integer(2)]])
    }

    @Test(arguments: names)
    func surviveABackup(name: String) async throws {
        let bench = try Bench()
        try await bench.make(
            "main",
            "CREATE TABLE \(SQLDialect.sqlite.quoted(name)) (v TEXT); INSERT INTO \(SQLDialect.sqlite.quoted(name)) VALUES ('x')"
        )
        let measurement = try await bench.measure("backup", ["level": .text("content")])
        #expect(measurement.word == "verified", "\(measurement.notes)")
    }
}

import PhasegateCore
import PhasegateProbes
import Testing

@Suite("schema probe")
struct SchemaProbeTests {
    private static let script = """
        CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL, mail TEXT UNIQUE);
        CREATE TABLE trades (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users(id) ON DELETE CASCADE, price REAL);
        CREATE INDEX by_user ON trades(user_id, price);
        """

    private func measure(_ settings: [String: Setting]) async throws -> Measurement {
        let bench = try Bench()
        try await bench.make("main", Self.script)
        return try await bench.measure("schema", settings)
    }

    private static func table(_ name: String, _ expected: [String: Setting]) -> [String: Setting] {
        ["tables": .map([name: .map(expected)])]
    }

    @Test func whatIsAsExpectedMatches() async throws {
        let measurement = try await measure([
            "tables": .map([
                "users": .map([
                    "columns": .map([
                        "id": .text("integer key"), "name": .text("text not null"), "mail": .text("text null"),
                    ]),
                    "unique": .list([.texts("mail")]), "exact": .truth(true),
                ]),
                "trades": .map([
                    "columns": .map(["price": .text("REAL")]), "indexes": .map(["by_user": .texts("user_id", "price")]),
                    "foreign-keys": .texts("user_id -> users on delete cascade", "user_id -> users"),
                ]),
            ]),
            "absent": .texts("portfolio", "users.password", "by_price"),
        ])
        #expect(measurement.word == "matches", "\(measurement.notes)")
    }

    private static let mistakes: [(settings: [String: Setting], note: String)] = [
        (table("portfolio", [:]), "table 'portfolio' is missing"),
        (table("users", ["columns": .map(["age": .text("integer")])]), "column 'users.age' is missing"),
        (
            table("users", ["columns": .map(["name": .text("integer")])]),
            "column 'users.name' is TEXT, expected INTEGER"
        ),
        (table("users", ["columns": .map(["mail": .text("text not null")])]), "column 'users.mail' takes NULL"),
        (table("users", ["columns": .map(["name": .text("text null")])]), "column 'users.name' refuses NULL"),
        (
            table("users", ["columns": .map(["name": .text("text key")])]),
            "column 'users.name' is not in the primary key"
        ),
        (
            table("users", ["columns": .map(["id": .text("integer"), "name": .text("text")]), "exact": .truth(true)]),
            "column 'users.mail' is not expected"
        ),
        (table("trades", ["indexes": .map(["by_price": .texts("price")])]), "index 'by_price' is missing"),
        (
            table("trades", ["indexes": .map(["by_user": .texts("price", "user_id")])]),
            "index 'by_user' is on (user_id, price)"
        ),
        (table("users", ["unique": .list([.texts("name")])]), "table 'users' is not unique on (name)"),
        (
            table("trades", ["foreign-keys": .texts("user_id -> users on delete restrict")]),
            "foreign key 'trades: user_id -> users on delete restrict' is missing"
        ),
        (
            table("trades", ["foreign-keys": .texts("price -> users")]),
            "foreign key 'trades: price -> users' is missing"
        ),
        (["absent": .texts("users")], "'users' is there and should not be"),
        (["absent": .texts("trades.price")], "'trades.price' is there and should not be"),
        (["absent": .texts("by_user")], "'by_user' is there and should not be"),
    ]

    @Test(arguments: mistakes.indices)
    func whatIsNotIsSaid(number: Int) async throws {
        let (settings, note) = Self.mistakes[number]
        let measurement = try await measure(settings)
        #expect(measurement.word == "differs")
        #expect(measurement.notes == [note])
    }

    @Test func expectingNothingIsADiagnostic() async throws {
        await #expect(throws: Diagnostic.self) { try await measure([:]) }
    }
}

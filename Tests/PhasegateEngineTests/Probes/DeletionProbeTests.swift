import PhasegateCore
import PhasegateProbes
import Testing

@Suite("deletion probe on servers", .serialized)
struct DeletionProbeTests {
    private func bench(on sample: EngineSample) async throws -> Bench {
        let bench = try Bench(on: sample)
        try await bench.make(
            "main",
            """
            CREATE TABLE users (id INTEGER PRIMARY KEY, name VARCHAR(20));
            CREATE TABLE trades (id INTEGER PRIMARY KEY, user_id INTEGER, FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE RESTRICT);
            CREATE TABLE sessions (id INTEGER PRIMARY KEY, user_id INTEGER, FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE);
            CREATE TABLE notes (id INTEGER PRIMARY KEY, author INTEGER, FOREIGN KEY (author) REFERENCES users (id) ON DELETE SET NULL);
            CREATE TABLE letters (id INTEGER PRIMARY KEY, user_id INTEGER, FOREIGN KEY (user_id) REFERENCES users (id));
            INSERT INTO users VALUES (1, 'ada'), (2, 'bob'), (3, 'cid');
            INSERT INTO trades VALUES (1, 1);
            INSERT INTO sessions VALUES (1, 2), (2, 2);
            INSERT INTO notes VALUES (1, 3), (2, NULL);
            """
        )
        return bench
    }

    @Test(arguments: EngineSample.forBackups)
    func everyWayIsTold(sample: EngineSample) async throws {
        let bench = try await bench(on: sample)
        let measured = try await bench.measure("deletion", ["parent": "users"])
        let words = Dictionary(uniqueKeysWithValues: measured.parts.map { ($0.name, $0.quantity) })
        #expect(
            words == [
                "trades.user_id": Quantity(word: "refused"), "sessions.user_id": Quantity(word: "cascades"),
                "notes.author": Quantity(word: "sets-null"),
            ]
        )
        // Nothing happened to the target.
        #expect(try await bench.rows("SELECT count(*) FROM users") == [[.integer(3)]])
        #expect(try await bench.rows("SELECT count(*) FROM sessions") == [[.integer(2)]])
        #expect(bench.names(in: "scratch") == [])
        // The worst one decides.
        let kept = try Bound("refused")
        #expect(measured.parts.map { kept.holds(for: $0.quantity, baseline: nil) }.contains(false))
        let one = try await bench.measure("deletion", ["parent": "users", "children": "trades"])
        #expect(one.parts.map(\.quantity) == [Quantity(word: "refused")])
    }

    @Test func withoutChildrenNothingIsTried() async throws {
        let bench = try await bench(on: .sqlite)
        for parent in ["letters", "users"] {
            let error = await #expect(throws: ProbeError.self) {
                try await bench.measure("deletion", ["parent": .text(parent), "children": "letters"])
            }
            #expect(error?.why == .noData)
        }
        let missing = await #expect(throws: ProbeError.self) {
            try await bench.measure("deletion", ["parent": "nowhere"])
        }
        #expect(missing?.why == .failed)
    }
}

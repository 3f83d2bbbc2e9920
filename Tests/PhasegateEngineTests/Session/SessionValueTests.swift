import PhasegateProbes
import Testing

@Suite("session contract: values")
struct SessionValueTests {
    private static let values: [SQLValue] = [
        .null, .integer(0), .integer(.max), .integer(.min), .integer(-1), .real(0), .real(-0.0), .real(0.1 + 0.2),
        .real(.greatestFiniteMagnitude), .real(.leastNonzeroMagnitude), .real(.infinity), .real(-.infinity),
        .real(1), .text(""), .text("O'Reilly; DROP TABLE t; --"), .text("日本語 🏦 e\u{301}"),
        .text(String(repeating: "x", count: 100_000)), .blob([]), .blob([0, 255, 0, 39]),
    ]

    @Test(arguments: EngineSample.all)
    func comeBackExactly(sample: EngineSample) async throws {
        try await sample.writing { session in
            var read: [SQLValue] = []
            let values = Self.values.filter(sample.holds)
            for (id, value) in values.enumerated() {
                let column = "v \(sample.type(of: value))"
                try await session.run(script: "CREATE TABLE t\(id) (\(column))", within: .seconds(5))
                _ = try await session.rows(
                    SQLQuery("INSERT INTO t\(id) VALUES (:v)", ["v": value]),
                    within: .seconds(5)
                )
                read += try await session.rows(SQLQuery("SELECT v FROM t\(id)"), within: .seconds(5)).map {
                    $0.values[0]
                }
            }
            #expect(read == values)
            // Doubles by their bits: == calls 0.0 and -0.0 the same.
            let bits = { (value: SQLValue) -> UInt64? in
                if case .real(let real) = value { real.bitPattern } else { nil }
            }
            #expect(read.map(bits) == values.map(bits))
        }
    }

    @Test(arguments: EngineSample.all)
    func textKeepsItsCodePoints(sample: EngineSample) async throws {
        // Swift calls the two spellings equal; the database must not change one into the other.
        try await sample.writing { session in
            for text in ["\u{E9}", "e\u{301}"] {
                let row = try await session.rows(SQLQuery("SELECT :t AS t", ["t": .text(text)]), within: .seconds(5))
                    .first
                #expect(row?["t"]?.text.map { Array($0.utf8) } == Array(text.utf8))
            }
        }
    }

    @Test(arguments: EngineSample.all)
    func parametersAreBoundByName(sample: EngineSample) async throws {
        try await sample.writing { session in
            let query = SQLQuery("SELECT :b AS first, :a AS second, :b AS third", ["a": .integer(1), "b": .integer(2)])
            let row = try #require(try await session.rows(query, within: .seconds(5)).first)
            #expect(row.columns == ["first", "second", "third"])
            #expect(row.values == [.integer(2), .integer(1), .integer(2)])
        }
    }

    @Test(arguments: EngineSample.all)
    func aMissingParameterIsAnErrorAndNotNull(sample: EngineSample) async throws {
        try await sample.writing { session in
            let thrown = await code {
                _ = try await session.rows(SQLQuery("SELECT :a, :b", ["a": .integer(1)]), within: .seconds(5))
            }
            #expect(thrown == .badStatement)
        }
    }

    /// A value left over from an earlier execution would be a parameter of somebody else's question.
    @Test(arguments: EngineSample.all)
    func aKeptStatementForgetsItsParameters(sample: EngineSample) async throws {
        try await sample.writing { session in
            let first = try await session.rows(SQLQuery("SELECT :a", ["a": .text("secret")]), within: .seconds(5))
            #expect(first.first?.values == [.text("secret")])
            let thrown = await code { _ = try await session.rows(SQLQuery("SELECT :a"), within: .seconds(5)) }
            #expect(thrown == .badStatement)
            let again = try await session.rows(SQLQuery("SELECT :a", ["a": .null]), within: .seconds(5))
            #expect(again.first?.values == [.null])
        }
    }

    @Test(arguments: EngineSample.all)
    func aSecondStatementIsRefusedAndNotRun(sample: EngineSample) async throws {
        try await sample.writing { session in
            try await session.run(script: "CREATE TABLE t (v INTEGER)", within: .seconds(5))
            for sql in ["SELECT 1; DROP TABLE t", "INSERT INTO t VALUES (1); INSERT INTO t VALUES (2)"] {
                let thrown = await code { _ = try await session.rows(SQLQuery(sql), within: .seconds(5)) }
                #expect(thrown == .badStatement, "\(sql)")
            }
            let count = try await session.rows(SQLQuery("SELECT count(*) FROM t ;\n "), within: .seconds(5))
            #expect(count.first?.values == [.integer(0)])
        }
    }

    @Test(arguments: EngineSample.all, ["", "  ", "-- nothing", "SELEC 1", "SELECT * FROM nowhere", "SELECT (1"])
    func whatIsNoStatementIsSortedAsOne(sample: EngineSample, sql: String) async throws {
        try await sample.writing { session in
            let thrown = await code { _ = try await session.rows(SQLQuery(sql), within: .seconds(5)) }
            #expect(thrown == .badStatement)
        }
    }
}

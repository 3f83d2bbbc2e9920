import PhasegateCore
import PhasegateProbes
import Testing

@Suite("sql probe")
struct ScalarProbeTests {
    private func measure(_ query: String, _ settings: [String: Setting] = [:]) async throws -> Measurement {
        let bench = try Bench()
        try await bench.make("main", "CREATE TABLE t (v); INSERT INTO t VALUES (1), (2), (NULL)")
        return try await bench.measure("sql", settings.merging(["query": .text(query)]) { first, _ in first })
    }

    @Test(arguments: [
        ("SELECT NULL", Reading.Unavailability.noData), ("SELECT avg(v) FROM t WHERE v > 9", .noData),
        ("SELECT v FROM t WHERE v > 9", .noData), ("SELECT 0.0 / 0", .noData), ("SELECT 9e999", .notAValue),
        ("SELECT -9e999", .notAValue), ("SELECT x'31'", .notAValue), ("SELECT v FROM t", .notAValue),
        ("SELECT 'a' AS part, NULL", .noData), ("SELECT 'a' AS part, 1 UNION ALL SELECT 'b', 9e999", .notAValue),
        ("SELECT 'a' AS part", .noData), ("SELECT 1; SELECT 2", .failed), ("DELETE FROM t", .unreachable),
        ("SELECT :nonsense", .failed), ("SELECT v FROM nowhere", .failed),
    ])
    func whatIsNoValueIsNotMeasured(query: String, why: Reading.Unavailability) async throws {
        let error = await #expect(throws: ProbeError.self) { try await measure(query) }
        #expect(error?.why == why, "\(query): \(String(describing: error))")
    }

    /// A word never compares with a number, so that no bound can hold for it.
    @Test(arguments: ["NaN", "inf", "0", ""])
    func textStaysAWord(text: String) async throws {
        let measurement = try await measure("SELECT '\(text)'", ["unit": .text("ms")])
        #expect(measurement.parts[0].quantity == Quantity(word: text))
        #expect(try Bound("< 100 ms").holds(for: measurement.parts[0].quantity, baseline: nil) == nil)
    }

    @Test func valuesKeepTheirUnitAndSamples() async throws {
        let measurement = try await measure("SELECT 47.25 AS p95, 1200 AS samples", ["unit": .text("ms")])
        #expect(measurement.parts[0].quantity == Quantity(real: 47.25, .milliseconds))
        #expect(measurement.samples == 1200)
        let whole = try await measure("SELECT 9223372036854775807")
        #expect(whole.parts[0].quantity == Quantity(.max))
    }

    /// Many observations of one part must not stand in for those another part lacks.
    @Test func theFewestSamplesOfAPartCount() async throws {
        let parts = "SELECT 'a' AS part, 1.0, 5000 AS samples UNION ALL SELECT 'b', 2.0, "
        #expect(try await measure(parts + "3").samples == 3)
        #expect(try await measure(parts + "NULL").samples == nil)
        #expect(try await measure(parts + "3").quantity(of: "b") == Quantity(real: 2))
    }

    @Test func theWindowNeverReachesBehindTheGate() async throws {
        let gate = (Bench.now + .seconds(-600)).milliseconds
        let since = { (window: String) in try await measure("SELECT :since_ms", ["window": .text(window)]).number }
        #expect(try await since("10 s") == Double(Bench.now.milliseconds - 10_000))
        #expect(try await since("1 h") == Double(gate))
        #expect(try await measure("SELECT :since_ms").number == Double(gate))
        let resolved = try await measure("SELECT :now_ms - :gate_ms")
        #expect(resolved.number == 600_000)
        #expect(resolved.resolvedQuery?.contains(":gate_ms = \(gate)") == true)
    }

    @Test func badSettingsAreDiagnostics() throws {
        #expect(throws: Diagnostic.self) {
            try ProbeKinds.every.probe(
                .init(kind: "sql", settings: .map(["query": .text("SELECT 1"), "unit": .text("parsecs")]))
            )
        }
        let error = #expect(throws: Diagnostic.self) {
            try ProbeKinds.every.probe(.init(kind: "row-counts", settings: .map([:])))
        }
        #expect(error?.hint?.contains("row-count") == true)
    }
}

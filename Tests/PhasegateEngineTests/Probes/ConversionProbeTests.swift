import PhasegateCore
import PhasegateProbes
import PhasegateTesting
import Testing

@Suite("SessionConversion: values and another type")
struct ConversionProbeTests {
    private func changed(_ bench: Bench, _ column: String, _ type: String) async throws -> Double? {
        try await bench.measure(
            "conversion",
            ["table": "prices", "column": .text(column), "to": .text(type)]
        ).number
    }

    private func bench(on sample: EngineSample) async throws -> Bench {
        let bench = try Bench(on: sample)
        try await bench.make(
            "main",
            """
            CREATE TABLE prices (id INTEGER PRIMARY KEY, price DECIMAL(12,2), word VARCHAR(20), missing INTEGER);
            INSERT INTO prices VALUES (1, 131072.01, '7', NULL), (2, 0.10, '007', NULL), (3, NULL, NULL, NULL),
                (4, 9999999999.99, '12', NULL), (5, 2.00, '1', NULL);
            """
        )
        return bench
    }

    /// X1-3: cents stop surviving a 4-byte number at 131,072.01; an 8-byte one changes none.
    @Test(.enabled(if: PostgreSQLServer.isWanted && MariaDBServer.isWanted, "the servers are not installed"))
    func aFloatOfFourBytesLosesCents() async throws {
        let server = try await bench(on: .postgreSQL)
        #expect(try await changed(server, "price", "REAL") == 2)
        #expect(try await changed(server, "price", "DOUBLE PRECISION") == 0)
        #expect(try await changed(server, "price", "NUMERIC(14, 4)") == 0)
        let maria = try await bench(on: .mariaDB)
        #expect(try #require(try await changed(maria, "price", "FLOAT")) >= 1)
        #expect(try await changed(maria, "price", "DOUBLE") == 0)
    }

    @Test(arguments: EngineSample.all)
    func whatIsCutOffIsCounted(sample: EngineSample) async throws {
        let bench = try await bench(on: sample)
        #expect(try await changed(bench, "price", sample.engine.name == "mariadb" ? "SIGNED" : "BIGINT") == 3)
        // A leading nought does not come back.
        #expect(try await changed(bench, "word", sample.engine.name == "mariadb" ? "SIGNED" : "INTEGER") == 1)
    }

    @Test func whatCannotBeSaidIsNotMeasured() async throws {
        let bench = try await bench(on: .sqlite)
        for (column, why) in [("missing", Reading.Unavailability.noData), ("nowhere", .failed)] {
            let error = await #expect(throws: ProbeError.self) { try await changed(bench, column, "REAL") }
            #expect(error?.why == why)
        }
        for type in ["", "REAL); DROP TABLE prices", "'x'", "4"] {
            #expect(throws: Diagnostic.self) {
                try ConversionProbe(.map(["table": "t", "column": "c", "to": .text(type)]))
            }
        }
    }
}

import FoundationEssentials
import PhasegateCore
import PhasegateProbes
import Testing

@Suite("disk and flag probes")
struct OutsideProbeTests {
    @Test func theSizeOfATargetTakesItsJournalIn() async throws {
        let bench = try Bench()
        try await bench.make("main", ProbeSample.script)
        let size = { (path: String) in try Double(Data(contentsOf: URL(filePath: path)).count) }
        let before = try await bench.measure("disk", ["measure": .text("used-by-target")])
        #expect(before.number == (try size(bench.file())))
        #expect(before.parts[0].quantity.unit == .bytes)
        let session = try await bench.engine.open(bench.file(), for: .writing)
        try await session.run(
            script: "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; UPDATE trades SET price = 1",
            within: .seconds(5)
        )
        let after = try await bench.measure("disk", ["measure": .text("used-by-target")])
        #expect(after.number == (try size(bench.file()) + size(bench.file() + "-wal")))
        #expect(try #require(after.number) > (try #require(before.number)))
        await session.close()
    }

    @Test func roomIsMeasuredOnTheVolumeAskedFor() async throws {
        let bench = try Bench()
        try await bench.make("main", ProbeSample.script)
        #expect(try #require(await bench.measure("disk").number) > 0)
        let share = try #require(
            await bench.measure("disk", ["measure": .text("free-share"), "path": .text("/")]).number
        )
        #expect(share > 0 && share <= 100)
        // A volume without blocks has no room to speak of.
        for path in ["/proc", "nowhere"] {
            let error = await #expect(throws: ProbeError.self) {
                try await bench.measure("disk", ["path": .text(path)])
            }
            #expect(error?.why == .unreachable)
        }
        await #expect(throws: ProbeError.self) { try await bench.measure("disk", ["target": .text("gone")]) }
    }

    private func flag(_ measure: String, _ query: String? = nil, share: Int? = 2500) async throws -> Measurement {
        let bench = try Bench()
        try await bench.make(
            "main",
            "CREATE TABLE seen (exposed INTEGER); INSERT INTO seen VALUES (1), (0), (0), (0), (0)"
        )
        var settings: [String: Setting] = ["flag": .text("reads"), "measure": .text(measure)]
        settings["query"] = query.map { .text($0) }
        let flags = FixedFlags(share.map { ["reads": BasisPoints(rawValue: $0)] } ?? [:])
        return try await bench.measure("flag", settings, in: bench.context(flags: flags))
    }

    private static let counting = "SELECT sum(exposed), count(*) FROM seen"

    @Test func sharesAreReadBackObservedAndCompared() async throws {
        #expect(try await flag("configured").parts[0].quantity == Quantity(real: 25, .percent))
        #expect(try await flag("configured", share: 0).number == 0)
        let observed = try await flag("observed", Self.counting)
        #expect(observed.number == 20)
        #expect(observed.samples == 5)
        #expect(try await flag("deviation", Self.counting).number == 5)
        #expect(try await flag("deviation", Self.counting, share: 1500).number == 5)
        #expect(try await flag("observed", "SELECT 0, 5").number == 0)
    }

    @Test func aFlagThatWasNeverSetHasNoShare() async throws {
        for measure in ["configured", "deviation"] {
            let error = await #expect(throws: ProbeError.self) { try await flag(measure, Self.counting, share: nil) }
            #expect(error?.why == .noData)
        }
    }

    @Test(arguments: [
        ("SELECT sum(exposed), count(*) FROM seen WHERE exposed > 1", Reading.Unavailability.notAValue),
        ("SELECT 0, 0", .noData), ("SELECT 0, -5", .noData), ("SELECT 7, 5", .notAValue), ("SELECT -1, 5", .notAValue),
        ("SELECT 1", .notAValue), ("SELECT '1', '5'", .notAValue), ("SELECT 0.2, 1", .notAValue),
        ("SELECT 1, 5 WHERE 0", .notAValue), ("SELECT * FROM nowhere", .failed),
    ])
    func nobodySeenIsNotAShare(query: String, why: Reading.Unavailability) async throws {
        for measure in ["observed", "deviation"] {
            let error = await #expect(throws: ProbeError.self) { try await flag(measure, query) }
            #expect(error?.why == why, "\(String(describing: error))")
        }
    }

    @Test func observingNeedsAQuery() async throws {
        await #expect(throws: Diagnostic.self) { try await flag("observed") }
        await #expect(throws: Diagnostic.self) { try await flag("deviation") }
    }
}

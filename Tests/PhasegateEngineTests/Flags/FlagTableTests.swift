import PhasegateCore
import PhasegateFlagTables
import PhasegateFlags
import PhasegateProbes
import Testing

/// The table of a flag in each engine: the same sink, the same answers.
@Suite("flag tables in the engines", .timeLimit(.minutes(2)))
struct FlagTableTests {
    private static let salt = #"it's a "sält" \n"#

    private func rule(_ share: Int, _ draw: FlagDraw = FlagDraw(salt: salt, allow: ["ü's \"x\""])) -> FlagRule {
        FlagRule(key: "reads", draw: draw, share: BasisPoints(rawValue: share))
    }

    private func sink(on bench: Bench, table: String? = nil) throws -> any FlagSink {
        var settings = ["target": Setting.text("main")]
        settings["table"] = table.map(Setting.text)
        return try FlagSinks.sink(
            from: .init(name: "table", kind: "sql-table", settings: .map(settings)),
            of: "reads",
            in: FlagSinkContext(baseDirectory: "/", tables: SessionFlagTables(sessions: bench.sessions))
        )
    }

    private func bench(on sample: EngineSample) async throws -> Bench {
        let bench = try Bench(on: sample)
        try await bench.make("main", "CREATE TABLE users (id INTEGER PRIMARY KEY)")
        return bench
    }

    @Test(arguments: EngineSample.all) func readingMakesNoTable(sample: EngineSample) async throws {
        let bench = try await bench(on: sample)
        #expect(try await sink(on: bench).read() == nil)
        #expect(try await !SessionFlagTables(sessions: bench.sessions).hasTable("phasegate_flags", on: "main"))
        #expect(try await SessionFlagTables(sessions: bench.sessions).hasTable("users", on: "main"))
    }

    @Test(arguments: EngineSample.all) func holdsWhatTheRuleSays(sample: EngineSample) async throws {
        let bench = try await bench(on: sample)
        let sink = try sink(on: bench)
        for share in [500, 2500, 10_000, 0] {
            try await sink.write(rule(share), over: try await sink.read())
            #expect(try await sink.read() == sink.content(for: rule(share)), "\(share)")
        }
        let rows = try await bench.rows("SELECT share_bp, salt, version FROM phasegate_flags")
        #expect(rows.count == 1 && rows[0][0].integer == 0 && rows[0][1] == .text(Self.salt) && rows[0][2].integer == 4)
    }

    @Test(arguments: EngineSample.all) func givesWayToSomebodyElsesChange(sample: EngineSample) async throws {
        let bench = try await bench(on: sample)
        let sink = try sink(on: bench)
        try await sink.write(rule(500), over: nil)
        let seen = try await sink.read()
        try await bench.run("UPDATE phasegate_flags SET share_bp = 9000, version = version + 1", at: bench.location())
        await #expect {
            try await sink.write(rule(2500), over: seen)
        } throws: { error in (error as? FlagError)?.code == .conflict }
        #expect(try await bench.rows("SELECT share_bp FROM phasegate_flags")[0][0].integer == 9000)
    }

    /// Of many who saw the same row one sets it, in every engine.
    @Test(arguments: EngineSample.all) func letsOneOfManyWin(sample: EngineSample) async throws {
        let bench = try await bench(on: sample)
        let sink = try sink(on: bench)
        try await sink.write(rule(0), over: nil)
        let seen = try await sink.read()
        let shares = [100, 200, 300, 400]
        await withTaskGroup(of: Void.self) { group in
            for share in shares {
                group.addTask { try? await sink.write(rule(share), over: seen) }
            }
        }
        let rows = try await bench.rows("SELECT share_bp, version FROM phasegate_flags")
        let share = try #require(rows[0][0].integer)
        #expect(shares.contains(Int(share)) && rows[0][1].integer == 2)
    }

    @Test(arguments: EngineSample.all) func saysThatADatabaseIsAway(sample: EngineSample) async throws {
        let bench = try Bench(on: sample)
        let sink = try sink(on: bench)
        await #expect {
            _ = try await sink.read()
        } throws: { error in (error as? FlagError)?.code == .unreadable }
    }
}

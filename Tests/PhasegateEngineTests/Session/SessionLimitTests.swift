import FoundationEssentials
import PhasegateCore
import PhasegateProbes
import PhasegateTesting
import Testing

@Suite("session contract: limits")
struct SessionLimitTests {
    @Test(arguments: EngineSample.all)
    func aDeadlineStopsARunawayQuery(sample: EngineSample) async throws {
        try await sample.writing { session in
            let begin = ContinuousClock.now
            let thrown = await code { _ = try await session.rows(SQLQuery(sample.endless), within: .milliseconds(150)) }
            let took = ContinuousClock.now - begin
            #expect(thrown == .timedOut)
            // By itself it would never end.
            #expect(took >= .milliseconds(140) && took < .seconds(30))
            // The session is as good as before.
            let after = try await session.rows(SQLQuery("SELECT 1"), within: .seconds(5))
            #expect(after.first?.values == [.integer(1)])
        }
    }

    @Test(arguments: EngineSample.all)
    func aDeadlineStopsAScriptAndATimedRun(sample: EngineSample) async throws {
        try await sample.writing { session in
            let script = await code { try await session.run(script: sample.endless, within: .milliseconds(100)) }
            #expect(script == .timedOut)
            let timed = try #require(session as? any TimedExecuting)
            let thrown = await code {
                _ = try await timed.timings(
                    of: [SQLQuery("SELECT 1"), SQLQuery(sample.endless)],
                    within: .milliseconds(100)
                )
            }
            #expect(thrown == .timedOut)
        }
    }

    @Test(arguments: EngineSample.all)
    func aReadingSessionRefusesWhateverWrites(sample: EngineSample) async throws {
        let home = try TemporaryDirectory()
        let path = try await sample.make(home)
        let writer = try await sample.engine.open(path, for: .writing)
        try await writer.run(script: "CREATE TABLE t (v INTEGER); INSERT INTO t VALUES (1)", within: .seconds(5))
        await writer.close()
        let before = path.path.flatMap { FileManager.default.contents(atPath: $0) }
        let session = try await sample.engine.open(path, for: .reading)
        for sql in [
            "INSERT INTO t VALUES (2)", "UPDATE t SET v = 3", "DELETE FROM t", "DROP TABLE t",
            "CREATE TABLE u (v INTEGER)",
        ] {
            #expect(
                await code { _ = try await session.rows(SQLQuery(sql), within: .seconds(5)) } == .readOnly,
                "\(sql)"
            )
            #expect(await code { try await session.run(script: sql, within: .seconds(5)) } == .readOnly, "\(sql)")
        }
        #expect(
            try await session.rows(SQLQuery("SELECT v FROM t"), within: .seconds(5)).map(\.values) == [[.integer(1)]]
        )
        await session.close()
        #expect(path.path.flatMap { FileManager.default.contents(atPath: $0) } == before)
    }

    /// Attached, another file could be read through a session that was checked against its fingerprint.
    @Test func aReadingSessionReachesNoOtherFile() async throws {
        let sample = EngineSample.sqlite
        let home = try TemporaryDirectory()
        let session = try await sample.engine.open(try await sample.make(home), for: .reading)
        let other = home.path(of: "other.db")
        for sql in ["ATTACH '\(other)' AS other", "VACUUM INTO '\(other)'"] {
            await #expect(throws: SessionError.self, "\(sql)") {
                _ = try await session.rows(SQLQuery(sql), within: .seconds(5))
            }
            await #expect(throws: SessionError.self, "\(sql)") {
                try await session.run(script: sql, within: .seconds(5))
            }
        }
        await session.close()
        #expect(!FileManager.default.fileExists(atPath: other))
    }

    @Test(arguments: EngineSample.all)
    func aClosedSessionSaysSo(sample: EngineSample) async throws {
        let home = try TemporaryDirectory()
        let session = try await sample.engine.open(try await sample.make(home), for: .writing)
        await session.close()
        await session.close()
        #expect(await code { _ = try await session.rows(SQLQuery("SELECT 1"), within: .seconds(5)) } == .closed)
        #expect(await code { try await session.run(script: "SELECT 1", within: .seconds(5)) } == .closed)
    }

    @Test(arguments: EngineSample.all)
    func constraintsAreSortedAndForeignKeysEnforced(sample: EngineSample) async throws {
        try await sample.writing { session in
            try await session.run(
                script: "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (p INTEGER REFERENCES p(id), "
                    + "v INTEGER NOT NULL UNIQUE)",
                within: .seconds(5)
            )
            for values in ["(7, 1)", "(NULL, NULL)"] {
                let sql = "INSERT INTO c VALUES \(values)"
                #expect(await code { _ = try await session.rows(SQLQuery(sql), within: .seconds(5)) } == .constraint)
            }
        }
    }
}

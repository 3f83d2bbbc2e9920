import PhasegateCore
import PhasegateObservations
import PhasegateProbes
import PhasegateStatistics
import PhasegateTesting
import Synchronization
import Testing

/// Requests of a real log on real servers.
@Suite("observations out of a table", .timeLimit(.minutes(3)))
struct ObservationQueryTests {
    private static let query = """
        SELECT id, arm, user_key AS "user", latency_ms AS ms, is_error AS error FROM request_log \
        WHERE id > :after ORDER BY id LIMIT :limit
        """

    /// No flag is asked for.
    private struct NoFlags: FlagReading {
        func share(of flag: FlagKey) async throws(ProbeError) -> BasisPoints? { nil }
    }

    private final class Kept: Sendable {
        private let batches = Mutex<[ObservationBatch]>([])

        func take(_ batch: ObservationBatch) { batches.withLock { $0.append(batch) } }

        var all: [ObservationBatch] { batches.withLock(\.self) }
        var requests: [Observation] {
            all.flatMap { batch -> [Observation] in if case .requests(let requests) = batch { requests } else { [] } }
        }
        var gaps: Int { all.count { if case .gap = $0 { true } else { false } } }
        var rejected: Int { all.reduce(0) { if case .rejected(let lines) = $1 { $0 + lines.count } else { $0 } } }
        /// Whether it has been read once.
        var isReady: Bool { all.contains(.requests([])) }
    }

    private func bench(_ sample: EngineSample, _ type: String = "INTEGER") async throws -> Bench {
        let bench = try Bench(on: sample)
        try await bench.make(
            "main",
            """
            CREATE TABLE request_log (
                id \(type) PRIMARY KEY, arm VARCHAR(20), user_key VARCHAR(40), latency_ms DOUBLE PRECISION, is_error BOOLEAN
            );
            INSERT INTO request_log VALUES (1, 'candidate', 'old', 1, FALSE), (7, 'control', 'old', 1, FALSE);
            """
        )
        return bench
    }

    private func source(_ bench: Bench, _ query: String = query, settle: String = "0 s") throws
        -> any ObservationSource
    {
        let quoted = bench.sample.engine.name == "mariadb" ? query.split(separator: "\"").joined(separator: "`") : query
        return try ObservationSources.builtIn.source(
            from: ObservationPlan.Source(
                kind: "sql",
                settings: .map([
                    "query": .text(quoted), "key": .text("id"), "every": .text("50 ms"), "settle": .text(settle),
                ])
            ),
            in: ObservationContext(
                rollout: bench.rollout,
                flag: "flag",
                baseDirectory: bench.path,
                sessions: bench.sessions,
                flags: NoFlags()
            )
        )
    }

    private func observing(_ source: any ObservationSource, _ body: (Kept) async throws -> Void) async throws {
        let kept = Kept()
        let task = Task { try? await source.observe { kept.take($0) } }
        do {
            try await body(kept)
        } catch {
            task.cancel()
            throw error
        }
        task.cancel()
        await task.value
    }

    private func eventually(_ condition: () -> Bool) async -> Bool {
        let end = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < end {
            if condition() { return true }
            try? await Task.sleep(for: .milliseconds(10))
        }
        return condition()
    }

    @Test(arguments: EngineSample.all, ["INTEGER", "BIGINT"])
    func whatIsLoggedFromNowOnIsRead(sample: EngineSample, type: String) async throws {
        let bench = try await bench(sample, type)
        try await observing(try source(bench)) { kept in
            #expect(await eventually { kept.isReady })
            try await bench.run(
                """
                INSERT INTO request_log VALUES (8, 'candidate', 'u1', 12.5, FALSE), (9, 'control', NULL, NULL, TRUE),
                    (12, 'both', 'u1', 1, FALSE), (13, NULL, 'u1', 1, FALSE);
                """
            )
            #expect(await eventually { kept.requests.count == 2 && kept.rejected == 2 })
            #expect(
                kept.requests == [
                    Observation(arm: .candidate, user: Observation.User("u1"), microseconds: 12_500),
                    Observation(arm: .control, isError: true),
                ]
            )
            #expect(kept.gaps == 0)
        }
        await bench.sessions.closeAll()
    }

    @Test(arguments: EngineSample.all)
    func aLogThatIsEmptyAndOneThatIsLongAreReadToTheEnd(sample: EngineSample) async throws {
        let bench = try await bench(sample)
        try await bench.run("DELETE FROM request_log;")
        try await observing(try source(bench)) { kept in
            #expect(await eventually { kept.isReady })
            let rows = (1...12_345).map { "(\($0), 'control', 'u\($0)', 1, FALSE)" }.joined(separator: ",")
            try await bench.run("INSERT INTO request_log VALUES \(rows);")
            #expect(await eventually { kept.requests.count == 12_345 })
            #expect(Set(kept.requests.map(\.user)).count == 12_345)
        }
        await bench.sessions.closeAll()
    }

    @Test(arguments: EngineSample.all)
    func aRowThatIsCommittedLateIsReadWithinTheSettlingTime(sample: EngineSample) async throws {
        let bench = try await bench(sample)
        try await observing(try source(bench, settle: "60 s")) { kept in
            #expect(await eventually { kept.isReady })
            try await bench.run("INSERT INTO request_log VALUES (20, 'control', 'b', 1, FALSE);")
            #expect(await eventually { kept.requests.count == 1 })
            try await bench.run("INSERT INTO request_log VALUES (19, 'control', 'a', 1, FALSE);")
            #expect(await eventually { kept.requests.count == 2 })
            try await bench.run("INSERT INTO request_log VALUES (21, 'control', 'c', 1, FALSE);")
            #expect(await eventually { kept.requests.count >= 3 })
            #expect(kept.requests.map(\.user) == ["b", "a", "c"].map { Observation.User($0) })
        }
        await bench.sessions.closeAll()
    }

    @Test(arguments: EngineSample.all)
    func aLogThatIsGoneIsAGapUntilItIsBack(sample: EngineSample) async throws {
        let bench = try await bench(sample)
        try await observing(try source(bench)) { kept in
            #expect(await eventually { kept.isReady })
            try await bench.run("ALTER TABLE request_log RENAME TO request_log_away;")
            #expect(await eventually { kept.gaps > 0 })
            #expect(kept.requests.isEmpty)
            try await bench.run(
                """
                INSERT INTO request_log_away VALUES (8, 'candidate', 'u1', 12.5, FALSE);
                ALTER TABLE request_log_away RENAME TO request_log;
                """
            )
            #expect(await eventually { kept.requests.count == 1 })
            #expect(kept.all.last { if case .gap = $0 { true } else { $0 == .requests([]) } } == .requests([]))
        }
        await bench.sessions.closeAll()
    }

    @Test(arguments: [
        ("SELECT arm FROM request_log WHERE id > :after LIMIT :limit", "no column 'id'"),
        (
            "SELECT id, user_key AS \"user\" FROM request_log WHERE id > :after ORDER BY id LIMIT :limit",
            "no column 'arm'"
        ),
        (
            "SELECT id, arm FROM request_log WHERE id > :after OR id > 0 ORDER BY id DESC LIMIT :limit",
            "in the order of"
        ),
        ("SELECT arm AS id, arm FROM request_log WHERE id > :after ORDER BY id LIMIT :limit", "not a whole number"),
        ("SELECT id, arm FROM nowhere WHERE id > :after ORDER BY id LIMIT :limit", "nowhere"),
    ])
    func queriesThatCannotBeReadByAreAGap(query: String, why: String) async throws {
        let bench = try await bench(.sqlite)
        try await observing(try source(bench, query)) { kept in
            #expect(
                await eventually {
                    kept.all.contains { if case .gap(let gap) = $0 { gap.contains(why) } else { false } }
                }
            )
            #expect(kept.requests.isEmpty)
        }
    }

    @Test(arguments: [
        "SELECT id, arm FROM request_log LIMIT :limit", "SELECT id, arm FROM request_log WHERE id > :after",
    ])
    func queriesWithoutAnEndAreRefused(query: String) async throws {
        let bench = try await bench(.sqlite)
        #expect(throws: Diagnostic.self) { _ = try source(bench, query) }
    }
}

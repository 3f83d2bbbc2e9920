import FoundationEssentials
import PhasegateCore
import PhasegateProbes
import PhasegateSQLite
import PhasegateStatistics
import PhasegateTesting
import Synchronization
import Testing

@testable import PhasegateObservationServer
@testable import PhasegateObservations

@Suite("Load is driven in an open stream, by what the flag says")
struct LoadSourceTests {
    /// A share that can be moved, or be unreadable.
    private final class Share: FlagReading {
        let value = Mutex<BasisPoints?>(BasisPoints(rawValue: 2500))

        func share(of flag: FlagKey) async throws(ProbeError) -> BasisPoints? {
            guard let share = value.withLock(\.self) else { throw ProbeError(.unreachable, "the store is gone") }
            return share
        }
    }

    private func workload(_ name: WorkloadName, _ sql: String) -> Workload {
        Workload(
            name: name,
            target: "main",
            queries: [Workload.Query(sql: sql, parameters: [:], weight: 1)],
            concurrency: 2,
            warmup: 0,
            samples: 1
        )
    }

    private static let quick = "SELECT 1"
    private static let slow = """
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000) SELECT count(*) FROM n
        """

    /// A driver on a database of its own; users whose number ends in an odd digit are in at any share.
    private func driver(_ candidate: String, _ control: String, rate: Double = 400, _ share: Share)
        async throws -> (LoadDriver, SessionPool, TemporaryDirectory)
    {
        let directory = try TemporaryDirectory()
        let plan = LoadPlan(
            candidate: workload("candidate", candidate),
            control: workload("control", control),
            rate: rate,
            users: 1000
        )
        let rollout = Rollout(
            name: "bench",
            title: "Bench",
            targets: [
                DatabaseTarget(
                    name: "main",
                    engine: "sqlite",
                    location: .file("main.db"),
                    fingerprint: DatabaseTarget.Fingerprint(),
                    isWritable: true
                )
            ],
            phases: []
        )
        try emptyDatabaseBytes().write(to: URL(filePath: directory.path(of: "main.db")))
        let sessions = SessionPool(rollout: rollout, baseDirectory: directory.path, engines: [SQLiteEngine()])
        let driver = LoadDriver(plan, flag: "flag", sessions: sessions, flags: share) { share in
            { user in share != .none && user.utf8.last.map { $0 % 2 == 1 } ?? false }
        }
        return (driver, sessions, directory)
    }

    private final class Heard: Sendable {
        let events = Mutex<[LoadEvent]>([])

        var results: [LoadResult] {
            events.withLock {
                $0.flatMap { event -> [LoadResult] in if case .results(let all) = event { all } else { [] } }
            }
        }
        var troubles: [String] {
            events.withLock {
                $0.compactMap { event -> String? in if case .trouble(let why) = event { why } else { nil } }
            }
        }
    }

    private func driving(_ driver: LoadDriver, _ body: (Heard) async -> Void) async {
        let heard = Heard()
        let task = Task { try? await driver.run { event in heard.events.withLock { $0.append(event) } } }
        await body(heard)
        task.cancel()
        await task.value
    }

    @Test func usersAreServedByWhatTheFlagSays() async throws {
        let share = Share()
        let (driver, sessions, directory) = try await driver(Self.quick, Self.quick, share)
        await driving(driver) { heard in
            #expect(await eventually { heard.results.count > 200 })
            for result in heard.results {
                #expect((result.arm == .candidate) == (result.user.utf8.last.map { $0 % 2 == 1 } ?? false))
                #expect(!result.isError)
                #expect(result.milliseconds >= 0)
            }
            share.value.withLock { $0 = BasisPoints.none }
            let count = heard.results.count
            // Requests that were planned before it was read again, and served late, still count as they were planned.
            #expect(
                await eventually {
                    heard.results.count > count + 400 && heard.results.suffix(100).allSatisfy { $0.arm == .control }
                }
            )
        }
        await sessions.closeAll()
        withExtendedLifetime(directory) {}
    }

    @Test func aShareThatCannotBeReadServesNobody() async throws {
        let share = Share()
        share.value.withLock { $0 = nil }
        let (driver, sessions, directory) = try await driver(Self.quick, Self.quick, share)
        await driving(driver) { heard in
            #expect(await eventually { heard.troubles.contains { $0.contains("the store is gone") } })
            #expect(heard.results.isEmpty)
            share.value.withLock { $0 = BasisPoints.none }
            #expect(await eventually { !heard.results.isEmpty })
        }
        await sessions.closeAll()
        withExtendedLifetime(directory) {}
    }

    /// What waits for a slow request before it is late itself: more is planned than can be done, so latencies grow.
    @Test func waitingCounts() async throws {
        let (driver, sessions, directory) = try await driver(Self.slow, Self.slow, rate: 500, Share())
        await driving(driver) { heard in
            #expect(
                await eventually {
                    let results = heard.results
                    guard let first = results.first, let last = results.last else { return false }
                    return results.count > 20 && last.milliseconds > 5 * first.milliseconds + 100
                }
            )
        }
        await sessions.closeAll()
        withExtendedLifetime(directory) {}
    }

    @Test func statementsThatFailAreErrors() async throws {
        let (driver, sessions, directory) = try await driver("SELECT * FROM nowhere", Self.quick, Share())
        await driving(driver) { heard in
            #expect(await eventually { heard.results.count > 50 })
            #expect(heard.results.allSatisfy { $0.isError == ($0.arm == .candidate) })
        }
        await sessions.closeAll()
        withExtendedLifetime(directory) {}
    }

    @Test func thePageCountsWhatWasDone() throws {
        let metrics = LoadMetrics()
        let results = [
            LoadResult(arm: .candidate, user: "a", milliseconds: 5, isError: false),
            LoadResult(arm: .candidate, user: "a", milliseconds: 5, isError: false),
            LoadResult(arm: .candidate, user: "b", milliseconds: 1, isError: true),
        ]
        metrics.count(results)
        #expect(metrics.page.contains("phasegate_requests_seconds_bucket{arm=\"candidate\",le=\"+Inf\"} 3\n"))
        #expect(metrics.page.contains("phasegate_requests_seconds_bucket{arm=\"candidate\",le=\"10.0\"} 2\n"))
        #expect(metrics.page.contains("phasegate_requests_seconds_bucket{arm=\"control\",le=\"+Inf\"} 0\n"))
        #expect(metrics.page.contains("phasegate_request_errors_total{arm=\"candidate\"} 1\n"))
        #expect(metrics.page.contains("phasegate_first_exposures_total{arm=\"candidate\"} 2\n"))
        metrics.forgetUsers()
        metrics.count(results)
        #expect(metrics.page.contains("phasegate_first_exposures_total{arm=\"candidate\"} 4\n"))
        let steps = zip(LoadMetrics.edges, LoadMetrics.edges.dropFirst()).map { $1 / $0 }
        #expect(steps.allSatisfy { $0 > 1 && $0 < 1.101 })
        // What it writes is what the sources read.
        var lines = ObservationLines()
        lines.take(Array((results.map(\.line).joined(separator: "\n") + "\n").utf8))
        #expect(lines.fetch().observations == results.map(\.observation))
    }
}

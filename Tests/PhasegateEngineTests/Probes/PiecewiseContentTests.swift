import PhasegateCore
import PhasegateTesting
import Synchronization
import Testing

@testable import PhasegateProbes

@Suite("SessionPieces: a table hashed in pieces")
struct PiecewiseContentTests {
    private static let script = """
        CREATE TABLE t (id INTEGER PRIMARY KEY, word VARCHAR(20));
        CREATE TABLE two (a INTEGER, b INTEGER, PRIMARY KEY (a, b));
        INSERT INTO t VALUES (-5, 'a'), (1, 'b'), (2, NULL), (3, 'd'), (40, 'e'), (41, 'f'), (1000, 'g');
        """

    private func bench(on sample: EngineSample) async throws -> Bench {
        let bench = try Bench(on: sample)
        try await bench.make("main", Self.script)
        return bench
    }

    private func hash(_ bench: Bench, _ more: [String: Setting] = [:], in context: ProbeContext? = nil) async throws
        -> Quantity?
    {
        let settings: [String: Setting] = ["tables": .texts("t")]
        return try await bench.measure("content-hash", settings.merging(more) { $1 }, in: context).quantity(of: "t")
    }

    @Test(arguments: EngineSample.all)
    func thePiecesGiveTheHashOfTheWhole(sample: EngineSample) async throws {
        let bench = try await bench(on: sample)
        let whole = try await hash(bench)
        for size in [1, 2, 3, 7, 100] {
            #expect(try await hash(bench, ["piece": .whole(Int64(size))]) == whole, "pieces of \(size)")
            let several: [String: Setting] = ["piece": .whole(Int64(size)), "parallel": .whole(3)]
            #expect(try await hash(bench, several) == whole, "pieces of \(size), three at once")
        }
        let some: [String: Setting] = ["where": "id < 41"]
        #expect(
            try await hash(bench, some) == hash(bench, some.merging(["piece": .whole(2)]) { $1 })
        )
        try await bench.run("UPDATE t SET word = 'x' WHERE id = 40")
        #expect(try await hash(bench, ["piece": .whole(3)]) != whole)
        try await bench.run("DELETE FROM t")
        #expect(try await hash(bench, ["piece": .whole(3)]) == hash(bench))
    }

    @Test(arguments: [1, 2])
    func howFarItIsIsSaid(atOnce: Int64) async throws {
        let bench = try await bench(on: .sqlite)
        let heard = Mutex<[ProbeProgress]>([])
        let context = bench.context(progress: { progress in heard.withLock { $0.append(progress) } })
        _ = try await hash(bench, ["piece": .whole(3), "parallel": .whole(atOnce)], in: context)
        let shares = heard.withLock { $0.compactMap(\.share) }
        #expect(shares.count == 3)
        #expect(shares == shares.sorted())
        #expect(shares.last == 1)
    }

    @Test func aPieceThatFailsIsNoHash() async throws {
        let bench = try await bench(on: .sqlite)
        let error = await #expect(throws: ProbeError.self) {
            try await hash(bench, ["where": "nonsense(word)", "piece": .whole(2), "parallel": .whole(2)])
        }
        #expect(error?.why == .failed)
    }

    @Test func withoutAKeyOfOneColumnThereAreNoPieces() async throws {
        let bench = try await bench(on: .sqlite)
        let error = await #expect(throws: ProbeError.self) {
            try await bench.measure("content-hash", ["tables": .texts("two"), "piece": .whole(3)])
        }
        #expect(error?.why == .unsupported)
    }

    private func limit(_ measure: String, pause: Double? = nil, abort: Double? = nil) -> Setting {
        var map: [String: Setting] = ["measure": .text(measure)]
        map["pause"] = pause.map { .real($0) }
        map["abort"] = abort.map { .real($0) }
        return .list([.map(map)])
    }

    /// Nobody but the tests is there, so a limit of -1 connections, as it were, is what every server is over.
    @Test(.enabled(if: PostgreSQLServer.isWanted, "PostgreSQL is not installed"))
    func aBusyServerIsLeftAlone() async throws {
        let bench = try await bench(on: .postgreSQL)
        let whole = try await hash(bench)
        let calm: [String: Setting] = ["piece": .whole(2), "throttle": limit("connections", pause: 1e6, abort: 1e7)]
        #expect(try await hash(bench, calm) == whole)
        let session = try await bench.sessions.session(on: "main")
        let busy = BusySession(session as? any ContentHashing & SchemaReading)
        let pauses = Mutex(0)
        let context = bench.context(pause: { _ in
            pauses.withLock { $0 += 1 }
            busy.load.withLock { $0 -= 1 }
        })
        let throttle = try Throttle(limit("blocked-sessions", pause: 3, abort: 10))
        let piecewise = PiecewiseContent(
            session: busy,
            hashers: [busy],
            table: "t",
            condition: nil,
            size: 2,
            throttle: throttle
        )
        busy.load.withLock { $0 = 8 }
        let content = try await piecewise.content(in: context)
        #expect(Quantity(word: content.hash) == whole)
        #expect(pauses.withLock(\.self) == 5)
        busy.load.withLock { $0 = 11 }
        let error = await #expect(throws: ProbeError.self) { try await piecewise.content(in: context) }
        #expect(error?.why == .cancelled)
        #expect(error?.message == "content of t was given up: blocked-sessions is 11, over 10")
    }

    @Test func aPauseEndsWithTheDeadline() async throws {
        let bench = try await bench(on: .sqlite)
        let session = try await bench.sessions.session(on: "main")
        let busy = BusySession(session as? any ContentHashing & SchemaReading)
        busy.load.withLock { $0 = 8 }
        let throttle = try Throttle(limit("blocked-sessions", pause: 3))
        let error = await #expect(throws: ProbeError.self) {
            try await throttle.wait(on: busy, in: bench.context(within: .milliseconds(300)), saying: "it")
        }
        #expect(error?.why == .timedOut)
        #expect(error?.message.contains("blocked-sessions is 8, over 3") == true)
    }

    @Test func aThrottleThatSaysNothingIsRefused() throws {
        #expect(throws: Diagnostic.self) { try Throttle(limit("connections")) }
        #expect(throws: Diagnostic.self) { try Throttle(limit("connections", pause: 5, abort: 5)) }
        #expect(try Throttle(nil).limits.isEmpty)
    }
}

/// A session of a server that is as busy as the test says.
private final class BusySession: ContentHashing, SchemaReading, ActivityReading {
    let load = Mutex(0.0)
    private let session: any ContentHashing & SchemaReading
    let dialect: SQLDialect

    init(_ session: (any ContentHashing & SchemaReading)?) {
        guard let session else { preconditionFailure("the session cannot hash") }
        self.session = session
        dialect = session.dialect
    }

    func activity(_ what: ServerActivity, within limit: Duration) async throws(SessionError) -> (
        value: Double?, query: String
    ) { (load.withLock(\.self), "made up") }

    func content(of table: String, where condition: SQLQuery?, within limit: Duration) async throws(SessionError)
        -> TableContent
    { try await session.content(of: table, where: condition, within: limit) }

    func sum(_ one: TableContent, _ other: TableContent) -> TableContent { session.sum(one, other) }
    func schema(within limit: Duration) async throws(SessionError) -> DatabaseSchema {
        try await session.schema(within: limit)
    }
    func rows(_ query: SQLQuery, within limit: Duration) async throws(SessionError) -> [SQLRow] {
        try await session.rows(query, within: limit)
    }
    func run(script: String, within limit: Duration) async throws(SessionError) {
        try await session.run(script: script, within: limit)
    }
    func close() async {}
}

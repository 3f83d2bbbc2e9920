import FoundationEssentials
import GRDB
import PhasegateCore
import PhasegateFlags
import Synchronization
import Testing

/// A kill is not undone by any schedule, also not by one that is under way.
@Suite("killed flags")
struct FlagLatchTests {
    private let scratch: Scratch
    private let store: FlagStore
    private let noon = Moment(milliseconds: 1_790_000_000_000)

    init() throws {
        scratch = try Scratch()
        store = FlagStore(path: scratch.path())
    }

    private func runner(_ sinks: [FakeSink], limit: Gate = Gate(), attempts: Int = 3) -> FlagStepRunner {
        FlagStepRunner(
            flags: ["reads": FlagLocation(store: store.path, salt: "reads", sinks: sinks)],
            actor: "phasegate",
            patience: FlagPatience(
                retry: .milliseconds(10),
                limit: .milliseconds(10 * attempts),
                pause: { _ in await Task.yield() },
                deadline: { _ in await limit.wait() }
            ),
            now: { noon }
        )
    }

    private func expose(_ share: Int) -> Step {
        .expose(ExposureStep(flag: "reads", share: BasisPoints(rawValue: share)))
    }

    private func kill(_ runner: FlagStepRunner) async -> FlagClosing {
        await runner.kill("reads", by: "Ada", because: "customers complain")
    }

    private func byHand(_ sql: String) throws {
        try DatabaseQueue(path: store.path).write { db in try db.execute(sql: sql) }
    }

    private func version() throws -> Int? {
        try DatabaseQueue(path: store.path).read { db in try Int.fetchOne(db, sql: "PRAGMA user_version") }
    }

    @Test func keepsWhoKilledItAndWhy() async throws {
        let sink = FakeSink("a")
        _ = try await runner([sink]).run(expose(500), because: "gate passed")
        let closing = await kill(runner([sink]))
        #expect(closing.open.isEmpty && closing.places.map(\.place) == [.store, .sink("a")])
        #expect(closing.before?.share.rawValue == 500)
        let record = try #require(try store.record(of: "reads"))
        #expect(record == closing.after && record.isKilled && record.share == BasisPoints.none)
        #expect(record.actor == "Ada" && record.reason == "customers complain" && record.version == 2)
        #expect(sink.held == "0")
    }

    @Test func refusesEveryRaise() async throws {
        let sink = FakeSink("a")
        _ = await kill(runner([sink]))
        await #expect {
            try await runner([sink]).run(expose(500), because: "gate passed")
        } throws: { error in
            let error = error as? StepError
            return error?.leftTraces == false && error?.message.contains("killed by 'Ada'") ?? false
        }
        #expect(throws: FlagError.self) {
            try store.set(
                key: "reads",
                draw: FlagDraw(salt: "reads"),
                share: .all,
                expecting: 1,
                actor: "script",
                reason: "again",
                at: noon
            )
        }
        #expect(try store.history(of: "reads").count == 1 && sink.held == "0")
    }

    @Test func staysKilledWhenItIsLoweredAgain() async throws {
        _ = try await runner([]).run(expose(500), because: "gate passed")
        _ = await kill(runner([]))
        _ = try await runner([]).run(expose(0), because: "rollback")
        try store.set(
            key: "reads",
            draw: FlagDraw(salt: "reads"),
            share: .none,
            expecting: 2,
            actor: "script",
            reason: "again",
            at: noon
        )
        _ = await runner([]).kill("reads", by: "Bob", because: "later")
        let record = try store.record(of: "reads")
        #expect(record?.isKilled == true && record?.actor == "Ada", "who comes second does not hide the first")
    }

    @Test func isLiftedByAPersonOnly() async throws {
        _ = await kill(runner([]))
        let lifted = try store.lift("reads", by: "Bea", because: "mended", at: noon)
        #expect(!lifted.isKilled && lifted.share == BasisPoints.none && lifted.version == 2)
        _ = try await runner([]).run(expose(500), because: "gate passed")
        #expect(try store.history(of: "reads").map(\.isKilled) == [true, false, false])
        #expect(throws: FlagError.self) { try store.lift("reads", by: "Bea", because: "mended", at: noon) }
    }

    @Test func killsOverADamagedRecord() async throws {
        _ = try await runner([]).run(expose(500), because: "gate passed")
        try byHand("UPDATE flags SET algorithm = 'flagd-v9'")
        let closing = await kill(runner([]))
        #expect(closing.open.isEmpty)
        #expect(try store.record(of: "reads")?.isKilled == true)
    }

    @Test func noHandRaisesAKilledFlagInTheStore() async throws {
        _ = await kill(runner([]))
        #expect(throws: DatabaseError.self) { try byHand("UPDATE flags SET share_bp = 10000") }
    }

    /// A store as version 2 wrote it.
    @Test func upgradesAStoreOfVersionTwo() async throws {
        _ = try await runner([]).run(expose(500), because: "gate passed")
        for table in ["flags", "flag_history"] { try byHand("ALTER TABLE \(table) DROP COLUMN killed") }
        try byHand("PRAGMA user_version = 2")
        #expect(try store.record(of: "reads")?.isKilled == false)
        let closing = await kill(runner([]))
        #expect(closing.open.isEmpty)
        #expect(try store.history(of: "reads").map(\.isKilled) == [false, true])
        #expect(try version() == 3)
    }

    /// The controller has set the store and is about to write to a sink; the sink hangs, then obeys.
    @Test(.timeLimit(.minutes(1))) func closesWhatARaiseUnderWayStillWrites() async throws {
        let slow = FakeSink("slow", hangs: true)
        let quick = FakeSink("quick")
        let raise = Task { try await runner([slow, quick]).run(expose(500), because: "gate passed") }
        while slow.writes == 0 && !slow.isWriting { await Task.yield() }
        let limit = Gate()
        let closing = Task { await kill(runner([quick], limit: limit, attempts: 1_000_000)) }
        while try store.record(of: "reads")?.isKilled != true { await Task.yield() }
        slow.release()
        await #expect {
            try await raise.value
        } throws: { error in (error as? StepError)?.message.contains("killed by 'Ada'") ?? false }
        let open = await closing.value.open
        #expect(open.isEmpty)
        #expect([slow, quick].map(\.held) == ["0", "0"])
    }

    @Test(.timeLimit(.minutes(1))) func confirmsNothingWhileARaiseHangs() async throws {
        let slow = FakeSink("slow", hangs: true)
        let raise = Task { try await runner([slow]).run(expose(500), because: "gate passed") }
        while !slow.isWriting { await Task.yield() }
        let closing = await kill(runner([]))
        #expect(closing.open.map(\.place) == [.raiseUnderWay])
        slow.release()
        await #expect(throws: StepError.self) { try await raise.value }
    }

    @Test(.timeLimit(.minutes(1))) func noticesAKillWhileApplicationsAreWaitedFor() async throws {
        let sink = FakeSink("a", propagation: .seconds(5))
        let waiting = Gate()
        let goOn = Gate()
        let raising = FlagStepRunner(
            flags: ["reads": FlagLocation(store: store.path, salt: "reads", sinks: [sink])],
            actor: "phasegate",
            patience: FlagPatience(
                pause: { _ in
                    waiting.open()
                    await goOn.wait()
                },
                deadline: { _ in await Gate().wait() }
            ),
            now: { noon }
        )
        let raise = Task { try await raising.run(expose(500), because: "gate passed") }
        await waiting.wait()
        let closing = await kill(runner([sink]))
        #expect(closing.open.isEmpty)
        goOn.open()
        await #expect {
            try await raise.value
        } throws: { error in (error as? StepError)?.leftTraces == false }
        #expect(sink.held == "0")
    }
}

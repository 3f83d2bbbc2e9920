import PhasegateCore
import PhasegateMigrations
import PhasegateProbes
import PhasegateTesting
import Synchronization
import Testing

@Suite("one migration at a time", .serialized)
struct MigrationLockTests {
    private func session(_ bench: Bench) async throws -> any MigrationTransacting {
        try #require(try await bench.engine.open(bench.location(), for: .writing) as? any MigrationTransacting)
    }

    @Test(arguments: EngineSample.transactional)
    func aSecondOneIsLockedOut(sample: EngineSample) async throws {
        let world = try await MigrationBench(on: sample)
        let first = try await session(world.bench)
        let second = try await session(world.bench)
        try await first.beginMigration()
        #expect(await code { try await second.beginMigration() } == .locked)
        // Even between the transactions of the first.
        try await first.run(script: "CREATE TABLE a (v INTEGER)", within: .seconds(5))
        #expect(await code { try await second.beginMigration() } == .locked)
        try await first.endMigration(committing: true)
        try await second.beginMigration()
        try await second.endMigration(committing: false)
        #expect(try await world.bench.rows("SELECT count(*) FROM a") == [[.integer(0)]])
        await first.close()
        await second.close()
    }

    @Test(arguments: EngineSample.transactional)
    func rolledBackNothingStaysAndKeysAreEnforcedAgain(sample: EngineSample) async throws {
        let world = try await MigrationBench(on: sample)
        let before = try await world.world()
        let session = try await session(world.bench)
        try await session.beginMigration()
        try await session.run(script: "DROP TABLE trades; DELETE FROM users", within: .seconds(5))
        try await session.endMigration(committing: false)
        #expect(try await world.world() == before)
        #expect(await code { try await session.run(script: "DELETE FROM users", within: .seconds(5)) } == .constraint)
        await session.close()
    }

    @Test func theLockGoesWithItsHolder() async throws {
        let world = try await MigrationBench()
        try world.write("001_a.sql", "CREATE TABLE a (v INTEGER)")
        let holder = try LockHolder(of: world.bench.file() + ".phasegate-lock")
        let error = await stepError { () throws(StepError) in try await world.apply(1) }
        #expect(error?.message.contains("another migration") == true)
        #expect(try await world.journal() == nil)
        holder.die()
        try await world.apply(1)
        #expect(try await world.journal() == [1])
    }

    /// A child that is just being started shares our open files for a moment, and with them the lock.
    @Test func theLockIsFreeAtOnceWhileChildrenAreStarted() async throws {
        let world = try await MigrationBench()
        let left = Counter(300)
        let bench = world.bench
        async let children: Void = withThrowingTaskGroup { group in
            for _ in 0..<4 {
                group.addTask {
                    while left.takeOne() { _ = try await bench.measure("command", ["run": .texts("true")]) }
                }
            }
            try await group.waitForAll()
        }
        let session = try await session(world.bench)
        while left.isLeft {
            try await session.beginMigration()
            try await session.endMigration(committing: true)
        }
        try await children
        await session.close()
    }

    @Test(arguments: EngineSample.transactional)
    func aTransactionGoesWithItsSession(sample: EngineSample) async throws {
        let world = try await MigrationBench(on: sample)
        let before = try await world.world()
        do {
            let session = try await session(world.bench)
            try await session.beginMigration()
            try await session.run(script: "DROP TABLE trades", within: .seconds(5))
            await session.close()
        }
        #expect(try await world.world() == before)
    }

    @Test func anotherWriterIsWaitedForAndThenReported() async throws {
        let world = try await MigrationBench()
        try world.write("001_a.sql", "CREATE TABLE a (v INTEGER)")
        let writer = try await world.bench.engine.open(world.bench.file(), for: .writing)
        try await writer.run(script: "BEGIN IMMEDIATE; UPDATE users SET name = 'eve' WHERE id = 1", within: .seconds(5))
        let error = await stepError { () throws(StepError) in try await world.apply(1) }
        #expect(error?.message.contains("locked") == true)
        try await writer.run(script: "COMMIT", within: .seconds(5))
        await writer.close()
        #expect(try await world.journal() == nil)
        try await world.apply(1)
        #expect(try await world.bench.rows("SELECT name FROM users WHERE id = 1") == [[.text("eve")]])
    }

    @Test(arguments: EngineSample.transactional)
    func ofManyAtOnceOneApplies(sample: EngineSample) async throws {
        let world = try await MigrationBench(on: sample)
        try world.write("001_a.sql", "UPDATE trades SET price = price * 2")
        let outcomes = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<4 {
                group.addTask {
                    let runner = MigrationRunner(
                        sessions: SessionPool(
                            rollout: world.bench.rollout,
                            baseDirectory: world.bench.path,
                            engines: [world.bench.engine]
                        ),
                        baseDirectory: world.bench.path,
                        backupDirectory: world.bench.path(of: "backups-\(number)"),
                        scratchDirectory: world.bench.path(of: "scratch-\(number)"),
                        now: { Bench.now }
                    )
                    let step = Step.migrate(world.step(1))
                    return await stepError { () throws(StepError) in try await runner.run(step, because: "race") }
                        == nil
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.count { $0 } == 1)
        #expect(try await world.bench.rows("SELECT sum(price) FROM trades") == [[.real(15)]])
        #expect(try await world.journal() == [1])
    }
}

/// Counts down, for several at once.
private final class Counter: Sendable {
    private let left: Mutex<Int>

    init(_ count: Int) { left = Mutex(count) }

    var isLeft: Bool { left.withLock { $0 > 0 } }

    func takeOne() -> Bool {
        left.withLock { left in
            left -= 1
            return left >= 0
        }
    }
}

import PhasegateCore
import PhasegateTesting
import Synchronization
import Testing

@testable import PhasegateProbes

/// A time that goes on only when a test says so.
private final class MadeUpTime: Sendable {
    private struct Sleeper {
        let end: Duration
        let wake: CheckedContinuation<Void, Never>
    }

    private struct State {
        var now = Duration.zero
        var sleepers: [Int: Sleeper] = [:]
        var cancelled: Set<Int> = []
        var last = 0
        var pauses: [Duration] = []
    }

    private let state = Mutex(State())

    /// The pauses that were asked for, in order.
    var pauses: [Duration] { state.withLock(\.pauses) }
    /// Who sleeps.
    var sleeperCount: Int { state.withLock(\.sleepers.count) }

    var clock: PoolClock {
        PoolClock(now: { self.state.withLock(\.now) }) { duration in await self.sleep(duration) }
    }

    private func sleep(_ duration: Duration) async {
        let number = state.withLock { state in
            state.last += 1
            state.pauses.append(duration)
            return state.last
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { wake in
                let isOver = state.withLock { state in
                    if state.cancelled.contains(number) { return true }
                    state.sleepers[number] = Sleeper(end: state.now + duration, wake: wake)
                    return false
                }
                if isOver { wake.resume() }
            }
        } onCancel: {
            let sleeper = state.withLock { state in
                state.cancelled.insert(number)
                return state.sleepers.removeValue(forKey: number)
            }
            sleeper?.wake.resume()
        }
    }

    func advance(by duration: Duration) {
        let woken = state.withLock { state in
            state.now += duration
            let due = state.sleepers.filter { $0.value.end <= state.now }
            for number in due.keys { state.sleepers[number] = nil }
            return due.values.map(\.wake)
        }
        for wake in woken { wake.resume() }
    }
}

/// Something that several tasks write to.
private final class Kept<Value: Sendable>: Sendable {
    let value: Mutex<Value>

    init(_ value: Value) { self.value = Mutex(value) }
}

/// A server that answers as a test says, and counts what it is asked.
private final class Counter: Sendable {
    struct Seen: Hashable {
        var opened = 0
        var closed = 0
        var asked = 0
    }

    private let state = Mutex((seen: Seen(), failures: 0, error: SessionError(.unreachable, "down"), isDead: false))

    var seen: Seen { state.withLock(\.seen) }

    /// Lets the next attempts fail.
    func fail(_ times: Int, with error: SessionError = SessionError(.unreachable, "down")) {
        state.withLock { ($0.failures, $0.error) = (times, error) }
    }

    /// From now on no session answers.
    func die() { state.withLock { $0.isDead = true } }
    func revive() { state.withLock { $0.isDead = false } }

    func open() throws(SessionError) -> any DatabaseSession {
        let error: SessionError? = state.withLock { state in
            state.seen.opened += 1
            guard state.failures > 0 else { return nil }
            state.failures -= 1
            return state.error
        }
        if let error { throw error }
        return FakeSession(counter: self)
    }

    fileprivate func closed() { state.withLock { $0.seen.closed += 1 } }
    fileprivate func asked() -> Bool {
        state.withLock { state in
            state.seen.asked += 1
            return !state.isDead
        }
    }
}

private final class FakeSession: DatabaseSession {
    let dialect = SQLDialect.sqlite
    private let counter: Counter

    init(counter: Counter) { self.counter = counter }

    func rows(_ query: SQLQuery, within limit: Duration) async throws(SessionError) -> [SQLRow] {
        guard counter.asked() else { throw SessionError(.closed, "gone") }
        return [SQLRow(columns: ["1"], values: [.integer(1)])]
    }

    func run(script: String, within limit: Duration) async throws(SessionError) {}
    func close() async { counter.closed() }
}

@Suite("connection pool")
struct ConnectionPoolTests {
    private let time = MadeUpTime()
    private let counter = Counter()

    private func pool(_ policy: ConnectionPolicy) -> ConnectionPool {
        ConnectionPool(policy, clock: time.clock) { [counter] () throws(SessionError) in try counter.open() }
    }

    /// Waits for others without resting: every turn lets them go on.
    private func until(_ isThere: () async -> Bool) async -> Bool {
        let deadline = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < deadline {
            if await isThere() { return true }
            await Task.yield()
        }
        return false
    }

    @Test func whatIsGivenBackIsUsedAgain() async throws {
        let pool = pool(ConnectionPolicy())
        let first = try await pool.borrow()
        await pool.giveBack(first)
        let second = try await pool.borrow()
        #expect(first as AnyObject === second as AnyObject)
        #expect(counter.seen.opened == 1)
        #expect(await pool.counts == .init(open: 1, lent: 1, waiting: 0))
    }

    @Test func thereAreNeverMoreThanTheMaximum() async throws {
        let pool = pool(ConnectionPolicy(maximum: 3))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<60 {
                group.addTask {
                    let session = try await pool.borrow()
                    let counts = await pool.counts
                    #expect(counts.open <= 3 && counts.lent <= 3)
                    await Task.yield()
                    await pool.giveBack(session)
                }
            }
            try await group.waitForAll()
        }
        #expect(counter.seen.opened <= 3)
        #expect(await pool.counts.lent == 0)
    }

    @Test func whoWaitsTooLongIsToldSo() async throws {
        let pool = pool(ConnectionPolicy(maximum: 1, wait: .seconds(30)))
        let held = try await pool.borrow()
        let waiting = Task { try await pool.borrow() }
        #expect(await until { await pool.counts.waiting == 1 && time.sleeperCount == 1 })
        time.advance(by: .seconds(29))
        #expect(await pool.counts.waiting == 1)
        time.advance(by: .seconds(1))
        await #expect { try await waiting.value } throws: { ($0 as? SessionError)?.code == .exhausted }
        await pool.giveBack(held)
        _ = try await pool.borrow()
    }

    @Test func whoComesFirstIsServedFirst() async throws {
        let pool = pool(ConnectionPolicy(maximum: 1))
        let held = try await pool.borrow()
        let order = Kept<[Int]>([])
        var tasks: [Task<Void, any Error>] = []
        for number in 0..<5 {
            tasks.append(
                Task {
                    let session = try await pool.borrow()
                    order.value.withLock { $0.append(number) }
                    await pool.giveBack(session)
                }
            )
            #expect(await until { await pool.counts.waiting == number + 1 })
        }
        await pool.giveBack(held)
        for task in tasks { try await task.value }
        #expect(order.value.withLock(\.self) == [0, 1, 2, 3, 4])
        #expect(counter.seen.opened == 1)
    }

    @Test func theIdleAreClosedButForTheMinimum() async throws {
        let pool = pool(
            ConnectionPolicy(minimum: 1, idle: .seconds(300), lifetime: .seconds(9000), check: .seconds(9000))
        )
        let sessions = [try await pool.borrow(), try await pool.borrow(), try await pool.borrow()]
        for session in sessions { await pool.giveBack(session) }
        time.advance(by: .seconds(299))
        await pool.giveBack(try await pool.borrow())
        #expect(counter.seen.closed == 0)
        time.advance(by: .seconds(1))
        await pool.giveBack(try await pool.borrow())
        #expect(counter.seen.closed == 2)
        #expect(await pool.counts == .init(open: 1, lent: 0, waiting: 0))
    }

    @Test func theOldAreReplaced() async throws {
        let pool = pool(ConnectionPolicy(lifetime: .seconds(3600)))
        let session = try await pool.borrow()
        time.advance(by: .seconds(3600))
        await pool.giveBack(session)
        #expect(counter.seen.closed == 1)
        _ = try await pool.borrow()
        #expect(counter.seen.opened == 2)
    }

    @Test func whatRestedIsAskedBeforeItIsLent() async throws {
        let pool = pool(ConnectionPolicy(check: .seconds(30)))
        await pool.giveBack(try await pool.borrow())
        time.advance(by: .seconds(29))
        await pool.giveBack(try await pool.borrow())
        #expect(counter.seen.asked == 0)
        time.advance(by: .seconds(30))
        counter.die()
        let fresh = try await pool.borrow()
        #expect(counter.seen == .init(opened: 2, closed: 1, asked: 1))
        counter.revive()
        await pool.giveBack(fresh)
    }

    @Test func connectingIsTriedAgainWithGrowingPauses() async throws {
        // S4-53: three attempts, four seconds at least, ten at most.
        let retry = ConnectionPolicy.Retry(attempts: 4, first: .seconds(4), longest: .seconds(10))
        let pool = pool(ConnectionPolicy(retry: retry))
        counter.fail(3)
        let borrowing = Task { try await pool.borrow() }
        for pause in [4, 8, 10] {
            #expect(await until { time.sleeperCount == 1 })
            time.advance(by: .seconds(pause))
        }
        _ = try await borrowing.value
        #expect(time.pauses == [.seconds(4), .seconds(8), .seconds(10)])
        #expect(counter.seen.opened == 4)
    }

    @Test(arguments: [SessionError.Code.notPermitted, .badStatement, .unsupported, .constraint, .corrupt, .readOnly])
    func whatAnotherAttemptCannotMendIsNotTriedAgain(code: SessionError.Code) async throws {
        let pool = pool(ConnectionPolicy())
        counter.fail(1, with: SessionError(code, "no"))
        await #expect { try await pool.borrow() } throws: { ($0 as? SessionError)?.code == code }
        #expect(counter.seen.opened == 1)
        #expect(time.pauses.isEmpty)
        #expect(await pool.counts.open == 0)
    }

    @Test func afterAFailureWhoWaitsMayTry() async throws {
        let pool = pool(ConnectionPolicy(maximum: 1, retry: .init(attempts: 1)))
        counter.fail(1)
        await #expect(throws: SessionError.self) { try await pool.borrow() }
        _ = try await pool.borrow()
    }

    @Test func aClosedPoolLendsNothing() async throws {
        let pool = pool(ConnectionPolicy(maximum: 1))
        let held = try await pool.borrow()
        let waiting = Task { try await pool.borrow() }
        #expect(await until { await pool.counts.waiting == 1 })
        await pool.close()
        await #expect(throws: SessionError.self) { try await waiting.value }
        await pool.giveBack(held)
        #expect(counter.seen.closed == 1)
    }

    // MARK: The breaker (S4-54 to S4-56)

    private func breaker() -> CircuitBreaker {
        CircuitBreaker(.init(failures: 5, rest: .seconds(30), successes: 3), clock: time.clock)
    }

    private func fail(_ breaker: CircuitBreaker, _ code: SessionError.Code = .unreachable) async {
        _ = try? await breaker.call { () throws(SessionError) -> Int in throw SessionError(code, "down") }
    }

    private func succeed(_ breaker: CircuitBreaker) async -> Int? {
        try? await breaker.call { () throws(SessionError) -> Int in 1 }
    }

    @Test func itOpensAfterFiveFailuresInARow() async {
        let breaker = breaker()
        for _ in 0..<4 { await fail(breaker) }
        #expect(await succeed(breaker) == 1)
        for _ in 0..<4 { await fail(breaker) }
        #expect(await breaker.state == .closed(failures: 4))
        await fail(breaker)
        #expect(await breaker.state == .open(since: .zero))
        #expect(await succeed(breaker) == nil)
    }

    @Test func afterItsRestOneMayTryAndThreeCloseIt() async {
        let breaker = breaker()
        for _ in 0..<5 { await fail(breaker) }
        time.advance(by: .milliseconds(29_999))
        #expect(await succeed(breaker) == nil)
        time.advance(by: .milliseconds(1))
        #expect(await succeed(breaker) == 1)
        #expect(await breaker.state == .halfOpen(successes: 1, isTrying: false))
        #expect(await succeed(breaker) == 1)
        #expect(await succeed(breaker) == 1)
        #expect(await breaker.state == .closed(failures: 0))
    }

    @Test func aFailureWhileTryingOpensItAgain() async {
        let breaker = breaker()
        for _ in 0..<5 { await fail(breaker) }
        time.advance(by: .seconds(30))
        #expect(await succeed(breaker) == 1)
        await fail(breaker)
        #expect(await breaker.state == .open(since: .seconds(30)))
        #expect(await succeed(breaker) == nil)
    }

    @Test func anAnswerThatRefusesIsNoFailureOfTheConnection() async {
        let breaker = breaker()
        for _ in 0..<9 { await fail(breaker, .notPermitted) }
        #expect(await breaker.state == .closed(failures: 0))
    }

    @Test func aCallWithAllItsAttemptsCountsOnce() async throws {
        let pool = pool(
            ConnectionPolicy(
                retry: .init(attempts: 2, first: .zero),
                breaker: .init(failures: 3, rest: .seconds(30), successes: 1)
            )
        )
        counter.fail(1000)
        let calls = Task {
            for _ in 0..<5 { _ = try? await pool.borrow() }
        }
        let isOver = Kept(false)
        Task {
            await calls.value
            isOver.value.withLock { $0 = true }
        }
        // The pauses are of no length, and yet somebody has to say that they are over.
        #expect(
            await until {
                time.advance(by: .zero)
                return isOver.value.withLock(\.self)
            }
        )
        // Three calls of two attempts each; the others were not made.
        #expect(counter.seen.opened == 6)
    }
}

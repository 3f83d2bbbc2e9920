import PhasegateCore

/// A bounded number of sessions on one target, lent and given back.
actor ConnectionPool {
    /// How many there are.
    struct Counts: Hashable, Sendable {
        /// Open, those in use included.
        let open: Int
        /// In use.
        let lent: Int
        /// Callers that wait for one.
        let waiting: Int
    }

    private struct Resting {
        let session: any DatabaseSession
        let openedAt: Duration
        let since: Duration
    }

    private struct Waiter {
        let number: Int
        let turn: CheckedContinuation<Bool, Never>
    }

    private let policy: ConnectionPolicy
    private let clock: PoolClock
    private let breaker: CircuitBreaker
    private let connect: @Sendable () async throws(SessionError) -> any DatabaseSession
    private var resting: [Resting] = []
    private var lent: [ObjectIdentifier: Duration] = [:]
    private var opening = 0
    private var waiters: [Waiter] = []
    private var lastNumber = 0
    private var isClosed = false

    /// - Parameters:
    ///   - policy: how many and for how long.
    ///   - clock: what time goes by.
    ///   - connect: opens a session, once.
    init(
        _ policy: ConnectionPolicy,
        clock: PoolClock,
        connect: @escaping @Sendable () async throws(SessionError) -> any DatabaseSession
    ) {
        self.policy = policy
        self.clock = clock
        self.connect = connect
        breaker = CircuitBreaker(policy.breaker, clock: clock)
    }

    var counts: Counts {
        Counts(open: resting.count + lent.count + opening, lent: lent.count, waiting: waiters.count)
    }

    /// Lends a session that answers; it has to be given back.
    ///
    /// - Throws: `exhausted` when none was given back in time, or why none could be opened.
    func borrow() async throws(SessionError) -> any DatabaseSession {
        while true {
            guard !isClosed else { throw SessionError(.closed, "the pool is closed") }
            await closeTheIdle()
            if let rested = resting.popLast() {
                lend(rested.session, openedAt: rested.openedAt)
                if await isFit(rested) { return rested.session }
                await discard(rested.session)
                continue
            }
            if counts.open < policy.maximum { return try await open() }
            guard await waitForOne() else {
                throw SessionError(
                    .exhausted,
                    "all \(policy.maximum) connections were in use for \(policy.wait.forPeople)"
                )
            }
        }
    }

    /// Takes a session back; one that went bad or is too old is closed.
    func giveBack(_ session: any DatabaseSession) async {
        guard let openedAt = lent[key(of: session)] else { return }
        let isGood = await session.isUsable
        guard isGood, !isClosed, clock.now() - openedAt < policy.lifetime else { return await discard(session) }
        lent[key(of: session)] = nil
        resting.append(Resting(session: session, openedAt: openedAt, since: clock.now()))
        wakeOne()
        await closeTheIdle()
    }

    /// Closes all that rest; those in use are closed when they are given back.
    func close() async {
        isClosed = true
        let all = resting
        resting = []
        for rested in all { await rested.session.close() }
        let turns = waiters
        waiters = []
        for waiter in turns { waiter.turn.resume(returning: true) }
    }

    // MARK: One session

    private func key(of session: any DatabaseSession) -> ObjectIdentifier { ObjectIdentifier(session as AnyObject) }

    private func lend(_ session: any DatabaseSession, openedAt: Duration) { lent[key(of: session)] = openedAt }

    private func open() async throws(SessionError) -> any DatabaseSession {
        opening += 1
        do throws(SessionError) {
            let session = try await breaker.call { [policy, clock, connect] () throws(SessionError) in
                try await retrying(policy.retry, clock: clock, connect)
            }
            opening -= 1
            lend(session, openedAt: clock.now())
            return session
        } catch {
            opening -= 1
            // Whoever waits for one may try for himself.
            wakeOne()
            throw error
        }
    }

    private func discard(_ session: any DatabaseSession) async {
        lent[key(of: session)] = nil
        wakeOne()
        await session.close()
    }

    private func isFit(_ rested: Resting) async -> Bool {
        guard clock.now() - rested.openedAt < policy.lifetime, await rested.session.isUsable else { return false }
        guard clock.now() - rested.since >= policy.check else { return true }
        let answer = try? await rested.session.rows(SQLQuery(literal: "SELECT 1"), within: .seconds(5))
        return answer?.count == 1
    }

    /// The one that was used last is used next, so that the others can become idle.
    private func closeTheIdle() async {
        let now = clock.now()
        while let oldest = resting.first, counts.open > policy.minimum, now - oldest.since >= policy.idle {
            resting.removeFirst()
            await oldest.session.close()
        }
    }

    // MARK: Waiting

    /// Whether there may be one now; false when the time is over.
    private func waitForOne() async -> Bool {
        lastNumber += 1
        let number = lastNumber
        let timeout = Task { [clock, wait = policy.wait] in
            await clock.sleep(wait)
            self.giveUp(number)
        }
        defer { timeout.cancel() }
        return await withCheckedContinuation { waiters.append(Waiter(number: number, turn: $0)) }
    }

    private func wakeOne() {
        guard !waiters.isEmpty else { return }
        waiters.removeFirst().turn.resume(returning: true)
    }

    private func giveUp(_ number: Int) {
        guard let place = waiters.firstIndex(where: { $0.number == number }) else { return }
        waiters.remove(at: place).turn.resume(returning: false)
    }
}

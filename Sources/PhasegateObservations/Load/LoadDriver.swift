import Glibc
public import PhasegateCore
public import PhasegateProbes
import PhasegateStatistics

/// Drives load in an open stream: requests begin when they are planned to, however slow those before them are.
///
/// Users are drawn evenly, and each runs the workload of the arm that the
/// ramp's flag puts it in, at the share that is read back from the flag's
/// store. Both arms wait in one queue for the same sessions.
public struct LoadDriver: Sendable {
    /// Says who is in at a share.
    public typealias Exposure = @Sendable (BasisPoints) -> @Sendable (String) -> Bool

    /// How often the share is read back.
    private static let lookInterval = Duration.milliseconds(100)
    /// How often results are handed over.
    private static let flushInterval = Duration.milliseconds(50)
    /// How long one request may take.
    private static let deadline = Duration.seconds(10)

    private let plan: LoadPlan
    private let flag: FlagKey
    private let sessions: SessionPool
    private let flags: any FlagReading
    private let exposure: Exposure

    /// Makes a driver; opens nothing.
    ///
    /// - Parameters:
    ///   - plan: what it does.
    ///   - flag: whose share says who is in.
    ///   - sessions: opens the databases, for reading.
    ///   - flags: reads the share back.
    ///   - exposure: says who is in at a share.
    public init(
        _ plan: LoadPlan,
        flag: FlagKey,
        sessions: SessionPool,
        flags: any FlagReading,
        exposure: @escaping Exposure
    ) {
        self.plan = plan
        self.flag = flag
        self.sessions = sessions
        self.flags = flags
        self.exposure = exposure
    }

    /// Drives until the task is cancelled.
    ///
    /// - Parameter report: hears what comes of it, in order.
    /// - Throws: `ObservationError` when it cannot begin.
    public func run(_ report: @Sendable (LoadEvent) async -> Void) async throws(ObservationError) {
        var draws: [Arm: WorkloadDraw] = [:]
        draws[.candidate] = try await draw(plan.candidate)
        draws[.control] = try await draw(plan.control)
        let queue = LoadQueue()
        let ledger = LoadTally()
        let workers = (0..<max(1, plan.concurrency)).map { _ in Task { await work(queue, ledger) } }
        let planner = Task { [draws] in await begin(draws, queue, ledger) }
        while !Task.isCancelled {
            try? await Task.sleep(for: Self.flushInterval)
            for event in ledger.fetch() { await report(event) }
        }
        planner.cancel()
        queue.end()
        await planner.value
        for worker in workers { await worker.value }
    }

    // MARK: Beginning

    private func draw(_ workload: Workload) async throws(ObservationError) -> WorkloadDraw {
        do throws(SessionError) {
            let session = try await sessions.borrow(on: workload.target)
            let result: Result<WorkloadDraw, ProbeError>
            do throws(ProbeError) {
                result = .success(
                    try await WorkloadDraw(workload, from: session, seed: plan.seed, within: Self.deadline)
                )
            } catch {
                result = .failure(error)
            }
            await sessions.giveBack(session, on: workload.target)
            switch result {
            case .success(let draw): return draw
            case .failure(let error): throw SessionError(.failed, error.message)
            }
        } catch {
            throw ObservationError("workload '\(workload.name)' cannot be run: \(error.message)")
        }
    }

    /// Begins requests as planned.
    private func begin(_ drawn: [Arm: WorkloadDraw], _ queue: LoadQueue, _ ledger: LoadTally) async {
        var draws = drawn
        var generator = SeededGenerator(seed: plan.seed)
        let clock = ContinuousClock()
        var planned = clock.now
        var looked: ContinuousClock.Instant?
        var share: BasisPoints?
        var isIn: @Sendable (String) -> Bool = { _ in false }
        while !Task.isCancelled {
            if looked.map({ clock.now - $0 >= Self.lookInterval }) ?? true {
                looked = clock.now
                do throws(ProbeError) {
                    let now = try await flags.share(of: flag) ?? .none
                    if now != share {
                        isIn = exposure(now)
                        share = now
                        ledger.noteShare()
                    }
                } catch {
                    // Who is in is not known; nobody is served by a guess.
                    share = nil
                    ledger.note(trouble: "the share of '\(flag)' cannot be read: \(error.message)")
                    try? await Task.sleep(for: Self.lookInterval)
                    planned = clock.now
                    continue
                }
            }
            planned += .seconds(Self.pause(at: plan.rate, &generator))
            if planned > clock.now { try? await Task.sleep(until: planned, tolerance: .zero, clock: clock) }
            let user = "user-\(Int.random(in: 0..<max(1, plan.users), using: &generator))"
            let arm: Arm = isIn(user) ? .candidate : .control
            guard let query = draws[arm]?.next(1).first else { continue }
            if !queue.offer(LoadQueue.Job(arm: arm, user: user, query: query, planned: planned)) {
                ledger.note(LoadResult(arm: arm, user: user, milliseconds: 0, isError: true))
            }
        }
    }

    /// Until the next request begins, in seconds, as of users who know nothing of each other: exponentially distributed.
    private static func pause(at rate: Double, _ generator: inout SeededGenerator) -> Double {
        -log(Double.random(in: Double.leastNonzeroMagnitude..<1, using: &generator)) / rate
    }

    // MARK: Working

    private func work(_ queue: LoadQueue, _ ledger: LoadTally) async {
        var held: [TargetName: any DatabaseSession] = [:]
        while let job = await queue.next() {
            let target = (job.arm == .candidate ? plan.candidate : plan.control).target
            do throws(SessionError) {
                let session: any DatabaseSession
                if let there = held[target], await there.isUsable {
                    session = there
                } else {
                    if let lost = held.removeValue(forKey: target) { await sessions.giveBack(lost, on: target) }
                    session = try await sessions.borrow(on: target)
                    held[target] = session
                }
                let isError = await fails(job.query, in: session)
                ledger.note(
                    LoadResult(
                        arm: job.arm,
                        user: job.user,
                        milliseconds: (ContinuousClock.now - job.planned) / .milliseconds(1),
                        isError: isError
                    )
                )
            } catch {
                ledger.note(trouble: "no session on '\(target)': \(error.message)")
            }
        }
        for (target, session) in held { await sessions.giveBack(session, on: target) }
    }

    private func fails(_ query: SQLQuery, in session: any DatabaseSession) async -> Bool {
        guard let timed = session as? any TimedExecuting else { return true }
        let timings = try? await timed.timings(of: [query], within: Self.deadline)
        return timings?.first.map { $0.error != nil } ?? true
    }
}

import Histogram
import PhasegateCore
import PhasegateStatistics

/// Latencies of one run of a workload.
struct WorkloadRun: Sendable {
    /// Nanoseconds per execution, ascending.
    let sorted: [Double]
    /// The same, in three significant digits up to a minute.
    let histogram: Histogram<UInt64>
    /// Executions that failed.
    let errors: Int
    /// The first failure's words.
    let firstError: String?

    /// Sorts and counts executions.
    init(_ executions: [TimedExecution]) {
        let good = executions.filter { $0.error == nil }
        sorted = good.map { Double($0.nanoseconds) }.sorted()
        var histogram = Histogram<UInt64>(
            lowestDiscernibleValue: 1,
            highestTrackableValue: 60_000_000_000,
            numberOfSignificantValueDigits: .three
        )
        for execution in good { histogram.record(min(execution.nanoseconds, 60_000_000_000)) }
        self.histogram = histogram
        errors = executions.count - good.count
        firstError = executions.lazy.compactMap(\.error).first
    }

    /// Milliseconds under which a share of the executions stayed.
    func milliseconds(atPercentile percentile: Double) -> Double {
        Double(percentile >= 100 ? histogram.max : histogram.valueAtPercentile(percentile)) / 1e6
    }
}

/// Runs workloads with their concurrency on sessions of their own.
struct WorkloadRunner: Sendable {
    let context: ProbeContext

    /// Runs a workload once: warm-up thrown away, then the samples.
    ///
    /// - Parameters:
    ///   - workload: what to run.
    ///   - target: where; nothing for the workload's own target.
    /// - Returns: what was seen afterwards.
    /// - Throws: `ProbeError` when it cannot be run.
    func run(_ workload: Workload, on target: TargetName? = nil) async throws(ProbeError) -> WorkloadRun {
        let target = target ?? workload.target
        let sessions = try await open(workload.concurrency, on: target)
        do throws(ProbeError) {
            var draw = try await WorkloadDraw(
                workload,
                from: sessions[0],
                seed: context.seed,
                within: context.deadline
            )
            _ = try await time(draw.next(workload.warmup), on: sessions)
            let run = WorkloadRun(try await time(draw.next(workload.samples), on: sessions))
            await giveBack(sessions, on: target)
            return run
        } catch {
            await giveBack(sessions, on: target)
            throw error
        }
    }

    /// Borrows sessions that can be timed; none stays lent when one fails.
    func open(_ count: Int, on target: TargetName) async throws(ProbeError) -> [any DatabaseSession] {
        var sessions: [any DatabaseSession] = []
        do throws(SessionError) {
            for _ in 0..<max(1, count) {
                sessions.append(try await context.sessions.borrow(on: target))
            }
        } catch {
            await giveBack(sessions, on: target)
            throw ProbeError(error)
        }
        return sessions
    }

    /// Gives borrowed sessions back.
    func giveBack(_ sessions: [any DatabaseSession], on target: TargetName) async {
        for session in sessions { await context.sessions.giveBack(session, on: target) }
    }

    /// Spreads executions over sessions and times them.
    func time(_ executions: [SQLQuery], on sessions: [any DatabaseSession]) async throws(ProbeError) -> [TimedExecution]
    {
        let share = (executions.count + sessions.count - 1) / sessions.count
        let limit = context.deadline
        guard limit > .zero else { throw ProbeError(.timedOut, "the workload was not done in time") }
        let results = await withTaskGroup(of: Result<[TimedExecution], ProbeError>.self) { group in
            for (index, session) in sessions.enumerated() where index * share < executions.count {
                let own = Array(executions[(index * share)..<min(executions.count, (index + 1) * share)])
                group.addTask {
                    guard let timed = session as? any TimedExecuting else {
                        return .failure(ProbeError(.unsupported, "the engine cannot time statements"))
                    }
                    do throws(SessionError) {
                        return .success(try await timed.timings(of: own, within: limit))
                    } catch {
                        return .failure(ProbeError(error))
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        var all: [TimedExecution] = []
        for result in results { all += try result.get() }
        return all
    }
}

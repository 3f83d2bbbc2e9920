public import PhasegateCore

/// Operations per minute that a scratch copy sustains.
public struct ThroughputProbe: ProbeKind {
    /// `throughput`.
    public static let name: ProbeName = "throughput"
    /// What it measures.
    public static let summary = "Operations per minute that a workload sustains on a scratch copy of its target."
    /// Its keys.
    public static let settings: [Shape.Key] = [
        Shape.Key("workload", .name, required: true, "The workload, which may write: it runs on a copy."),
        Shape.Key("for", .duration, required: true, "How long the rate has to be sustained."),
        Shape.Key(
            "error-ceiling",
            .number(0...100),
            "Failed operations in percent above which the rate does not count; 0 by default."
        ),
    ]

    private let workload: WorkloadName
    private let duration: Duration
    private let ceiling: Double

    /// Reads the settings.
    public init(_ settings: Setting) throws(Diagnostic) {
        workload = WorkloadName(rawValue: settings["workload"]?.text ?? "")
        duration = settings["for"]?.duration ?? .seconds(10)
        ceiling = settings["error-ceiling"]?.number ?? 0
    }

    /// Operations per minute.
    public var output: ProbeOutput { .number(.rate, 0...1e12) }

    /// Copies the target, runs the workload for the whole time and throws the copy away.
    public func measure(in context: ProbeContext) async throws(ProbeError) -> Measurement {
        guard let workload = context.rollout.workload(workload) else {
            throw ProbeError(.failed, "there is no workload '\(workload)'")
        }
        let (engine, scratch) = try await context.scratchCopy(of: workload.target, for: "throughput")
        let result: Result<Measurement, ProbeError>
        do throws(ProbeError) {
            result = .success(try await drive(workload, on: scratch, of: engine, in: context))
        } catch {
            result = .failure(error)
        }
        await engine.remove(scratch)
        return try result.get()
    }

    private func drive(
        _ workload: Workload,
        on scratch: DatabaseLocation,
        of engine: any BackupTaking,
        in context: ProbeContext
    ) async throws(ProbeError) -> Measurement {
        var sessions: [any DatabaseSession] = []
        do throws(SessionError) {
            for _ in 0..<workload.concurrency {
                let session = try await engine.open(scratch, for: .writing)
                sessions.append(session)
                if session.dialect == .sqlite {
                    try await session.run(script: "PRAGMA journal_mode = WAL", within: context.deadline)
                }
            }
        } catch {
            for session in sessions { await session.close() }
            throw ProbeError(error)
        }
        let outcome: Result<(done: Int, errors: Int, first: String?, took: Duration), ProbeError>
        do throws(ProbeError) {
            outcome = .success(try await loop(workload, on: sessions, in: context))
        } catch {
            outcome = .failure(error)
        }
        for session in sessions { await session.close() }
        let (done, errors, first, duration) = try outcome.get()
        let took = duration.inSeconds
        let share = Double(errors) / Double(max(1, done + errors)) * 100
        guard share <= ceiling else {
            throw ProbeError(
                .failed,
                "\(errors) of \(done + errors) operations failed, over the ceiling of \(shortDecimal(ceiling)) %: "
                    + "\(first ?? "?")"
            )
        }
        guard done > 0, let rate = Quantity(real: Double(done) / took * 60, .perMinute) else {
            throw ProbeError(.noData, "nothing was executed")
        }
        return Measurement(
            rate,
            samples: done,
            resolvedQuery: workload.queries.map(\.sql).joined(separator: "; "),
            notes: [
                "\(done) operations in \(shortDecimal(took)) s, \(errors) failed, \(workload.concurrency) at once, "
                    + "on a scratch copy"
            ]
        )
    }

    private func loop(
        _ workload: Workload,
        on sessions: [any DatabaseSession],
        in context: ProbeContext
    ) async throws(ProbeError) -> (done: Int, errors: Int, first: String?, took: Duration) {
        let runner = WorkloadRunner(context: context)
        var draw = try await WorkloadDraw(workload, from: sessions[0], seed: context.seed, within: context.deadline)
        _ = try await runner.time(draw.next(workload.warmup), on: sessions)
        var done = 0
        var errors = 0
        var first: String?
        // Drawing parameters and warming up are not what is to be sustained.
        let begin = ContinuousClock.now
        while ContinuousClock.now - begin < duration {
            let timed = try await runner.time(draw.next(50 * sessions.count), on: sessions)
            let failed = timed.compactMap(\.error)
            done += timed.count - failed.count
            errors += failed.count
            first = first ?? failed.first
        }
        return (done, errors, first, ContinuousClock.now - begin)
    }
}

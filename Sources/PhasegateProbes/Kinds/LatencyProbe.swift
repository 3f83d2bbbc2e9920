public import PhasegateCore
import PhasegateStatistics

/// Latency of a workload, alone or against another run of it.
public struct LatencyProbe: ProbeKind {
    /// `latency`.
    public static let name: ProbeName = "latency"
    /// What it measures.
    public static let summary =
        "A percentile of a workload's latency; with `against`, its ratio to another workload or copy, run in turns."
    /// Its keys.
    public static let settings: [Shape.Key] = [
        Shape.Key("workload", .name, required: true, "The workload, by its name under `workloads`."),
        Shape.Key("percentile", .number(1...100), "The percentile; 100 is the maximum, 95 the default."),
        Shape.Key(
            "against",
            .map([
                Shape.Key("workload", .name, "The workload to compare with; the same one by default."),
                Shape.Key("target", .name, "The database to compare with; the workload's own by default."),
            ]),
            "What the latency is divided by; both run in turns, block by block."
        ),
        Shape.Key("blocks", .whole(8...200), "Blocks of each side when two are compared; 20 by default."),
    ]

    private let workload: WorkloadName
    private let percentile: Double
    private let against: Setting?
    private let blocks: Int

    /// Reads the settings.
    public init(_ settings: Setting) throws(Diagnostic) {
        workload = WorkloadName(rawValue: settings["workload"]?.text ?? "")
        percentile = settings["percentile"]?.number ?? 95
        against = settings["against"]
        blocks = Int(settings["blocks"]?.whole ?? 20)
    }

    /// Milliseconds, or a ratio.
    public var output: ProbeOutput { .number(against == nil ? .time : .ratio, 0...6e10) }

    /// Runs the workload; criteria of one round that ask for other percentiles share the run.
    public func measure(in context: ProbeContext) async throws(ProbeError) -> Measurement {
        guard let workload = context.rollout.workload(workload) else {
            throw ProbeError(.failed, "there is no workload '\(workload)'")
        }
        if let against { return try await ratio(of: workload, against: against, in: context) }
        let key = "latency of \(workload.name)"
        let run: WorkloadRun
        if let earlier = await context.memo.recall(key, as: WorkloadRun.self) {
            run = earlier
        } else {
            run = try await WorkloadRunner(context: context).run(workload)
            await context.memo.remember(run, under: key)
        }
        return try measurement(of: run, workload)
    }

    private func measurement(of run: WorkloadRun, _ workload: Workload) throws(ProbeError) -> Measurement {
        guard run.errors == 0 else {
            throw ProbeError(.failed, "\(run.errors) executions failed, the first with: \(run.firstError ?? "?")")
        }
        guard !run.sorted.isEmpty,
            let quantity = Quantity(real: run.milliseconds(atPercentile: percentile), .milliseconds)
        else { throw ProbeError(.noData, "nothing was executed") }
        let ends = quantileInterval(sorted: run.sorted, quantile: min(percentile / 100, 1), confidence: 0.95)
        return Measurement(
            quantity,
            samples: run.sorted.count,
            interval: ends.map { Measurement.Interval(low: $0.low / 1e6, high: $0.high / 1e6, confidence: 0.95) },
            resolvedQuery: workload.queries.map(\.sql).joined(separator: "; "),
            notes: [
                "p50 p95 p99 max: "
                    + [50, 95, 99, 100].map { shortDecimal(run.milliseconds(atPercentile: $0)) }
                    .joined(separator: " ") + " ms"
            ],
            quantiles: drawnPercents(forSamples: run.sorted.count).map {
                Measurement.Quantile(percent: $0, value: run.milliseconds(atPercentile: $0))
            }
        )
    }

    /// Blocks of both sides in turns, so that whatever else the machine does hits both.
    private func ratio(of workload: Workload, against: Setting, in context: ProbeContext) async throws(ProbeError)
        -> Measurement
    {
        let otherName = against["workload"]?.text.map(WorkloadName.init(rawValue:)) ?? workload.name
        guard let other = context.rollout.workload(otherName) else {
            throw ProbeError(.failed, "there is no workload '\(otherName)'")
        }
        let otherTarget = against["target"]?.text.map(TargetName.init(rawValue:)) ?? other.target
        let runner = WorkloadRunner(context: context)
        let sessions = try await runner.open(workload.concurrency, on: workload.target)
        let otherSessions: [any DatabaseSession]
        do {
            otherSessions = try await runner.open(other.concurrency, on: otherTarget)
        } catch {
            await runner.giveBack(sessions, on: workload.target)
            throw error
        }
        let result: Result<[(before: Double, after: Double)], ProbeError>
        do throws(ProbeError) {
            result = .success(try await pairs(workload, sessions, other, otherSessions, runner))
        } catch {
            result = .failure(error)
        }
        await runner.giveBack(sessions, on: workload.target)
        await runner.giveBack(otherSessions, on: otherTarget)
        let pairs = try result.get()
        var generator = SeededGenerator(seed: context.seed)
        guard let interval = pairedRatioInterval(pairs, confidence: 0.95, resamples: 2000, using: &generator),
            let quantity = Quantity(real: interval.ratio, .times)
        else { throw ProbeError(.noData, "the blocks give no ratio") }
        return Measurement(
            quantity,
            samples: workload.samples,
            interval: Measurement.Interval(low: interval.low, high: interval.high, confidence: 0.95),
            resolvedQuery: workload.queries.map(\.sql).joined(separator: "; "),
            notes: ["\(pairs.count) blocks in turns against '\(otherName)' on '\(otherTarget)'"]
        )
    }

    private func pairs(
        _ workload: Workload,
        _ sessions: [any DatabaseSession],
        _ other: Workload,
        _ otherSessions: [any DatabaseSession],
        _ runner: WorkloadRunner
    ) async throws(ProbeError) -> [(before: Double, after: Double)] {
        let context = runner.context
        var draw = try await WorkloadDraw(workload, from: sessions[0], seed: context.seed, within: context.deadline)
        var otherDraw = try await WorkloadDraw(
            other,
            from: otherSessions[0],
            seed: context.seed,
            within: context.deadline
        )
        _ = try await runner.time(draw.next(workload.warmup), on: sessions)
        _ = try await runner.time(otherDraw.next(other.warmup), on: otherSessions)
        let size = max(5, workload.samples / blocks)
        var pairs: [(before: Double, after: Double)] = []
        for block in 0..<blocks {
            var now = WorkloadRun([])
            var before = WorkloadRun([])
            // Who goes first alternates, so that warmth favours neither.
            for turn in 0..<2 {
                if (block + turn).isMultiple(of: 2) {
                    now = WorkloadRun(try await runner.time(draw.next(size), on: sessions))
                } else {
                    before = WorkloadRun(try await runner.time(otherDraw.next(size), on: otherSessions))
                }
            }
            guard now.errors == 0, before.errors == 0 else {
                throw ProbeError(.failed, "an execution failed: \(now.firstError ?? before.firstError ?? "?")")
            }
            pairs.append((before.milliseconds(atPercentile: percentile), now.milliseconds(atPercentile: percentile)))
        }
        return pairs
    }
}

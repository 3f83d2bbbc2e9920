import PhasegateCore
import PhasegateObservations
import PhasegateProbes
import PhasegateSQLite
import PhasegateStatistics
import PhasegateTesting
import Synchronization

/// Keeps what a source hands over.
final class Catch: Sendable {
    private let kept = Mutex<[ObservationBatch]>([])

    /// Everything so far.
    var batches: [ObservationBatch] { kept.withLock(\.self) }
    /// The single requests.
    var requests: [Observation] { batches.requests }
    /// The gaps.
    var gaps: [String] { batches.gaps }

    func take(_ batch: ObservationBatch) { kept.withLock { $0.append(batch) } }
}

extension [ObservationBatch] {
    var requests: [Observation] {
        flatMap { batch -> [Observation] in if case .requests(let requests) = batch { requests } else { [] } }
    }

    var counts: [CountedObservations] {
        flatMap { batch -> [CountedObservations] in if case .counts(let counts) = batch { counts } else { [] } }
    }

    var gaps: [String] { compactMap { batch -> String? in if case .gap(let why) = batch { why } else { nil } } }

    var rejected: RejectedLines? {
        reduce(into: nil) { sum, batch in
            guard case .rejected(let lines) = batch else { return }
            if sum == nil { sum = lines } else { sum?.add(lines) }
        }
    }
}

/// Observes a source for as long as the body takes.
func observing(_ source: any ObservationSource, _ body: (Catch) async throws -> Void) async rethrows {
    let kept = Catch()
    let task = Task { try? await source.observe { kept.take($0) } }
    do {
        try await body(kept)
    } catch {
        task.cancel()
        await task.value
        throw error
    }
    task.cancel()
    await task.value
}

/// Asks again and again until it is so; long, because others compute beside it.
///
/// - Returns: whether it ever was.
func eventually(within limit: Duration = .seconds(60), _ condition: () async throws -> Bool) async rethrows -> Bool {
    let end = ContinuousClock.now + limit
    while ContinuousClock.now < end {
        if try await condition() { return true }
        try? await Task.sleep(for: .milliseconds(5))
    }
    return try await condition()
}

/// Makes sources for a directory.
struct SourceBench {
    /// Flags that stand where they were put.
    struct Flags: FlagReading {
        let share: BasisPoints?

        func share(of flag: FlagKey) async throws(ProbeError) -> BasisPoints? { share }
    }

    let directory: TemporaryDirectory
    var targets: [DatabaseTarget] = []
    var engines: [any DatabaseEngine] = [SQLiteEngine()]

    init() throws { directory = try TemporaryDirectory() }

    var context: ObservationContext {
        let rollout = Rollout(name: "bench", title: "Bench", targets: targets, phases: [])
        return ObservationContext(
            rollout: rollout,
            flag: "flag",
            baseDirectory: directory.path,
            sessions: SessionPool(rollout: rollout, baseDirectory: directory.path, engines: engines),
            flags: Flags(share: BasisPoints(rawValue: 500))
        )
    }

    func source(_ kind: String, _ settings: [String: Setting]) throws -> any ObservationSource {
        try ObservationSources.builtIn.source(
            from: ObservationPlan.Source(kind: kind, settings: .map(settings)),
            in: context
        )
    }
}

import Dispatch
public import PhasegateCore

/// Exposes shares of users by setting flags in their stores and sinks, and reads them back.
///
/// Raising a share gives way to anyone who changed the flag in between, and
/// counts as done only when every application has had time to see it. Lowering
/// it to nobody does neither: all places are set at once, over whatever they
/// hold, and tried again until each shows it.
public struct FlagStepRunner: StepRunner {
    let flags: [FlagKey: FlagLocation]
    let reader: FlagShareReader
    let actor: String
    let patience: FlagPatience
    let now: @Sendable () -> Moment
    /// Stores block, and the threads of the concurrency runtime must not; nor must one store hold up another.
    private let queue = DispatchQueue(label: "flags.steps", attributes: .concurrent)

    /// How often setting a flag to nobody is tried against concurrent edits.
    static let attemptsToClose = 100

    /// Takes the flags of a rollout; opens nothing.
    ///
    /// - Parameters:
    ///   - flags: where each flag is kept, and who learns of it.
    ///   - actor: who the stores say set it.
    ///   - patience: how long to wait, and for what.
    ///   - now: the time that the stores keep.
    public init(
        flags: [FlagKey: FlagLocation],
        actor: String,
        patience: FlagPatience = .system,
        now: @escaping @Sendable () -> Moment
    ) {
        self.flags = flags
        self.actor = actor
        self.patience = patience
        self.now = now
        reader = FlagShareReader(flags: flags)
    }

    /// Exposure steps only.
    public func handles(_ step: Step) -> Bool { Self.exposure(in: step) != nil }

    /// Whether the store and every sink show the share of a step, and applications have had time to see it.
    ///
    /// - Returns: `unclear` when a sink cannot be read.
    /// - Throws: `StepError` when the store cannot be read or nobody said where it is.
    public func state(of step: Step) async throws(StepError) -> StepState {
        guard let exposure = Self.exposure(in: step) else { throw Self.refusal(of: step) }
        let record = try await onQueue { () throws(FlagError) in
            try reader.store(of: exposure.flag).record(of: exposure.flag)
        }
        guard let record else { return .notDone("flag '\(exposure.flag)' is not set") }
        let seen = "flag '\(exposure.flag)' is at \(record.share), version \(record.version)"
        guard record.share == exposure.share else { return .notDone(seen) }
        let location = flags[exposure.flag]
        for sink in location?.sinks ?? [] {
            do throws(FlagError) {
                guard try await sink.read() == sink.content(for: record.rule) else {
                    return .notDone("\(seen), and sink '\(sink.name)' does not show it")
                }
            } catch {
                return .unclear("\(seen), and sink '\(sink.name)' cannot be read: \(error.message)")
            }
        }
        guard exposure.share == .none || unseen(record, propagation: location?.propagation ?? .zero) == .zero else {
            return .notDone("\(seen), and applications may not have seen it yet")
        }
        return .done(seen)
    }

    /// Sets the share everywhere and reads it back; what is there already is left alone.
    ///
    /// - Parameters:
    ///   - step: an exposure step.
    ///   - reason: why, kept by the store.
    /// - Returns: the share read back, with the version, the share before and each sink as evidence.
    /// - Throws: `StepError`; it left traces unless store and sinks are known to be as they were.
    public func run(_ step: Step, because reason: String) async throws(StepError) -> StepOutcome {
        guard let exposure = Self.exposure(in: step) else { throw Self.refusal(of: step) }
        return exposure.share == .none
            ? try await close(exposure, because: reason) : try await set(exposure, because: reason)
    }

    /// How much longer applications may not have seen a record.
    func unseen(_ record: FlagRecord, propagation: Duration) -> Duration {
        let elapsed = Duration.milliseconds(now().milliseconds - record.changedAt.milliseconds)
        // A clock that was set back must not make anybody wait longer than the bound.
        return min(propagation, max(.zero, propagation - elapsed))
    }

    /// Sets the store; a share that is there already is left alone.
    ///
    /// - Returns: the records before and after.
    func store(_ exposure: ExposureStep, because reason: String) throws(FlagError) -> (
        before: FlagRecord?, after: FlagRecord
    ) {
        let store = try reader.store(of: exposure.flag)
        let attempts = exposure.share == .none ? Self.attemptsToClose : 1
        let planned = flags[exposure.flag]?.draw ?? FlagDraw(salt: exposure.flag.rawValue)
        var conflict = FlagError(.conflict, "flag '\(exposure.flag)' keeps changing")
        for _ in 0..<attempts {
            let before = try store.record(of: exposure.flag)
            if let before, before.share == exposure.share { return (before, before) }
            do {
                let after = try store.set(
                    key: exposure.flag,
                    // A kill must not fail because the plan was edited: nobody is nobody under any draw.
                    draw: exposure.share == .none ? before?.draw ?? planned : planned,
                    share: exposure.share,
                    expecting: before?.version,
                    actor: actor,
                    reason: reason,
                    at: now()
                )
                return (before, after)
            } catch {
                guard error.code == .conflict else { throw error }
                conflict = error
            }
        }
        throw conflict
    }

    func outcome(_ record: FlagRecord, previous: FlagRecord?, sinks: [String: String]) -> StepOutcome {
        var evidence = [
            "flag": record.key.rawValue,
            "share": "\(record.share.rawValue)",
            "previous-share": previous.map { "\($0.share.rawValue)" } ?? "not set",
            "version": "\(record.version)",
            "changed-at": record.changedAt.description,
        ]
        for (name, note) in sinks { evidence["sink-\(name)"] = note }
        return StepOutcome(
            observed: "flag '\(record.key)' is at \(record.share), version \(record.version)",
            evidence: evidence
        )
    }

    private static func exposure(in step: Step) -> ExposureStep? {
        switch step {
        case .expose(let exposure): exposure
        case .migrate, .unmigrate, .checkHealth: nil
        }
    }

    private static func refusal(of step: Step) -> StepError {
        StepError("flags cannot \(step.sentence)")
    }

    func onQueue<Value: Sendable>(
        _ body: @escaping @Sendable () throws(FlagError) -> Value
    ) async throws(StepError) -> Value {
        switch await results(body) {
        case .success(let value): return value
        case .failure(let error):
            throw StepError(error.message, leftTraces: error.code == .notReadBack)
        }
    }

    func results<Value: Sendable>(
        _ body: @escaping @Sendable () throws(FlagError) -> Value
    ) async -> Result<Value, FlagError> {
        await withCheckedContinuation {
            (continuation: CheckedContinuation<Result<Value, FlagError>, Never>) in
            queue.async { continuation.resume(returning: Result(catching: body)) }
        }
    }
}

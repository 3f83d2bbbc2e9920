import Dispatch
public import PhasegateCore

/// Exposes shares of users by setting flags, and reads them back.
///
/// Raising a share gives way to anyone who changed the flag in between.
/// Lowering it to nobody does not: it is tried again until the store shows it.
public struct FlagStepRunner: StepRunner {
    private let flags: [FlagKey: FlagLocation]
    private let reader: FlagShareReader
    private let actor: String
    private let now: @Sendable () -> Moment
    /// Stores block, and the threads of the concurrency runtime must not.
    private let queue = DispatchQueue(label: "flags.steps")

    /// How often setting a flag to nobody is tried against concurrent edits.
    static let attemptsToClose = 100

    /// Takes the flags of a rollout; opens nothing.
    ///
    /// - Parameters:
    ///   - flags: where each flag is kept.
    ///   - actor: who the stores say set it.
    ///   - now: the time that the stores keep.
    public init(flags: [FlagKey: FlagLocation], actor: String, now: @escaping @Sendable () -> Moment) {
        self.flags = flags
        self.actor = actor
        self.now = now
        reader = FlagShareReader(flags: flags)
    }

    /// Exposure steps only.
    public func handles(_ step: Step) -> Bool { Self.exposure(in: step) != nil }

    /// Whether the store shows the share of a step.
    ///
    /// - Throws: `StepError` when the store cannot be read or nobody said where it is.
    public func state(of step: Step) async throws(StepError) -> StepState {
        guard let exposure = Self.exposure(in: step) else { throw Self.refusal(of: step) }
        return try await onQueue { () throws(FlagError) in try self.state(of: exposure) }
    }

    /// Sets the share and reads it back; a share that is there already is left alone.
    ///
    /// - Parameters:
    ///   - step: an exposure step.
    ///   - reason: why, kept by the store.
    /// - Returns: the share read back, with the version and the share before as evidence.
    /// - Throws: `StepError`; it left traces unless the store is known to be as it was.
    public func run(_ step: Step, because reason: String) async throws(StepError) -> StepOutcome {
        guard let exposure = Self.exposure(in: step) else { throw Self.refusal(of: step) }
        return try await onQueue { () throws(FlagError) in try self.set(exposure, because: reason) }
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

    private func state(of exposure: ExposureStep) throws(FlagError) -> StepState {
        let store = try reader.store(of: exposure.flag)
        guard let record = try store.record(of: exposure.flag) else {
            return .notDone("flag '\(exposure.flag)' is not set")
        }
        let seen = "flag '\(exposure.flag)' is at \(record.share), version \(record.version)"
        return record.share == exposure.share ? .done(seen) : .notDone(seen)
    }

    private func set(_ exposure: ExposureStep, because reason: String) throws(FlagError) -> StepOutcome {
        let store = try reader.store(of: exposure.flag)
        let attempts = exposure.share == .none ? Self.attemptsToClose : 1
        var conflict = FlagError(.conflict, "flag '\(exposure.flag)' keeps changing")
        for _ in 0..<attempts {
            let before = try store.record(of: exposure.flag)
            if let before, before.share == exposure.share { return outcome(before, previous: before) }
            do {
                let after = try store.set(
                    key: exposure.flag,
                    // A kill must not fail because the plan's salt was edited: nobody is nobody under any salt.
                    salt: exposure.share == .none ? before?.salt ?? salt(of: exposure.flag) : salt(of: exposure.flag),
                    share: exposure.share,
                    expecting: before?.version,
                    actor: actor,
                    reason: reason,
                    at: now()
                )
                return outcome(after, previous: before)
            } catch {
                guard error.code == .conflict else { throw error }
                conflict = error
            }
        }
        throw conflict
    }

    private func outcome(_ record: FlagRecord, previous: FlagRecord?) -> StepOutcome {
        StepOutcome(
            observed: "flag '\(record.key)' is at \(record.share), version \(record.version)",
            evidence: [
                "flag": record.key.rawValue,
                "share": "\(record.share.rawValue)",
                "previous-share": previous.map { "\($0.share.rawValue)" } ?? "not set",
                "version": "\(record.version)",
                "changed-at": record.changedAt.description,
            ]
        )
    }

    private func salt(of flag: FlagKey) -> String { flags[flag]?.salt ?? flag.rawValue }

    private func onQueue<Value: Sendable>(
        _ body: @escaping @Sendable () throws(FlagError) -> Value
    ) async throws(StepError) -> Value {
        let result = await withCheckedContinuation {
            (continuation: CheckedContinuation<Result<Value, FlagError>, Never>) in
            queue.async { continuation.resume(returning: Result(catching: body)) }
        }
        switch result {
        case .success(let value): return value
        case .failure(let error):
            throw StepError(error.message, leftTraces: error.code == .notReadBack)
        }
    }
}

public import PhasegateCore

/// What a probe may use while it measures.
public struct ProbeContext: Sendable {
    /// The rollout: targets, workloads, flags.
    public let rollout: Rollout
    /// The criterion that is measured; nothing where a probe is tried by itself.
    public let criterion: Criterion?
    /// The round it is measured in; nothing where a probe is tried by itself.
    public let request: ProbeRequest?
    /// What is observed of the users of a ramp; nothing where nobody observes.
    public let observations: (any ObservationReading)?
    /// The phase it stands in.
    public let phase: PhaseName
    /// Directory of the data: databases, backups, flag stores, programs.
    public let baseDirectory: String
    /// Directory of the plan: what is written beside the rollout file, as migrations are.
    public let planDirectory: String
    /// Directory for scratch copies.
    public let scratchDirectory: String
    /// When the phase was entered.
    public let phaseEnteredAt: Moment
    /// When the gate opened; windows do not reach behind it.
    public let gateOpenedAt: Moment
    /// Now.
    public let now: Moment
    /// How long the measurement may still take; shrinks, so that many statements share one deadline.
    public var deadline: Duration { max(.zero, end - ContinuousClock.now) }
    private let end: ContinuousClock.Instant
    /// Open sessions.
    public let sessions: SessionPool
    /// What was measured once for several criteria of this round.
    public let memo: RoundMemo
    /// Reads flags back.
    public let flags: any FlagReading
    /// What people have stated.
    public let attestations: [Attestation]
    /// Seed of everything drawn at random.
    public let seed: UInt64
    /// Hears how far a measurement has got that takes its time.
    public let progress: @Sendable (ProbeProgress) -> Void
    /// Rests.
    public let pause: @Sendable (Duration) async -> Void

    /// Puts a context together.
    public init(
        rollout: Rollout,
        phase: PhaseName,
        baseDirectory: String,
        planDirectory: String,
        scratchDirectory: String,
        phaseEnteredAt: Moment,
        gateOpenedAt: Moment,
        now: Moment,
        deadline: Duration,
        sessions: SessionPool,
        memo: RoundMemo,
        flags: any FlagReading,
        attestations: [Attestation],
        seed: UInt64,
        criterion: Criterion? = nil,
        request: ProbeRequest? = nil,
        observations: (any ObservationReading)? = nil,
        progress: @escaping @Sendable (ProbeProgress) -> Void = { _ in },
        pause: @escaping @Sendable (Duration) async -> Void = { try? await Task.sleep(for: $0) }
    ) {
        self.rollout = rollout
        self.phase = phase
        self.baseDirectory = baseDirectory
        self.planDirectory = planDirectory
        self.scratchDirectory = scratchDirectory
        self.phaseEnteredAt = phaseEnteredAt
        self.gateOpenedAt = gateOpenedAt
        self.now = now
        end = ContinuousClock.now + deadline
        self.sessions = sessions
        self.memo = memo
        self.flags = flags
        self.attestations = attestations
        self.seed = seed
        self.criterion = criterion
        self.request = request
        self.observations = observations
        self.progress = progress
        self.pause = pause
    }

    /// A session that reads the target of a name, shared by the probes of a run.
    public func session(on target: TargetName) async throws(ProbeError) -> any DatabaseSession {
        do {
            return try await sessions.session(on: target)
        } catch {
            throw ProbeError(error)
        }
    }

    /// The schema of a target.
    ///
    /// - Throws: `ProbeError` when the engine cannot tell, or did not in time.
    public func schema(of target: TargetName) async throws(ProbeError) -> DatabaseSchema {
        let reader = try powered(try await session(on: target), as: (any SchemaReading).self, "read its schema")
        do {
            return try await reader.schema(within: deadline)
        } catch {
            throw ProbeError(error)
        }
    }

    /// Copies a target to where it can be written to; the caller removes the copy.
    func scratchCopy(of target: TargetName, for purpose: String) async throws(ProbeError)
        -> (engine: any BackupTaking, copy: DatabaseLocation)
    {
        do throws(SessionError) {
            let (engine, origin) = try await sessions.backups(of: target)
            try await sessions.demandFingerprint(of: target)
            let place = ScratchPlace(origin: origin, directory: scratchDirectory, purpose: purpose)
            return (engine, try await engine.copy(origin, into: place, within: deadline))
        } catch {
            throw ProbeError(error)
        }
    }

    /// A path from the rollout file, made absolute.
    public func path(_ relative: String) -> String { absolutePath(relative, in: baseDirectory) }

    /// The session with a power the probe needs.
    ///
    /// - Throws: `ProbeError` when the engine lacks it.
    public func powered<Power>(_ session: any DatabaseSession, as: Power.Type, _ what: String) throws(ProbeError)
        -> Power
    {
        guard let powered = session as? Power else { throw ProbeError(.unsupported, "the engine cannot \(what)") }
        return powered
    }
}

/// Reads flags back from where the application reads them.
public protocol FlagReading: Sendable {
    /// The configured share; nothing when the flag was never set.
    ///
    /// - Throws: `ProbeError` when the store cannot be read.
    func share(of flag: FlagKey) async throws(ProbeError) -> BasisPoints?
}

/// Says what was observed of the users of a ramp.
public protocol ObservationReading: Sendable {
    /// Where a criterion stands in the step whose gate asks.
    ///
    /// - Throws: `ProbeError` when nothing is observed there.
    func measurement(of criterion: Criterion, for request: ProbeRequest) async throws(ProbeError) -> Measurement
}

/// Makes a path absolute.
///
/// - Parameters:
///   - path: absolute already, or relative to the directory.
///   - directory: where relative paths begin.
/// - Returns: the absolute path.
public func absolutePath(_ path: String, in directory: String) -> String {
    path.hasPrefix("/") ? path : directory + (directory.hasSuffix("/") ? "" : "/") + path
}

public import PhasegateCore

/// Measures the criteria of a round, one after the other, each within its deadline.
///
/// A reading that is still valid is used again, so that a backup proven a
/// minute ago is not restored anew every ten seconds. Latencies are never
/// measured side by side, because they would measure each other.
public actor ProbeRunner: Prober {
    private let rollout: Rollout
    private let kinds: ProbeKinds
    private let baseDirectory: String
    private let planDirectory: String
    private let scratchDirectory: String
    private let sessions: SessionPool
    private let flags: any FlagReading
    private let observations: (any ObservationReading)?
    private let seed: UInt64
    private let now: @Sendable () -> Moment
    private let onReading: @Sendable (Reading) -> Void
    private let onProgress: @Sendable (ProbeProgress) -> Void
    private var kept: [CriterionName: (reading: Reading, gateOpenedAt: Moment, phase: PhaseName)] = [:]
    private var probes: [Criterion.ProbeSpec: any ProbeKind] = [:]

    /// Makes a runner.
    ///
    /// - Parameters:
    ///   - rollout: what the probes measure.
    ///   - kinds: the kinds of probes it may ask for.
    ///   - baseDirectory: where paths of databases, backups and programs begin.
    ///   - planDirectory: where paths of what belongs to the plan begin, as migrations do.
    ///   - scratchDirectory: for copies that are thrown away.
    ///   - sessions: opens the databases.
    ///   - flags: reads flags back.
    ///   - observations: what is observed of the users of ramps.
    ///   - seed: of everything drawn at random.
    ///   - now: the clock.
    ///   - onReading: hears of every fresh reading, for progress.
    ///   - onProgress: hears how far a measurement has got that takes its time.
    public init(
        rollout: Rollout,
        kinds: ProbeKinds = .builtIn,
        baseDirectory: String,
        planDirectory: String,
        scratchDirectory: String,
        sessions: SessionPool,
        flags: any FlagReading,
        observations: (any ObservationReading)? = nil,
        seed: UInt64 = 1,
        now: @escaping @Sendable () -> Moment,
        onReading: @escaping @Sendable (Reading) -> Void = { _ in },
        onProgress: @escaping @Sendable (ProbeProgress) -> Void = { _ in }
    ) {
        self.rollout = rollout
        self.kinds = kinds
        self.baseDirectory = baseDirectory
        self.planDirectory = planDirectory
        self.scratchDirectory = scratchDirectory
        self.sessions = sessions
        self.flags = flags
        self.observations = observations
        self.seed = seed
        self.now = now
        self.onReading = onReading
        self.onProgress = onProgress
    }

    /// Measures every criterion in order.
    public func readings(for request: ProbeRequest) async -> [Reading] {
        let memo = RoundMemo()
        var readings: [Reading] = []
        for criterion in request.criteria {
            if let earlier = kept[criterion.name], earlier.phase == request.phase,
                earlier.gateOpenedAt == request.gateOpenedAt, reusable(earlier.reading, for: criterion)
            {
                readings.append(earlier.reading)
                continue
            }
            let reading = await reading(of: criterion, for: request, memo: memo)
            kept[criterion.name] = (reading, request.gateOpenedAt, request.phase)
            onReading(reading)
            readings.append(reading)
        }
        return readings
    }

    /// Only readings that are meant to last are used again: those valid for longer than the default minute.
    private func reusable(_ reading: Reading, for criterion: Criterion) -> Bool {
        let moment = now()
        return criterion.validFor > .seconds(60) && reading.measurement != nil && reading.observedAt <= moment
            && reading.validUntil > moment
    }

    private func reading(of criterion: Criterion, for request: ProbeRequest, memo: RoundMemo) async -> Reading {
        let begin = ContinuousClock.now
        let outcome: Reading.Outcome
        do throws(ProbeError) {
            outcome = .measured(try await measure(criterion, for: request, memo: memo))
        } catch {
            outcome = .unavailable(error.why, error.message)
        }
        let moment = now()
        return Reading(
            criterion: criterion.name,
            outcome: outcome,
            observedAt: moment,
            validUntil: moment + criterion.validFor,
            tookMilliseconds: (ContinuousClock.now - begin).milliseconds
        )
    }

    private func measure(_ criterion: Criterion, for request: ProbeRequest, memo: RoundMemo) async throws(ProbeError)
        -> Measurement
    {
        if Task.isCancelled { throw ProbeError(.cancelled, "the round was stopped") }
        let probe: any ProbeKind
        if let known = probes[criterion.probe] {
            probe = known
        } else {
            do {
                probe = try kinds.probe(criterion.probe)
            } catch {
                throw ProbeError(.failed, error.message)
            }
            probes[criterion.probe] = probe
        }
        let context = ProbeContext(
            rollout: rollout,
            phase: request.phase,
            baseDirectory: baseDirectory,
            planDirectory: planDirectory,
            scratchDirectory: scratchDirectory,
            phaseEnteredAt: request.phaseEnteredAt,
            gateOpenedAt: request.gateOpenedAt,
            now: now(),
            deadline: criterion.deadline,
            sessions: sessions,
            memo: memo,
            flags: flags,
            attestations: request.attestations,
            seed: seed,
            criterion: criterion,
            request: request,
            observations: observations,
            progress: onProgress
        )
        return try await probe.measure(in: context)
    }
}

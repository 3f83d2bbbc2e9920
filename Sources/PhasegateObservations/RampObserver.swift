public import PhasegateCore
public import PhasegateProbes
import PhasegateStatistics

/// Watches the users of a ramp: reads the source, judges look by look, and raises the alarm.
///
/// Begins with the first gate of a phase that asks for what is observed, and a
/// new step with each further one. Nothing of a step outlives the process:
/// whoever begins it anew spends a smaller part of the same levels, so that
/// what is promised holds however often a controller dies.
public actor RampObserver: ObservationReading {
    /// Makes the source of a phase.
    public typealias SourceMaker = @Sendable (Phase, ObservationPlan) throws(Diagnostic) -> any ObservationSource

    /// A step that is being judged.
    private struct Step {
        let phase: PhaseName
        let gate: StageName
        let openedAt: Moment
        let began: Duration
        var judge: StepJudge
    }

    private let rollout: Rollout
    private let alarm: Alarm
    private let makeSource: SourceMaker
    private let elapsed: @Sendable () -> Duration
    private let pause: @Sendable (Duration) async -> Void
    private var step: Step?
    private var source: (phase: PhaseName, sentence: String, task: Task<Void, Never>)?
    private var looking: Task<Void, Never>?

    /// Makes an observer; nothing is opened before a gate asks.
    ///
    /// - Parameters:
    ///   - rollout: with its clocks scaled.
    ///   - alarm: rung when harm is shown.
    ///   - elapsed: a clock that never steps back.
    ///   - pause: waits for the next look.
    ///   - makeSource: makes the source of a phase.
    public init(
        rollout: Rollout,
        alarm: Alarm,
        elapsed: @escaping @Sendable () -> Duration = monotonicTime,
        pause: @escaping @Sendable (Duration) async -> Void = { try? await Task.sleep(for: $0) },
        makeSource: @escaping SourceMaker
    ) {
        self.rollout = rollout
        self.alarm = alarm
        self.elapsed = elapsed
        self.pause = pause
        self.makeSource = makeSource
    }

    /// Where a criterion stands; the first question of a gate begins its step.
    public func measurement(of criterion: Criterion, for request: ProbeRequest) async throws(ProbeError) -> Measurement
    {
        guard let phase = rollout.phase(request.phase), let observation = phase.ramp?.observation,
            let gate = request.gate
        else { throw ProbeError(.unsupported, "phase '\(request.phase)' observes no users") }
        if step?.phase != phase.name || step?.gate != gate.name || step?.openedAt != request.gateOpenedAt {
            try begin(gate, of: phase, observation, request)
        }
        guard let step, let source else { throw ProbeError(.failed, "nothing is observed") }
        let now = elapsed() - step.began
        guard let measurement = step.judge.measurement(of: criterion.name, at: now, source: source.sentence) else {
            throw ProbeError(.noData, "the candidate has had no request yet")
        }
        return measurement
    }

    /// Stops observing; the next question of a gate begins anew.
    public func stop() {
        source?.task.cancel()
        looking?.cancel()
        source = nil
        looking = nil
        step = nil
    }

    private func begin(
        _ gate: Gate,
        of phase: Phase,
        _ observation: ObservationPlan,
        _ request: ProbeRequest
    ) throws(ProbeError) {
        // Who began before us has looked already, and what was seen then is gone.
        let before = request.lastVerdict?.findings.compactMap(\.evidence?.beginning).max() ?? 0
        do {
            let plan = try StepPlan(gate: gate, of: phase, observation, beginning: before + 1)
            step = Step(
                phase: phase.name,
                gate: gate.name,
                openedAt: request.gateOpenedAt,
                began: elapsed(),
                judge: try StepJudge(plan)
            )
        } catch {
            throw ProbeError(.failed, "the limits of gate '\(gate.name)' cannot be judged: \(error)")
        }
        if source?.phase != phase.name { try open(phase, observation) }
        looking?.cancel()
        looking = Task { await self.look(every: observation.look) }
    }

    private func open(_ phase: Phase, _ observation: ObservationPlan) throws(ProbeError) {
        source?.task.cancel()
        let opened: any ObservationSource
        do {
            opened = try makeSource(phase, observation)
        } catch {
            throw ProbeError(.failed, error.message)
        }
        let task = Task {
            while !Task.isCancelled {
                do throws(ObservationError) {
                    try await opened.observe { await self.take($0) }
                    self.take(.gap("\(opened.sentence) has ended"))
                } catch {
                    self.take(.gap("\(opened.sentence) cannot be read: \(error.message)"))
                }
                await self.pause(.seconds(1))
            }
        }
        source = (phase.name, opened.sentence, task)
    }

    /// Takes what a source has; judges it at once where a look is due.
    func take(_ batch: ObservationBatch) {
        guard let began = step?.began else { return }
        let now = elapsed() - began
        step?.judge.take(batch, at: now)
        closeLookIfDue(at: now)
    }

    /// Closes looks also when nothing comes in.
    private func look(every look: Duration) async {
        while !Task.isCancelled {
            await pause(look)
            guard let began = step?.began, !Task.isCancelled else { return }
            closeLookIfDue(at: elapsed() - began)
        }
    }

    private func closeLookIfDue(at now: Duration) {
        guard step?.judge.isLookDue(at: now) == true else { return }
        if step?.judge.closeLook(at: now) == true { alarm.ring() }
    }
}

/// Time since some moment, which never steps back.
public let monotonicTime: @Sendable () -> Duration = {
    let start = monotonicStart
    return ContinuousClock.now - start
}

private let monotonicStart = ContinuousClock.now

import PhasegateCore
import PhasegateTesting

/// A rollout that stands at one gate, weighed round by round through the fold of the ledger.
struct GateTable {
    private let phase: Phase
    private let gate: Gate
    private(set) var state = RolloutState()
    private(set) var moment = ManualClock.start

    /// Stands at a gate with one criterion; `done` says whether the phase has changed something.
    init(
        role: Criterion.Role = .success,
        position: Gate.Position = .exit,
        reversibility: Reversibility = .reversible,
        steady: Duration = .seconds(20),
        onTimeout: GateClock.TimeoutAction = .hold,
        approvals: Int = 0,
        done: Bool = true
    ) throws {
        let clock = GateClock(interval: .seconds(10), steady: steady, timeout: .seconds(600), onTimeout: onTimeout)
        let criterion = try makeCriterion("c", role, fail: "> 100 ms", warn: "> 50 ms")
        phase = makePhase("reads", reversibility: reversibility, clock: clock, criteria: [criterion], migrations: [1])
        gate = Gate(name: "exit", position: position, criteria: [criterion], clock: clock, approvals: approvals)
        fold(.entered(phase: "reads", stage: "migration-1"))
        if done {
            let step = Step.migrate(MigrationStep(of: makeMigrations([1]), version: 1))
            fold(.intended(Intent(id: "1", phase: "reads", step: step, reason: "")))
            fold(.acted(intent: "1", StepOutcome(observed: "")))
        }
        fold(.entered(phase: "reads", stage: "exit"))
        fold(.gateDefined(definition))
    }

    private var definition: GateDefinition {
        GateDefinition(phase: "reads", gate: gate, planDigest: "plan-1", baselines: [:])
    }

    mutating func fold(_ event: LedgerEvent) { state = state.foreseeing(event, at: moment) }

    mutating func ask(_ kind: Request.Kind) {
        fold(.requested(Request(kind: kind, by: "L. Brandt", because: "a call from the desk")))
    }

    /// Weighs one more round so many seconds later and says what follows.
    mutating func round(_ kind: Kind, after seconds: Int64 = 0) -> Decision {
        moment = moment + .seconds(seconds)
        let outcome: Reading.Outcome =
            switch kind {
            case .passes: .measured(Measurement(Quantity(1, .milliseconds)))
            case .warns: .measured(Measurement(Quantity(51, .milliseconds)))
            case .fails: .measured(Measurement(Quantity(101, .milliseconds)))
            case .unknown: .unavailable(.timedOut, "30 s")
            }
        let reading = Reading(criterion: "c", outcome: outcome, observedAt: moment, validUntil: moment + .seconds(60))
        let round = GateRound(readings: [reading], streaks: state.gate?.streaks ?? [:], at: moment)
        let verdict = definition.weigh(round, digest: testDigest)
        fold(.weighed(round, verdict))
        let decision = decide(phase: phase, gate: gate, state: state, verdict: verdict, at: moment)
        fold(.decided(decision))
        return decision
    }
}

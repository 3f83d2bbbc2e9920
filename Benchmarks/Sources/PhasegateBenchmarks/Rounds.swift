import PhasegateCore
import PhasegateLedger

/// One gate with many criteria, its readings made up in memory: what is left is our own work.
struct Rounds {
    static let rollout: RolloutName = "bench"
    static let start = Moment(milliseconds: 1_700_000_000_000)

    let phase: Phase
    let gate: Gate
    let definition: GateDefinition

    init(criteria count: Int) {
        let criteria = (0..<count).map { index in
            Criterion(
                name: CriterionName(rawValue: "criterion-\(index)"),
                role: .success,
                probe: Criterion.ProbeSpec(kind: "sql", settings: .map(["query": .text("SELECT \(index)")])),
                bounds: Criterion.Bounds(demand: Bound(.atMost, .value(Quantity(1000))))
            )
        }
        let clock = GateClock(interval: .seconds(10), steady: .seconds(86_400), timeout: .seconds(864_000))
        phase = Phase(name: "measure", title: "Measure", reversibility: .reversible, clock: clock, criteria: criteria)
        gate = Gate(name: "exit", position: .exit, criteria: criteria, clock: clock, approvals: 0)
        definition = GateDefinition(phase: phase.name, gate: gate, planDigest: "plan", baselines: [:])
    }

    /// The in-memory prober.
    func readings(at moment: Moment) -> [Reading] {
        gate.criteria.enumerated().map { index, criterion in
            Reading(
                criterion: criterion.name,
                outcome: .measured(
                    Measurement(
                        Quantity((Int64(index) * 7 + moment.milliseconds / 1000 * 13) % 1000),
                        resolvedQuery: "SELECT \(index)"
                    )
                ),
                observedAt: moment,
                validUntil: moment + criterion.validFor
            )
        }
    }

    /// Begins the ledger at the gate.
    func open(_ ledger: SQLiteLedger) async throws -> RolloutState {
        try await ledger.append(
            [
                .opened(Opening(planDigest: "plan", title: "Bench", file: "", timeScale: 1, version: "bench")),
                .entered(phase: phase.name, stage: gate.name),
                .gateDefined(definition),
            ],
            to: Self.rollout,
            by: "bench",
            at: Self.start
        )
    }

    /// One tick as the controller does it: weigh, foresee, decide, append both in one transaction.
    func tick(_ ledger: SQLiteLedger, _ state: RolloutState, at moment: Moment) async throws -> RolloutState {
        let events = weighing(state, at: moment)
        return try await ledger.append(events, to: Self.rollout, by: "bench", at: moment)
    }

    /// What a tick writes.
    func weighing(_ state: RolloutState, at moment: Moment) -> [LedgerEvent] {
        let round = GateRound(readings: readings(at: moment), streaks: state.gate?.streaks ?? [:], at: moment)
        let verdict = definition.weigh(round, digest: fingerprint)
        let foreseen = state.foreseeing(.weighed(round, verdict), at: moment)
        let decision = decide(phase: phase, gate: gate, state: foreseen, verdict: verdict, at: moment)
        return [.weighed(round, verdict), .decided(decision)]
    }

    /// Brings a ledger to a length with rounds and decisions.
    func fill(_ ledger: SQLiteLedger, upTo count: Int, batch: Int) async throws {
        var state = try await ledger.state(of: Self.rollout)
        if state.sequence == 0 { state = try await open(ledger) }
        var moment = Self.start
        while state.sequence < count {
            moment = moment + .seconds(10)
            let pair = weighing(state, at: moment)
            let wanted = min(max(batch, 1), count - state.sequence)
            let events = (0..<wanted).map { pair[(state.sequence + $0 + 1) % 2] }
            state = try await ledger.append(events, to: Self.rollout, by: "bench", at: moment)
        }
    }

    /// FNV-1a; stands in for the command line's SHA-256, which is not a library's.
    private func fingerprint(_ text: String) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return String(hash, radix: 16)
    }
}

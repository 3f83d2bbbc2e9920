import PhasegateControl
import PhasegateCore
import PhasegateTesting
import Testing

/// A controller with everything around it in memory, driven as the command line drives it.
final class Bench: Sendable {
    struct TooLong: Error {}

    let rollout: Rollout
    let clock = ManualClock()
    let power = PowerSwitch()
    let ledger: InMemoryLedger
    let prober: ScriptedProber
    let world: FakeWorld
    let channel = RecordingChannel()
    let alarm = Alarm()

    init(_ rollout: Rollout) {
        self.rollout = rollout
        let clock = clock
        ledger = InMemoryLedger(power: power)
        world = FakeWorld(power: power)
        prober = ScriptedProber { clock.now }
        Plans.allIsWell(prober)
    }

    /// A fresh controller, as a process that was just started.
    func controller(plan: String = "plan-1") -> RolloutController {
        let clock = clock
        return RolloutController(
            charge: RolloutController.Charge(
                rollout: rollout,
                opening: Opening(planDigest: plan, title: rollout.title, file: "r.yaml", timeScale: 1, version: "test"),
                actor: "controller"
            ),
            ledger: ledger,
            prober: prober,
            runners: [world],
            alerting: Alerting(plan: rollout.notices) {
                NoticeWording(title: "alert for \($0.riskID)", body: "alert for \($0.riskID)\n\($0.status)")
            },
            alarm: alarm,
            now: { clock.now },
            digest: { "digest(\($0))" }
        )
    }

    /// Delivers to the bench's channels, without chance.
    func dispatcher(
        _ channels: [any NoticeChannel]? = nil,
        waits: [Duration] = DeliveryPolicy.standardWaits,
        ledger: (any Ledger)? = nil
    ) -> NoticeDispatcher {
        let clock = clock
        return NoticeDispatcher(
            rollout: rollout.name,
            ledger: ledger ?? self.ledger,
            channels: channels ?? [channel],
            actor: "courier",
            policy: DeliveryPolicy(waits: waits) { 1 },
            now: { clock.now }
        )
    }

    /// The notices in the ledger, in order.
    var raised: [Notice] {
        get async throws {
            try await entries.compactMap { if case .raised(let notice, _) = $0.event { notice } else { nil } }
        }
    }

    /// What came of deliveries, in order.
    var deliveries: [Delivery] {
        get async throws {
            try await entries.compactMap { if case .delivered(let delivery) = $0.event { delivery } else { nil } }
        }
    }

    /// Ticks until the rollout rests or is held, or until it stands at a stage.
    @discardableResult
    func run(plan: String = "plan-1", until stop: StageName? = nil) async throws -> RolloutController.Pace {
        let controller = controller(plan: plan)
        for _ in 0..<3000 {
            let pace = try await controller.tick()
            if let stop, try await state.stage == stop, try await state.phase == "reads" { return pace }
            switch pace {
            case .onward: continue
            case .wait(let moment): clock.set(max(clock.now, moment))
            case .held, .rest: return pace
            }
        }
        throw TooLong()
    }

    var state: RolloutState { get async throws { try await ledger.state(of: rollout.name) } }

    var entries: [LedgerEntry] { get async throws { try await ledger.entries(of: rollout.name, after: 0) } }

    /// A person writes into the ledger.
    func say(_ event: LedgerEvent) async throws {
        try await ledger.append([event], to: rollout.name, by: "L. Brandt", at: clock.now)
    }

    func ask(_ kind: Request.Kind) async throws {
        try await say(.requested(Request(kind: kind, by: "L. Brandt", because: "a call from the desk")))
    }

    func resume() async throws { try await say(.resumed(by: "L. Brandt", because: "put right")) }
}

/// Where a rollout and its world have come to; what a crash must not change.
struct Ending: Hashable {
    let status: RolloutStatus
    let phase: PhaseName?
    let stage: StageName?
    let done: [Step]
    let exposures: [FlagKey: BasisPoints]
    let baselines: [PhaseName: [CriterionName: Measurement]]
    let applied: [Int]
    let shares: [FlagKey: BasisPoints]
    let violations: [String]

    init(_ bench: Bench) async throws {
        let state = try await bench.state
        status = state.status
        phase = state.phase
        stage = state.stage
        done = state.done
        exposures = state.exposures
        baselines = state.baselines
        applied = bench.world.sight.applied
        shares = bench.world.sight.shares
        violations = bench.world.sight.violations
    }
}

import PhasegateControl
import PhasegateCore
import PhasegateTesting

/// A random walk over everything that can happen to a rollout, with what must hold after each step.
///
/// What it checks it works out from the ledger's entries and the world alone.
struct Walk {
    private static let people: [Request.Kind] = [.hold, .hold, .rollback, .kill]

    let bench: Bench
    private var random: RandomNumbers
    private var plan = 1
    private var controller: RolloutController
    private(set) var trail: [String] = []
    private var seen = 0
    private var lastVerdict: GateOutcome?
    private(set) var reached: Set<RolloutStatus> = []

    init(seed: Int) throws {
        random = RandomNumbers(seed: seed)
        let clock = GateClock(interval: .seconds(10), steady: .seconds(10), timeout: .seconds(300), onTimeout: .hold)
        bench = Bench(
            try Plans.twoPhases(
                reversibility: random.pick(.reversible, .reversible, .compensable, .irreversible),
                clock: clock,
                confirm: random.pick(1, 2)
            )
        )
        controller = bench.controller()
    }

    /// Takes one step and checks; says what is wrong.
    mutating func step() async throws -> String? {
        let before = bench.world.sight
        let wasAtRest = try await bench.state.isAtRest
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<70: try await tick()
        case 70..<78: moveClock()
        case 78..<86: changeEvidence()
        case 86..<89: try await requestSomething()
        case 89..<92: try await resume()
        case 92..<93: changePlan()
        default: try await crash()
        }
        return try await problem(before: before, wasAtRest: wasAtRest)
    }

    private mutating func tick() async throws {
        do {
            let pace = try await controller.tick()
            trail.append("tick: \(pace)")
            if case .wait(let moment) = pace, random.chance(90) { bench.clock.set(max(bench.clock.now, moment)) }
            if case .held = pace { bench.clock.advance(by: .seconds(10)) }
        } catch {
            startAgain()
        }
    }

    /// Dead: the next process begins where the ledger ends.
    private mutating func startAgain() {
        trail.append("died")
        bench.power.restore()
        bench.ledger.setFault(nil)
        bench.world.setCrash(nil)
        controller = bench.controller(plan: "plan-\(plan)")
    }

    private mutating func moveClock() {
        let seconds = random.pick(1, 10, 60, 400, -5, -3600)
        trail.append("clock: \(seconds) s")
        bench.clock.advance(by: .seconds(seconds))
    }

    private mutating func changeEvidence() {
        Plans.allIsWell(bench.prober)
        trail.append("evidence: good")
        guard random.chance(50) else { return }
        let criterion: CriterionName = random.pick("backup", "kept", "disk", "errors", "errors", "p95", "corruption")
        let bad: ScriptedProber.Answer = random.pick(
            .unavailable(.timedOut),
            .missing,
            .stale(Measurement(Quantity(0, .percent))),
            .future(Measurement(Quantity(0, .percent))),
            .measured(Measurement(Quantity(word: "refused"))),
            .measured(Measurement(criterion == "errors" ? Quantity(7, .percent) : Quantity(7, .rows)))
        )
        trail.append("evidence: \(criterion) \(bad)")
        bench.prober.answer(criterion, bad)
    }

    private mutating func requestSomething() async throws {
        guard try await !bench.state.isAtRest, let kind = Self.people.randomElement(using: &random) else { return }
        trail.append("asked: \(kind)")
        do { try await bench.ask(kind) } catch { startAgain() }
    }

    private mutating func resume() async throws {
        // As the command line allows it.
        let state = try await bench.state
        guard state.opening != nil, state.status != .killed, state.status != .finished else { return }
        guard state.status != .running || state.request != nil else { return }
        trail.append("resumed from \(state.status)")
        if state.isAtRest { lastVerdict = nil }
        do { try await bench.resume() } catch { startAgain() }
    }

    private mutating func changePlan() {
        plan += 1
        trail.append("plan \(plan)")
        controller = bench.controller(plan: "plan-\(plan)")
    }

    private mutating func crash() async throws {
        let side: InMemoryLedger.Side = random.pick(.before, .after)
        if random.chance(50) {
            let append = bench.ledger.appends + Int.random(in: 1...3, using: &random)
            trail.append("will die \(side) append \(append)")
            bench.ledger.setFault { if $0 == append, $1 == side { throw PowerCut() } }
        } else {
            let act = bench.world.begun + 1
            trail.append("will die \(side) act \(act)")
            bench.world.setCrash(FakeWorld.Crash(act: act, side))
        }
    }
}

extension Walk {
    private mutating func problem(before: FakeWorld.Sight, wasAtRest: Bool) async throws -> String? {
        if bench.power.isCut { return nil }
        let sight = bench.world.sight
        let state = try await bench.state
        if let violation = sight.violations.first { return violation }
        if wasAtRest, sight != before { return "acted at rest: \(sight.acts.suffix(2))" }
        let share = sight.shares[Plans.flag] ?? BasisPoints.none
        let shareBefore = before.shares[Plans.flag] ?? BasisPoints.none
        if share > shareBefore, lastVerdict?.isOpen != true {
            return "exposure rose after \(lastVerdict as GateOutcome?)"
        }
        if state.request?.kind == .hold, share > shareBefore { return "exposure rose while held" }
        for entry in try await bench.ledger.entries(of: bench.rollout.name, after: seen) {
            seen = entry.sequence
            if case .weighed(_, let verdict) = entry.event { lastVerdict = verdict.outcome }
        }
        reached.insert(state.status)
        return try await restProblem(state, sight, share)
    }

    private func restProblem(_ state: RolloutState, _ sight: FakeWorld.Sight, _ share: BasisPoints) async throws
        -> String?
    {
        let entries = try await bench.entries
        switch state.status {
        case .finished:
            if sight.applied.filter({ $0 < 9 }).sorted() != [1, 2, 3] || share != .all {
                return "finished with \(sight)"
            }
            return gatesProblem(entries)
        case .rolledBack:
            let own = state.phase == "schema" ? [1] : [2, 3]
            if !sight.applied.filter(own.contains).isEmpty { return "rolled back with \(sight.applied) applied" }
            if share != .none { return "rolled back with \(share) exposed" }
        case .stopped:
            if state.done.isEmpty == false { return "stopped although \(state.done.map(\.name)) was done" }
        case .running, .held, .compensated, .frozen, .killed:
            break
        }
        return nil
    }

    /// Every gate of a finished rollout was left by an open verdict, the one before `advance`.
    private func gatesProblem(_ entries: [LedgerEntry]) -> String? {
        var opened: Set<String> = []
        var here = ""
        var last: GateOutcome?
        for entry in entries {
            switch entry.event {
            case .entered(let phase, let stage):
                here = "\(phase)/\(stage)"
                last = nil
            case .weighed(_, let verdict): last = verdict.outcome
            case .decided(let decision) where decision.action == .advance:
                if last?.isOpen == true { opened.insert(here) }
            default: break
            }
        }
        let missing = bench.rollout.phases.flatMap { phase in phase.gates.map { "\(phase.name)/\($0.name)" } }
            .filter { !opened.contains($0) }
        return missing.isEmpty ? nil : "finished without \(missing)"
    }

    /// The fold of the ledger, once more from its entries as they look after they were written and read.
    func foldProblem(reading: ([LedgerEvent]) throws -> [LedgerEvent]) async throws -> String? {
        let entries = try await bench.entries
        let events = try reading(entries.map(\.event))
        var state = RolloutState()
        for (entry, event) in zip(entries, events) {
            state.apply(
                LedgerEntry(sequence: entry.sequence, at: entry.at, actor: entry.actor, event: event, hash: entry.hash)
            )
        }
        let kept = try await bench.state
        return state == kept && events.count == entries.count ? nil : "the fold differs from the state"
    }
}

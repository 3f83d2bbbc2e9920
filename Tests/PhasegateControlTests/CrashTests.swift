import PhasegateControl
import PhasegateCore
import PhasegateTesting
import Testing

/// Killing the process at any instruction loses nothing that was recorded and repeats nothing that was done.
///
/// The instructions that matter are those between which the ledger or the world
/// changes: each append and each act, right before and right after it.
@Suite("Killing the process")
struct CrashTests {
    /// A way a rollout can go; each is killed at every point of itself.
    enum Way: String, CaseIterable, Sendable {
        case finishes
        case rollsBack
        case compensates
        case freezes
        case stepFails
        case isKilled
    }

    private func bench(_ way: Way) async throws -> Bench {
        let reversibility: Reversibility =
            switch way {
            case .compensates: .compensable
            case .freezes: .irreversible
            case .finishes, .rollsBack, .stepFails, .isKilled: .reversible
            }
        // Short waits: what is tested here is not how long they are.
        let clock = GateClock(interval: .seconds(10), steady: .seconds(10), timeout: .seconds(600))
        let bench = Bench(try Plans.twoPhases(reversibility: reversibility, clock: clock))
        let world = bench.world
        bench.world.setAudit { step, sight in
            guard case .unmigrate = step, (sight.shares[Plans.flag] ?? BasisPoints.none) > BasisPoints.none else {
                return nil
            }
            return "users are exposed to a migration that is taken back"
        }
        switch way {
        case .finishes: break
        case .rollsBack, .compensates, .freezes: harm(bench) { $0.answer("errors", Quantity(7, .percent)) }
        case .isKilled: harm(bench) { $0.answer("corruption", Quantity(1, .rows)) }
        case .stepFails: world.trouble(.fails("locked"), with: "expose-25%")
        }
        return bench
    }

    /// Harm begins with the exposure of 25 %, however often the process was killed before.
    private func harm(_ bench: Bench, _ begin: @escaping @Sendable (ScriptedProber) -> Void) {
        let prober = bench.prober
        let audit = bench.world.presentAudit
        bench.world.setAudit { step, sight in
            if case .expose(let step) = step, step.share == BasisPoints(rawValue: 2500) { begin(prober) }
            return audit?(step, sight)
        }
    }

    /// Starts again after each death, as a service manager does.
    private func runToTheEnd(_ bench: Bench) async throws {
        for _ in 0..<10 {
            do {
                _ = try await bench.run()
                return
            } catch let error as Bench.TooLong {
                throw error
            } catch {
                bench.power.restore()
                bench.clock.advance(by: .seconds(3))
            }
        }
        throw Bench.TooLong()
    }

    @Test("at every append, the end is the one of an undisturbed run", arguments: Way.allCases)
    func appends(way: Way) async throws {
        let undisturbed = try await bench(way)
        try await runToTheEnd(undisturbed)
        let expected = try await Ending(undisturbed)
        #expect(expected.violations.isEmpty)
        for append in 1...undisturbed.ledger.appends {
            for side in InMemoryLedger.Side.allCases {
                let disturbed = try await bench(way)
                disturbed.ledger.setFault { if $0 == append, $1 == side { throw PowerCut() } }
                try await runToTheEnd(disturbed)
                let ending = try await Ending(disturbed)
                #expect(ending == expected, "killed \(side) append \(append)")
            }
        }
    }

    @Test("at every act, the end is the one of an undisturbed run", arguments: Way.allCases)
    func acts(way: Way) async throws {
        let undisturbed = try await bench(way)
        try await runToTheEnd(undisturbed)
        let expected = try await Ending(undisturbed)
        #expect(undisturbed.world.begun > 0)
        for act in 1...undisturbed.world.begun {
            for side in InMemoryLedger.Side.allCases {
                let disturbed = try await bench(way)
                disturbed.world.setCrash(FakeWorld.Crash(act: act, side))
                try await runToTheEnd(disturbed)
                let ending = try await Ending(disturbed)
                #expect(ending == expected, "killed \(side) act \(act)")
            }
        }
    }

    @Test("a step that left traces is never followed by another, wherever the process was killed")
    func traces() async throws {
        for append in 1...40 {
            for side in InMemoryLedger.Side.allCases {
                let bench = try await bench(.finishes)
                bench.world.trouble(.leavesTraces("half done"), with: "migration-3")
                bench.ledger.setFault { if $0 == append, $1 == side { throw PowerCut() } }
                try await runToTheEnd(bench)
                #expect(bench.world.sight.acts == ["migration-1", "migration-2", "migration-3"])
                // What was lost before it was written down is held, because it cannot be read.
                let status = try await bench.state.status
                #expect(status == .frozen || status == .held, "killed \(side) append \(append)")
            }
        }
    }

    @Test("killed again and again at every append, it still comes to the same end")
    func always() async throws {
        let undisturbed = try await bench(.rollsBack)
        try await runToTheEnd(undisturbed)
        let expected = try await Ending(undisturbed)
        let disturbed = try await bench(.rollsBack)
        // Every append dies once right after it was kept.
        disturbed.ledger.setFault { if $1 == .after { throw PowerCut() } }
        for _ in 0..<2000 {
            if try await isAtRest(disturbed) { break }
            _ = try? await disturbed.run()
            disturbed.power.restore()
            disturbed.clock.advance(by: .seconds(10))
        }
        #expect(try await Ending(disturbed) == expected)
    }

    private func isAtRest(_ bench: Bench) async throws -> Bool { try await bench.state.isAtRest }

    @Test("an interrupted step whose outcome cannot be read is held and not repeated")
    func unclear() async throws {
        let bench = try await bench(.finishes)
        bench.world.setCrash(FakeWorld.Crash(act: 2, .after))
        _ = try? await bench.run()
        bench.power.restore()
        bench.world.trouble(.unclear("the journal is locked"), with: "migration-2")
        let begun = bench.world.begun
        guard case .held = try await bench.run() else {
            Issue.record("it is not held")
            return
        }
        #expect(bench.world.begun == begun)
        #expect(try await bench.state.restReason == nil)
        #expect(try await bench.state.lastDecision?.reason.contains("the journal is locked") == true)
        bench.world.trouble(nil, with: "migration-2")
        #expect(try await bench.run() == .rest(.finished))
        #expect(bench.world.sight.violations.isEmpty)
    }
}

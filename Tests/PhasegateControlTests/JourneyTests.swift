import PhasegateControl
import PhasegateCore
import PhasegateTesting
import Testing

@Suite("A rollout from plan to all users")
struct JourneyTests {
    @Test("two phases with migrations and a ramp go to finished, in order")
    func finished() async throws {
        let bench = Bench(try Plans.twoPhases())
        #expect(try await bench.run() == .rest(.finished))
        #expect(
            bench.world.sight.acts == [
                "migration-1", "migration-2", "migration-3", "expose-5%", "expose-25%", "expose-100%",
            ]
        )
        #expect(bench.world.sight.shares == [Plans.flag: .all])
        let state = try await bench.state
        #expect(state.exposures == [Plans.flag: .all])
        #expect(state.phases.values.allSatisfy { $0.finishedAt != nil })
        #expect(try await bench.run() == .rest(.finished), "a finished rollout stays finished")
        #expect(bench.world.begun == 6)
    }

    @Test("the way takes at least the soak of every share and the steady time of every other gate")
    func takesItsTime() async throws {
        let bench = Bench(try Plans.twoPhases())
        try await bench.run()
        #expect(bench.clock.now - ManualClock.start >= .seconds(4 * 20 + 3 * 60))
    }

    @Test("each intent is in the ledger before its step begins, and its outcome after it")
    func intentFirst() async throws {
        let bench = Bench(try Plans.twoPhases())
        try await bench.run()
        var inFlight: String?
        for entry in try await bench.entries {
            switch entry.event {
            case .intended(let intent):
                #expect(inFlight == nil)
                inFlight = intent.id
            case .acted(let id, let outcome):
                #expect(inFlight == id)
                #expect(outcome.evidence["step"] != nil, "the outcome is what the world said")
                inFlight = nil
            default: break
            }
        }
        #expect(inFlight == nil)
    }

    @Test("a step that is done already is noted and not repeated")
    func alreadyDone() async throws {
        let bench = Bench(try Plans.twoPhases())
        let step = Step.migrate(MigrationStep(of: makeMigrations([1]), version: 1))
        _ = try await bench.world.run(step, because: "by hand")
        #expect(try await bench.run() == .rest(.finished))
        #expect(bench.world.sight.violations.isEmpty)
        #expect(bench.world.sight.applied == [1, 2, 3])
    }

    @Test("check weighs and acts on nothing, however open the gate is")
    func check() async throws {
        let bench = Bench(try Plans.twoPhases())
        let controller = bench.controller()
        for _ in 0..<50 {
            _ = try await controller.tick(acting: false)
            bench.clock.advance(by: .seconds(10))
        }
        #expect(bench.world.begun == 0)
        let state = try await bench.state
        #expect(state.stage == "entry")
        #expect(state.gate?.lastVerdict?.outcome == .go)
    }

    @Test("the probes are asked for the criteria of the gate, and for baselines before the change")
    func asked() async throws {
        let bench = Bench(try Plans.twoPhases())
        try await bench.run(until: "expose-5%")
        var asked: [[CriterionName]] = []
        for request in bench.prober.requests where asked.last != request { asked.append(request) }
        // The baseline and the exit gate of the first phase ask for the same criterion.
        #expect(asked == [["backup"], ["kept"], ["disk"]])
        let baselines = try await bench.state.baselines
        #expect(baselines["schema"]?["kept"]?.parts.first?.quantity == Quantity(1000, .rows))
    }
}

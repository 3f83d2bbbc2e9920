import PhasegateControl
import PhasegateCore
import PhasegateTesting
import Testing

extension Bench {
    /// The report at the clock's time.
    func report(previous: RolloutReport? = nil) async throws -> RolloutReport {
        ReportBuilder(rollout: rollout, planFindings: [], version: "1.2.3")
            .report(on: try await state, entries: try await entries, at: clock.now, previous: previous)
    }

    /// One tick of a fresh controller.
    @discardableResult
    func tick() async throws -> RolloutController.Pace { try await controller().tick() }
}

extension RolloutReport {
    /// The phase of a name.
    func phase(_ name: PhaseName) throws -> PhaseReport { try #require(phases.first { $0.name == name }) }

    /// The criterion of a name in a phase.
    func criterion(_ name: CriterionName, of phase: PhaseName) throws -> CriterionReport {
        try #require(try self.phase(phase).criteria.first { $0.name == name })
    }
}

@Suite("The report of a rollout")
struct ReportBuilderTests {
    @Test("before it has begun, everything is ahead and nothing passes")
    func before() async throws {
        let report = try await Bench(try Plans.twoPhases()).report()
        #expect(report.headline == "Not begun")
        #expect(report.verdict == nil)
        #expect(report.phases.allSatisfy { $0.progress == .ahead && $0.stages.allSatisfy { $0.progress == .ahead } })
        #expect(report.phases.flatMap(\.criteria).allSatisfy { $0.finding == nil })
        #expect(report.phases.map(\.name) == ["schema", "reads"], "in the order they are gone through")
    }

    @Test("a finished rollout: every stage passed, every criterion with its finding, exposure over time")
    func finished() async throws {
        let bench = Bench(try Plans.twoPhases())
        try await bench.run()
        let report = try await bench.report()
        #expect(report.status == .finished)
        #expect(report.verdict == .go)
        #expect(report.phase == nil)
        #expect(report.phases.allSatisfy { $0.progress == .finished && $0.from != nil && $0.to != nil })
        for phase in report.phases {
            #expect(phase.stages.allSatisfy { $0.progress == .passed && $0.to != nil }, "\(phase.name)")
            for stage in phase.stages where stage.kind == .gate {
                #expect(stage.rounds >= 2)
                #expect(stage.verdict?.outcome == .go)
            }
            for stage in phase.stages where stage.kind == .step {
                #expect(stage.outcome?.observed == "did \(stage.name)")
            }
            #expect(phase.criteria.allSatisfy { $0.finding?.outcome == .pass && $0.failures == 0 && $0.rounds > 0 })
        }
        #expect(report.exposures.map(\.share.rawValue) == [500, 2500, 10_000])
        #expect(report.ledgerLength == (try await bench.entries.count))
        #expect(report.ledgerHead == (try await bench.entries.last?.hash))
        let p95 = try #require(try report.phase("reads").criteria.first { $0.name == "p95" })
        #expect(p95.history.allSatisfy { $0.value == 20 })
        #expect(p95.history.count == p95.rounds)
    }

    @Test("a rolled-back rollout: what was undone, which criterion failed, and why it rests")
    func rolledBack() async throws {
        let bench = Bench(try Plans.twoPhases())
        try await bench.run(until: "gate-at-25%")
        bench.prober.answer("errors", Quantity(7, .percent))
        try await bench.run()
        let report = try await bench.report()
        #expect(report.status == .rolledBack)
        #expect(report.verdict == .recycle)
        #expect(report.reason == "'errors': 7 % breaks 'fail > 1 %'")
        #expect(try report.phase("schema").progress == .finished)
        let reads = try report.phase("reads")
        #expect(reads.progress == .rolledBack)
        let progress = Dictionary(uniqueKeysWithValues: reads.stages.map { ($0.name, $0.progress) })
        #expect(
            progress == [
                "entry": .passed, "migration-2": .undone, "migration-3": .undone, "expose-5%": .undone,
                "gate-at-5%": .passed, "expose-25%": .undone, "gate-at-25%": .failed, "expose-100%": .ahead,
                "gate-at-100%": .ahead, "exit": .ahead,
            ]
        )
        let errors = try #require(reads.criteria.first { $0.name == "errors" })
        #expect(errors.finding?.outcome == .fail)
        #expect(errors.failures == 1)
        #expect(report.exposures.map(\.share.rawValue) == [500, 2500, 0])
        #expect(report.log.last { $0.kind != "raised" }?.sentence == "rolled-back: 'errors': 7 % breaks 'fail > 1 %'")
    }

    @Test("waiting rounds that say the same are one line with a count")
    func folded() async throws {
        let bench = Bench(try Plans.twoPhases())
        bench.prober.answer("backup", .unavailable(.unreachable))
        try await bench.run()
        let decided = try await bench.report().log.filter { $0.kind == "decided" }
        #expect(decided.count == 2, "one for all the waiting, one for the hold at its end")
        #expect(decided.first.map { $0.repeats > 50 } == true)
    }

    @Test("a rollout that was held and resumed keeps what it had been through")
    func heldAndResumed() async throws {
        let bench = Bench(try Plans.twoPhases())
        try await bench.run(until: "gate-at-25%")
        try await bench.ask(.hold)
        try await bench.run()
        try await bench.resume()
        let present = try await bench.report()
        let stages = try present.phase("reads").stages
        #expect(stages.first { $0.name == "gate-at-5%" }?.progress == .passed)
        #expect(stages.first { $0.name == "gate-at-25%" }?.progress == .present)
        try await bench.run()
        let finished = try await bench.report()
        #expect(try finished.phase("reads").stages.allSatisfy { $0.progress == .passed })
        #expect(try finished.phase("reads").stages.first { $0.name == "gate-at-25%" }?.verdict?.outcome == .go)
    }

    @Test("a phase begun anew shows its present attempt, and the log keeps the earlier one")
    func anew() async throws {
        let bench = Bench(try Plans.twoPhases())
        try await bench.run(until: "gate-at-25%")
        bench.prober.answer("errors", Quantity(7, .percent))
        try await bench.run()
        let lines = try await bench.report().log.count
        try await bench.resume()
        bench.prober.answer("errors", Quantity(0, .percent))
        try await bench.run(until: "migration-2")
        let report = try await bench.report()
        let progress = try report.phase("reads").stages.map(\.progress)
        #expect(progress == [.passed, .present] + Array(repeating: .ahead, count: 8))
        #expect(report.log.count > lines)
    }

    @Test("phases say what they need, when they were held and when they were taken back")
    func interruptions() async throws {
        let bench = Bench(try Plans.twoPhases())
        try await bench.run(until: "gate-at-5%")
        try await bench.tick()
        let asked = bench.clock.now
        try await bench.ask(.hold)
        bench.clock.advance(by: .seconds(10))
        try await bench.tick()
        let held = try await bench.report()
        #expect(try held.phase("reads").needs == ["schema"])
        #expect(try held.phase("schema").interruptions.isEmpty)
        let reason = "hold asked for by L. Brandt: a call from the desk"
        #expect(
            try held.phase("reads").interruptions == [
                .init(kind: .held, from: asked + .seconds(10), to: nil, reason: reason)
            ]
        )
        bench.clock.advance(by: .seconds(5))
        try await bench.resume()
        bench.prober.answer("errors", Quantity(7, .percent))
        bench.clock.advance(by: .seconds(20))
        try await bench.run()
        let undone = asked + .seconds(35)
        #expect(
            try await bench.report().phase("reads").interruptions == [
                .init(kind: .held, from: asked + .seconds(10), to: asked + .seconds(15), reason: reason),
                .init(kind: .undoing, from: undone, to: undone, reason: "'errors': 7 % breaks 'fail > 1 %'"),
            ]
        )
    }

    @Test("a frozen phase stands still until a person takes it up again")
    func frozen() async throws {
        let bench = Bench(try Plans.twoPhases(reversibility: .irreversible))
        try await bench.run(until: "gate-at-5%")
        bench.prober.answer("errors", Quantity(7, .percent))
        try await bench.run()
        let frozen = bench.clock.now
        #expect(try await bench.report().phase("reads").interruptions.map(\.to) == [nil])
        bench.clock.advance(by: .seconds(3600))
        try await bench.resume()
        let spans = try await bench.report().phase("reads").interruptions
        #expect(spans.map(\.kind) == [.held] && spans.map(\.from) == [frozen])
        #expect(spans.map(\.to) == [frozen + .seconds(3600)])
    }
}

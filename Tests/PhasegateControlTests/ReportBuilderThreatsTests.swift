import PhasegateCore
import PhasegateTesting
import Testing

@testable import PhasegateControl

@Suite("What would stop the rollout")
struct ReportBuilderThreatsTests {
    @Test("guards and kill criteria by the room they have left, each with what would happen")
    func guards() async throws {
        let bench = Bench(try Plans.twoPhases())
        bench.prober.answer("errors", try #require(Quantity(real: 0.25, .percent)))
        try await bench.run(until: "gate-at-5%")
        let before = try await bench.report().threats
        #expect(before.map(\.criterion) == ["errors", "corruption"] && before.allSatisfy { $0.outcome == nil })
        #expect(
            before.first?.sentence
                == "'errors' has not been weighed yet: if it fails, the phase would be rolled back"
        )
        try await bench.tick()
        #expect(
            try await bench.report().threats == [
                .init(
                    criterion: "errors",
                    phase: "reads",
                    outcome: .pass,
                    headroom: 0.75,
                    sentence: "'errors' is at 0.25 %: if it breaks 'fail > 1 %', the phase would be rolled back"
                ),
                .init(
                    criterion: "corruption",
                    phase: "reads",
                    outcome: .pass,
                    headroom: nil,
                    sentence: "'corruption' is at 0 rows: if it breaks 'must = 0 rows', "
                        + "the phase would be rolled back, and the rollout would end for good"
                ),
            ]
        )
    }

    @Test(
        "what would happen follows from what failure allows",
        arguments: [
            (Reversibility.reversible, "the phase would be rolled back"),
            (.compensable, "the phase would be made good by its compensation"),
            (.irreversible, "everything would be left as it is and a person called"),
        ]
    )
    func reversibility(reversibility: Reversibility, words: String) async throws {
        let bench = Bench(try Plans.twoPhases(reversibility: reversibility))
        // At the entry gate nothing is done yet; the guard is asked as of when it counts.
        try await bench.run(until: "entry")
        let guards = try await bench.report().threats.filter { $0.criterion == "errors" }
        #expect(guards.map(\.sentence) == ["'errors' has not been weighed yet: if it fails, \(words)"])
    }

    @Test("what fails comes before what is unknown, and both before what has room")
    func order() async throws {
        let clock = GateClock(interval: .seconds(10), steady: .zero, timeout: .seconds(600), onTimeout: .rollback)
        let bench = Bench(
            makeRollout([
                makePhase(
                    "p",
                    clock: clock,
                    criteria: [
                        try makeCriterion("near", .guarding, fail: "> 10 %"),
                        try makeCriterion("nearer", .guarding, fail: "> 10 %"),
                        try makeCriterion("wish", .guarding, strength: .should, fail: "> 10 %"),
                        try makeCriterion("waived", .success, demand: "ok"),
                        try makeCriterion("dark", .success, demand: "ok"),
                        try makeCriterion("broken", .success, demand: "ok"),
                    ],
                    migrations: [1]
                )
            ])
        )
        try await bench.say(.entered(phase: "p", stage: "exit"))
        let gate = bench.rollout.phases[0].gates[1]
        let definition = GateDefinition(phase: "p", gate: gate, planDigest: "", baselines: [:])
        try await bench.say(.gateDefined(definition))
        func reading(_ name: CriterionName, _ quantity: Quantity) -> Reading {
            Reading(
                criterion: name,
                outcome: .measured(Measurement(quantity)),
                observedAt: bench.clock.now,
                validUntil: bench.clock.now + .seconds(60)
            )
        }
        let round = GateRound(
            readings: [
                reading("near", Quantity(5, .percent)), reading("nearer", Quantity(8, .percent)),
                reading("wish", Quantity(50, .percent)), reading("waived", Quantity(word: "bad")),
                reading("broken", Quantity(word: "bad")),
            ],
            waivers: [
                Waiver(
                    phase: "p",
                    criterion: "waived",
                    by: "Lin",
                    because: "known",
                    expires: bench.clock.now + .seconds(60),
                    planDigest: "",
                    at: bench.clock.now
                )
            ],
            at: bench.clock.now
        )
        try await bench.say(.weighed(round, definition.weigh(round) { $0 }))
        let threats = try await bench.report().threats
        #expect(threats.map(\.criterion) == ["broken", "dark", "nearer", "near"])
        #expect(threats.map(\.headroom) == [nil, nil, 0.2, 0.5])
        let closed = "the gate would stay closed, and at its timeout the phase would be rolled back"
        #expect(
            threats.prefix(2).map(\.sentence) == [
                "'broken': bad breaks 'must ok': \(closed)", "'dark': was not measured: \(closed)",
            ]
        )
    }

    @Test("a precondition that fails at the entry: the phase would be stopped, or held while it is not known")
    func entry() async throws {
        let bench = Bench(try Plans.twoPhases())
        bench.prober.answer("backup", Quantity(word: "refused"))
        try await bench.tick()
        try await bench.tick()
        let closed = "the gate would stay closed, and at its timeout"
        #expect(
            try await bench.report().threats.map(\.sentence) == [
                "'backup': refused breaks 'must verified': \(closed) the phase would be stopped before anything is changed"
            ]
        )
        bench.prober.answer("backup", .unavailable(.timedOut))
        bench.clock.advance(by: .seconds(10))
        try await bench.tick()
        #expect(
            try await bench.report().threats.map(\.sentence) == [
                "'backup': did not finish in time: as scripted: \(closed) the rollout would be held for a person"
            ]
        )
    }

    @Test("an earlier attempt's failure is not this attempt's, and nothing threatens what is at rest")
    func attempts() async throws {
        let bench = Bench(try Plans.twoPhases())
        try await bench.run(until: "gate-at-5%")
        bench.prober.answer("errors", Quantity(7, .percent))
        try await bench.run()
        #expect(try await bench.report().threats.isEmpty)
        try await bench.resume()
        try await bench.run(until: "entry")
        let threats = try await bench.report().threats
        #expect(threats.map(\.criterion) == ["errors", "corruption"] && threats.allSatisfy { $0.outcome == nil })
    }

    @Test("no more than ten")
    func many() async throws {
        let criteria = try (0..<30).map {
            try makeCriterion(CriterionName(rawValue: "g\($0)"), .guarding, fail: "> 1 %")
        }
        let bench = Bench(makeRollout([makePhase("reads", criteria: criteria, migrations: [1])]))
        try await bench.run(until: "entry")
        #expect(try await bench.report().threats.map(\.criterion.rawValue) == (0..<10).map { "g\($0)" })
    }
}

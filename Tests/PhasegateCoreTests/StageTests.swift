import PhasegateCore
import PhasegateTesting
import Testing

@Suite("The way through a rollout")
struct StageTests {
    private func fullPhase() throws -> Phase {
        makePhase(
            "reads",
            criteria: [
                try makeCriterion("backup", .precondition, demand: "verified"),
                try makeCriterion("errors", .guarding, fail: "> 1 %"),
                try makeCriterion("corruption", .kill, demand: "= 0 rows"),
                try makeCriterion("kept", .success, demand: "= baseline"),
            ],
            migrations: [3, 4],
            ramp: makeRamp("fast-reads", [5, 25, 100], soak: .seconds(900)),
            approvals: 2
        )
    }

    @Test("stages come in the order entry, baselines, migrations, exposures with their gates, exit")
    func order() throws {
        #expect(
            try fullPhase().stages.map(\.name) == [
                "entry", "baselines", "migration-3", "migration-4", "expose-5%", "gate-at-5%", "expose-25%",
                "gate-at-25%",
                "expose-100%", "gate-at-100%", "exit",
            ]
        )
    }

    @Test("names of stages are unique within the phase")
    func unique() throws {
        let names = try fullPhase().stages.map(\.name)
        #expect(Set(names).count == names.count)
    }

    @Test("each gate weighs the criteria of its place")
    func criteria() throws {
        let gates = try fullPhase().gates
        #expect(
            gates.map { $0.criteria.map(\.name) } == [
                ["backup"], ["errors", "corruption"], ["errors", "corruption"], ["errors", "corruption"],
                ["errors", "corruption", "kept"],
            ]
        )
        #expect(gates.map(\.approvals) == [2, 0, 0, 0, 0])
        #expect(
            gates.map(\.position) == [
                .entry, .exposed(BasisPoints(rawValue: 500)), .exposed(BasisPoints(rawValue: 2500)), .exposed(.all),
                .exit,
            ]
        )
    }

    @Test("a gate under exposure holds together for the soak and waits long enough for it")
    func soak() throws {
        let gate = try fullPhase().gates[1]
        #expect(gate.clock.steady == .seconds(900))
        #expect(gate.clock.timeout == .seconds(2700))
    }

    @Test("baselines are frozen only for criteria of this phase that need one after the change")
    func baselines() throws {
        let other = try makeCriterion("other", demand: "= baseline", baselineOf: "before")
        let early = try makeCriterion("early", .precondition, demand: "= baseline")
        let own = try makeCriterion("own", demand: "= baseline", baselineOf: "here")
        #expect(makePhase("here", criteria: [other, early]).stages.map(\.name) == ["entry", "exit"])
        #expect(makePhase("here", criteria: [own]).stages.map(\.name) == ["entry", "baselines", "exit"])
    }

    @Test("phases are ordered by what they need; a cycle is left out")
    func needs() {
        let phases = [
            makePhase("d", needs: ["b", "c"]), makePhase("b", needs: ["a"]), makePhase("c", needs: ["a"]),
            makePhase("a"),
            makePhase("x", needs: ["y"]), makePhase("y", needs: ["x"]), makePhase("z", needs: ["nowhere"]),
        ]
        let rollout = makeRollout(phases)
        #expect(rollout.orderedPhases.map(\.name) == ["a", "b", "c", "d"])
        #expect(rollout.phase(after: "a")?.name == "b")
        #expect(rollout.phase(after: "d") == nil)
        #expect(rollout.phase(after: "x") == nil)
    }

    @Test("scaling shortens every wait and nothing else")
    func scaled() throws {
        let phase = try fullPhase()
        let plain = makeRollout([phase])
        let fast = try #require(plain.scaled(by: 10).phases.first)
        #expect(fast.clock.interval == .seconds(1))
        #expect(fast.clock.steady == .seconds(2))
        #expect(fast.clock.timeout == .seconds(60))
        #expect(fast.ramp?.soak == .seconds(90))
        #expect(fast.criteria == phase.criteria)
        #expect(fast.stages.map(\.name) == phase.stages.map(\.name))
        #expect(plain.scaled(by: 1) == plain)
        #expect(plain.scaled(by: 0.5) == plain)
        #expect(plain.scaled(by: 100_000).phases[0].clock.interval == .milliseconds(100))
    }

    @Test("a share of users stays between nobody and everybody")
    func shares() {
        #expect(BasisPoints(rawValue: -5) == .none)
        #expect(BasisPoints(rawValue: 20_000) == .all)
        #expect(BasisPoints(rawValue: 25).description == "0.25 %")
    }
}

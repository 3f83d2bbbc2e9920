import PhasegateCore
import PhasegateTesting
import Testing

@testable import PhasegateControl

@Suite("What runs out and what waits for people")
struct ReportBuilderCountdownsTests {
    private typealias Countdown = RolloutReport.Countdown

    @Test("a share that soaks: what is left to hold together and what is left at all")
    func soak() async throws {
        let bench = Bench(try Plans.twoPhases())
        try await bench.run(until: "gate-at-25%")
        let opened = bench.clock.now
        try await bench.tick()
        bench.clock.advance(by: .seconds(15))
        // A minute to soak, ten minutes at most.
        #expect(
            try await bench.report().countdowns == [
                .init(kind: .soak, label: "gate-at-25%", deadline: opened + .seconds(60), left: "45 s of 1 min"),
                .init(
                    kind: .timeout,
                    label: "gate-at-25%",
                    deadline: opened + .seconds(600),
                    left: "9 min 45 s of 10 min"
                ),
            ]
        )
    }

    @Test("a soak nobody measures begins anew, as the next round will find")
    func gap() async throws {
        let bench = Bench(try Plans.twoPhases())
        try await bench.run(until: "gate-at-25%")
        try await bench.tick()
        let anew = "1 min of 1 min, from when all criteria hold"
        // Three intervals of 10 s and two minutes are the longest gap.
        bench.clock.advance(by: .seconds(150))
        #expect(try await bench.report().countdowns.first?.left == "0 ms of 1 min")
        bench.clock.advance(by: .seconds(1))
        #expect(try await bench.report().countdowns.first?.left == anew)
        bench.clock.advance(by: .seconds(-152))
        let backwards = try await bench.report().countdowns
        #expect(backwards.map(\.left) == [anew, "10 min of 10 min"])
        #expect(backwards.first?.deadline == nil)
    }

    @Test("a criterion that does not hold stops the soak, not the timeout")
    func notHolding() async throws {
        let bench = Bench(try Plans.twoPhases())
        try await bench.run(until: "gate-at-25%")
        bench.prober.answer("errors", .unavailable(.timedOut))
        try await bench.tick()
        bench.clock.advance(by: .seconds(700))
        #expect(
            try await bench.report().countdowns.map(\.left) == [
                "1 min of 1 min, from when all criteria hold", "0 ms of 10 min",
            ]
        )
    }

    @Test("approvals count for this plan and this evidence only")
    func approvals() async throws {
        let bench = Bench(try Plans.twoPhases(approvals: 2))
        try await bench.run()
        func waiting() async throws -> [String] {
            try await bench.report().countdowns.filter { $0.kind == .approvals }.map { "\($0.label): \($0.left)" }
        }
        #expect(try await waiting() == ["entry: 2 of 2"])
        let evidence = try #require(try await bench.state.gate?.lastVerdict?.evidenceDigest)
        func approve(_ person: String, _ evidence: String) async throws {
            try await bench.say(
                .approved(
                    Approval(
                        phase: "reads",
                        gate: "entry",
                        by: person,
                        because: "looked at it",
                        planDigest: "plan-1",
                        evidenceDigest: evidence,
                        at: bench.clock.now
                    )
                )
            )
        }
        try await approve("Ada", "of something else")
        #expect(try await waiting() == ["entry: 2 of 2"])
        try await approve("Ada", evidence)
        try await approve("Ada", evidence)
        #expect(try await waiting() == ["entry: 1 of 2"], "one person is one person")
        try await approve("Lin", evidence)
        #expect(try await waiting() == [])
    }

    private func attesting(_ name: CriterionName, _ statement: String, evidence: Bool = true) -> Criterion {
        Criterion(
            name: name,
            role: .precondition,
            probe: Criterion.ProbeSpec(
                kind: "attestation",
                settings: .map(["statement": .text(statement), "evidence": .truth(evidence)])
            ),
            bounds: Criterion.Bounds(demand: Bound(.equal, .value(Quantity(word: "attested"))))
        )
    }

    @Test("statements that the gate asks for and nobody has made, or no longer")
    func attestations() async throws {
        let bench = Bench(
            makeRollout([
                makePhase(
                    "p",
                    criteria: [
                        attesting("drilled", "drill"), attesting("drilled-twice", "drill"),
                        attesting("read", "manual", evidence: false), attesting("free", "maintenance-window"),
                    ]
                )
            ])
        )
        try await bench.run()
        func waiting() async throws -> [RolloutReport.Countdown] {
            try await bench.report().countdowns.filter { $0.kind == .attestation }
        }
        #expect(try await waiting().map(\.label) == ["drill", "manual", "maintenance-window"])
        #expect(try await waiting().map(\.left) == ["missing", "missing", "missing"])
        func attest(_ statement: String, _ evidence: String?) async throws {
            try await bench.say(
                .attested(
                    Attestation(
                        statement: statement,
                        by: "Ada",
                        because: "I was there",
                        evidence: evidence,
                        expires: bench.clock.now + .seconds(3600),
                        planDigest: "plan-1",
                        at: bench.clock.now
                    )
                )
            )
        }
        let end = bench.clock.now + .seconds(3600)
        try await attest("drill", "minutes.pdf")
        try await attest("manual", nil)
        try await attest("maintenance-window", nil)
        #expect(
            try await waiting() == [
                .init(kind: .attestation, label: "maintenance-window", deadline: nil, left: "without evidence")
            ]
        )
        bench.clock.advance(by: .seconds(3599))
        #expect(try await waiting().count == 1)
        bench.clock.advance(by: .seconds(1))
        #expect(try await waiting().map(\.left) == Array(repeating: "expired 0 ms ago", count: 3))
        #expect(try await waiting().map(\.deadline) == [end, end, end])
        // Who answers for the criterion needs no statement.
        try await bench.say(
            .waived(
                Waiver(
                    phase: "p",
                    criterion: "read",
                    by: "Lin",
                    because: "known",
                    expires: bench.clock.now + .seconds(90),
                    planDigest: "plan-1",
                    at: bench.clock.now
                )
            )
        )
        #expect(try await waiting().map(\.label) == ["drill", "maintenance-window"])
        let waivers = try await bench.report().countdowns.filter { $0.kind == .waiver }
        #expect(
            waivers == [
                .init(
                    kind: .waiver,
                    label: "read",
                    deadline: bench.clock.now + .seconds(90),
                    left: "1 min 30 s left"
                )
            ]
        )
        bench.clock.advance(by: .seconds(90))
        #expect(try await bench.report().countdowns.filter { $0.kind == .waiver }.isEmpty)
    }

    @Test("conditions a gate opened under stay until a later round finds them put right")
    func conditions() async throws {
        let bench = Bench(
            makeRollout([
                makePhase(
                    "reads",
                    criteria: [
                        try makeCriterion("disk", .precondition, demand: ">= 10 %"),
                        try makeCriterion("errors", .guarding, fail: "> 5 %", warn: "> 1 %"),
                        try makeCriterion("p95", .success, fail: "> 100 ms", warn: "> 50 ms"),
                    ],
                    ramp: makeRamp("f", [50, 100])
                )
            ])
        )
        bench.prober.answer("errors", Quantity(2, .percent))
        bench.prober.answer("p95", Quantity(60, .milliseconds))
        func due() async throws -> [String] {
            try await bench.report().countdowns.filter { $0.kind == .condition }.map { "\($0.label) \($0.left)" }
        }
        try await bench.run(until: "gate-at-100%")
        #expect(try await due() == ["gate-at-50% 'errors': 2 % meets the warning '> 1 %'"])
        bench.prober.answer("errors", Quantity(0, .percent))
        try await bench.tick()
        #expect(try await due() == [])
        try await bench.run()
        #expect(try await bench.state.status == .finished)
        #expect(try await due() == ["exit 'p95': 60 ms meets the warning '> 50 ms'"], "also after the end")
    }

    @Test("notices nobody has acknowledged, with the time that is left")
    func acknowledgements() async throws {
        let bench = Bench(try Plans.twoPhases())
        let raised = bench.clock.now
        func fire(_ episode: EpisodeKey, _ number: Int, until end: Moment?) async throws {
            let notice = Notice(
                id: NoticeID(rawValue: "trial.\(number)"),
                episode: episode,
                kind: .fired,
                reason: "first notice",
                level: "HIGH",
                rollout: "trial",
                title: "t",
                body: "t",
                startedAt: raised,
                raisedAt: raised,
                acknowledgeBy: end
            )
            try await bench.say(.raised(notice, to: []))
        }
        try await fire("b", 1, until: raised + .seconds(900))
        try await fire("a", 2, until: nil)
        bench.clock.advance(by: .seconds(60))
        #expect(
            try await bench.report().countdowns == [
                .init(kind: .acknowledgement, label: "a", deadline: nil, left: "nobody has answered"),
                .init(kind: .acknowledgement, label: "b", deadline: raised + .seconds(900), left: "14 min left"),
            ]
        )
        bench.clock.advance(by: .seconds(840))
        #expect(try await bench.report().countdowns.last?.left == "overdue for 0 ms", "the end is excluded")
        try await bench.say(
            .acknowledged(Acknowledgement(episode: "b", by: "Ada", because: "on it", at: bench.clock.now))
        )
        #expect(try await bench.report().countdowns.map(\.label) == ["a"])
    }

    @Test("nothing runs out where nothing goes on")
    func rest() async throws {
        let bench = Bench(try Plans.twoPhases())
        #expect(try await bench.report().countdowns.isEmpty)
        try await bench.run()
        #expect(try await bench.report().countdowns.isEmpty)
        // A frozen rollout still stands at its gate, whose clock no longer counts.
        let frozen = Bench(try Plans.twoPhases(reversibility: .irreversible))
        try await frozen.run(until: "gate-at-5%")
        frozen.prober.answer("errors", Quantity(7, .percent))
        try await frozen.run()
        #expect(try await frozen.state.gate != nil)
        #expect(try await frozen.report().countdowns.map(\.kind) == [.acknowledgement])
    }
}

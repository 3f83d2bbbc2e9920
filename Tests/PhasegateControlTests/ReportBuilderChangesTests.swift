import PhasegateCore
import PhasegateTesting
import Testing

@testable import PhasegateControl

@Suite("What changed since the last report")
struct ReportBuilderChangesTests {
    private func bench() throws -> Bench {
        Bench(
            try Plans.twoPhases(risks: ["R2"], register: TellingPlans.register(level: "HIGH"))
        )
    }

    @Test("nothing without an earlier report, and no sentences where nothing changed")
    func nothing() async throws {
        let bench = try bench()
        try await bench.run(until: "gate-at-25%")
        let first = try await bench.report()
        #expect(first.changes == nil)
        bench.clock.advance(by: .seconds(60))
        let second = try await bench.report(previous: first)
        #expect(second.changes == .init(since: first.generatedAt, ledgerLength: first.ledgerLength, sentences: []))
    }

    @Test("from a soak to a rollback: how it stands, exposure, criteria, risks, notices, in this order")
    func rollback() async throws {
        let bench = try bench()
        try await bench.run(until: "gate-at-25%")
        try await bench.tick()
        let first = try await bench.report()
        bench.prober.answer("errors", Quantity(7, .percent))
        bench.prober.answer("corruption", .unavailable(.timedOut))
        bench.clock.advance(by: .seconds(10))
        try await bench.run()
        let sentences = try #require(try await bench.report(previous: first).changes?.sentences)
        #expect(
            sentences.dropLast() == [
                "the rollout is rolled-back; it was running",
                "the gate says recycle; it said go",
                "flag 'fast-reads' is at 0 %; it was at 25 %",
                "fails now: 'errors' of 'reads'",
                "unknown now: 'corruption' of 'reads'",
                "risk R2 is raised by 'errors'",
            ]
        )
        let count = try await bench.raised.count
        #expect(sentences.last?.hasPrefix("\(count) notice") == true)
        #expect(sentences.last?.contains(": HIGH 'alert for R2'") == true)
    }

    @Test("from a rollback to the end: phases, stages, what is well again")
    func recovery() async throws {
        let bench = try bench()
        try await bench.run(until: "gate-at-5%")
        bench.prober.answer("errors", Quantity(7, .percent))
        try await bench.run()
        let failed = try await bench.report()
        bench.prober.answer("errors", Quantity(0, .percent))
        try await bench.resume()
        try await bench.run(until: "gate-at-5%")
        let again = try await bench.report(previous: failed)
        #expect(
            again.changes?.sentences.prefix(5) == [
                "the rollout is running; it was rolled-back", "the gate says go; it said recycle",
                "flag 'fast-reads' is at 5 %; it was at 0 %", "risk R2 is no longer raised",
                "1 notice: HIGH 'RESOLVED: alert for R2'",
            ]
        )
        try await bench.run()
        #expect(
            try await bench.report(previous: again).changes?.sentences == [
                "the rollout is finished; it was running", "phase 'reads' is finished",
                "flag 'fast-reads' is at 100 %; it was at 5 %",
                "passes now: 'errors' of 'reads', 'corruption' of 'reads', 'p95' of 'reads'",
            ]
        )
    }

    @Test("a stage further on, and what people did")
    func people() async throws {
        let bench = Bench(try Plans.twoPhases(approvals: 1))
        try await bench.run(until: "entry")
        let first = try await bench.report()
        try await bench.run()
        let held = try await bench.report(previous: first)
        #expect(
            held.changes?.sentences == [
                "the rollout is held; it was running", "the gate says hold; it said go",
                "passes now: 'disk' of 'reads'", "1 notice: LOW 'LOW: trial needs a person in phase 'reads''",
            ]
        )
        let end = bench.clock.now + .seconds(60)
        try await bench.say(
            .waived(
                Waiver(
                    phase: "reads",
                    criterion: "p95",
                    by: "Lin",
                    because: "known",
                    expires: end,
                    planDigest: "plan-1",
                    at: bench.clock.now
                )
            )
        )
        let episode = try #require(try await bench.state.outbox.episodes.keys.first)
        try await bench.say(
            .acknowledged(Acknowledgement(episode: episode, by: "Ada", because: "on it", at: bench.clock.now))
        )
        let signed = try await bench.report(previous: held)
        #expect(
            signed.changes?.sentences == [
                "Lin signed: waiver of 'p95' of 'reads'", "Ada takes care of 'trial/reads/people'",
            ]
        )
        bench.clock.advance(by: .seconds(60))
        #expect(
            try await bench.report(previous: signed).changes?.sentences == [
                "Lin signed: waiver of 'p95' of 'reads'", "Ada takes care of 'trial/reads/people'",
                "waiver of 'p95' of 'reads' by Lin is no longer in force: expired",
            ]
        )
        try await bench.run(plan: "plan-2", until: "entry")
        #expect(try await bench.report(previous: signed).changes?.sentences.contains("the plan changed") == true)
    }

    @Test("the rollout's next stage is named")
    func stage() async throws {
        let bench = try bench()
        try await bench.run(until: "expose-5%")
        let first = try await bench.report()
        try await bench.run(until: "gate-at-5%")
        #expect(
            try await bench.report(previous: first).changes?.sentences == [
                "it has reached 'gate-at-5%' of phase 'reads'", "flag 'fast-reads' is at 5 %; it was at 0 %",
            ]
        )
    }

    @Test("a notice that could not be delivered")
    func undelivered() async throws {
        let bench = Bench(try Plans.twoPhases(approvals: 1))
        try await bench.run()
        let first = try await bench.report()
        let notice = try #require(first.notices.first)
        let channel = try #require(notice.carriers.first?.channel)
        try await bench.say(
            .delivered(Delivery(notice: notice.notice.id, channel: channel, attempt: 3, outcome: .dead("550")))
        )
        #expect(
            try await bench.report(previous: first).changes?.sentences == [
                "notice \(notice.notice.id) could not be delivered on '\(channel)'"
            ]
        )
    }

    @Test("many names are cut short")
    func many() async throws {
        let criteria = try (0..<13).map {
            try makeCriterion(CriterionName(rawValue: "c\($0)"), .precondition, demand: "ok")
        }
        let bench = Bench(makeRollout([makePhase("p", criteria: criteria)]))
        let first = try await bench.report()
        try await bench.tick()
        try await bench.tick()
        let sentence = try #require(
            try await bench.report(previous: first).changes?.sentences.first { $0.hasPrefix("unknown now") }
        )
        #expect(sentence.hasSuffix("'c9' of 'p' and 3 more"))
    }

    @Test("a report of another rollout, of another ledger or from the future is passed over")
    func strangers() async throws {
        let bench = try bench()
        try await bench.run(until: "gate-at-5%")
        let present = try await bench.report()
        // Begun at the same time, and not as far: only its name is another.
        let other = try Bench(makeRollout(Plans.twoPhases().phases, name: "other"))
        try await other.tick()
        #expect(try await bench.report(previous: other.report()).changes == nil)
        try await bench.run()
        let longer = try await bench.report()
        bench.clock.set(present.generatedAt)
        #expect(try await bench.report(previous: longer).changes == nil, "from the future")
        let anew = try self.bench()
        anew.clock.set(longer.generatedAt + .seconds(1))
        try await anew.run(until: "gate-at-25%")
        #expect(try await anew.report(previous: present).changes == nil, "the ledger was begun at another time")
    }
}

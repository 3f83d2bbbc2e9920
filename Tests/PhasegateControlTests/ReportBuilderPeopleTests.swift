import PhasegateCore
import PhasegateTesting
import Testing

@testable import PhasegateControl

@Suite("What people signed and were told")
struct ReportBuilderPeopleTests {
    private func approval(by person: String, plan: String = "plan-1", evidence: String, at moment: Moment)
        -> LedgerEvent
    {
        .approved(
            Approval(
                phase: "reads",
                gate: "entry",
                by: person,
                because: "looked at it",
                planDigest: plan,
                evidenceDigest: evidence,
                at: moment
            )
        )
    }

    private func waiver(of criterion: CriterionName, until end: Moment, at moment: Moment) -> LedgerEvent {
        .waived(
            Waiver(
                phase: "reads",
                criterion: criterion,
                by: "Lin",
                because: "known",
                expires: end,
                planDigest: "plan-1",
                at: moment
            )
        )
    }

    private func attestation(_ evidence: String, until end: Moment, at moment: Moment) -> LedgerEvent {
        .attested(
            Attestation(
                statement: "drill",
                by: "Ada",
                because: "I was there",
                evidence: evidence,
                expires: end,
                planDigest: "plan-1",
                at: moment
            )
        )
    }

    @Test("a signature counts until it ends, is replaced, or its evidence or its plan changes")
    func signatures() async throws {
        let bench = Bench(try Plans.twoPhases(approvals: 2))
        try await bench.run()
        let now = bench.clock.now
        let evidence = try #require(try await bench.state.gate?.lastVerdict?.evidenceDigest)
        try await bench.say(approval(by: "Ada", evidence: evidence, at: now))
        try await bench.say(approval(by: "Lin", evidence: "other", at: now))
        try await bench.say(approval(by: "Eve", plan: "plan-0", evidence: evidence, at: now))
        try await bench.say(waiver(of: "p95", until: now + .seconds(60), at: now))
        try await bench.say(waiver(of: "disk", until: now + .seconds(60), at: now + .seconds(30)))
        try await bench.say(attestation("a.pdf", until: now + .seconds(60), at: now))
        try await bench.say(attestation("b.pdf", until: now + .seconds(600), at: now))
        let first = try await bench.report().signatures
        #expect(
            first.map(\.standing) == [
                "in force", "void: the evidence has changed", "void: given for another plan", "in force",
                "not yet in force", "replaced by a later one", "in force",
            ]
        )
        #expect(first.map(\.subject) == ["entry", "entry", "entry", "p95", "disk", "drill", "drill"])
        #expect(first.map(\.kind) == [.approval, .approval, .approval, .waiver, .waiver, .attestation, .attestation])
        #expect(first.map(\.evidence) == [nil, nil, nil, nil, nil, "a.pdf", "b.pdf"])
        #expect(first.map(\.by) == ["Ada", "Lin", "Eve", "Lin", "Lin", "Ada", "Ada"])
        #expect(first.map(\.expires).first == .some(nil) && first.last?.expires == now + .seconds(600))
        bench.clock.advance(by: .seconds(60))
        let second = try await bench.report().signatures.map(\.standing)
        #expect(second[3] == "expired" && second[4] == "expired" && second[6] == "in force")
        try await bench.say(.planChanged(planDigest: "plan-2"))
        try await bench.say(.planChanged(planDigest: "plan-1"))
        let third = try await bench.report().signatures.map(\.standing)
        #expect(third[0] == "void: the plan has changed" && third[6] == "void: the plan has changed")
    }

    @Test("an approval is void once its phase is begun anew, not once it is only resumed")
    func anew() async throws {
        let bench = Bench(try Plans.twoPhases(approvals: 1))
        try await bench.run()
        let evidence = try #require(try await bench.state.gate?.lastVerdict?.evidenceDigest)
        try await bench.say(approval(by: "Ada", evidence: evidence, at: bench.clock.now))
        try await bench.resume()
        #expect(try await bench.report().signatures.map(\.standing) == ["in force"])
        bench.clock.advance(by: .seconds(10))
        try await bench.run(until: "gate-at-5%")
        bench.prober.answer("errors", Quantity(7, .percent))
        try await bench.run()
        #expect(try await bench.report().signatures.map(\.standing) == ["in force"])
        try await bench.resume()
        #expect(try await bench.report().signatures.map(\.standing) == ["void: the phase was begun anew"])
    }

    // MARK: Notices

    private static let start = ManualClock.start

    private func notice(_ number: Int, _ kind: Notice.Kind = .fired, of episode: EpisodeKey = "e") -> Notice {
        Notice(
            id: NoticeID(rawValue: "trial.\(number)"),
            episode: episode,
            kind: kind,
            reason: "r",
            level: "HIGH",
            rollout: "trial",
            title: "alert \(number)",
            body: "",
            startedAt: Self.start,
            raisedAt: Self.start
        )
    }

    private func delivery(_ number: Int, _ channel: ChannelName, _ attempt: Int, _ outcome: Delivery.Outcome)
        -> LedgerEvent
    {
        .delivered(
            Delivery(
                notice: NoticeID(rawValue: "trial.\(number)"),
                channel: channel,
                attempt: attempt,
                outcome: outcome
            )
        )
    }

    private func assignments(_ channels: ChannelName...) -> [Assignment] {
        channels.map { Assignment(channel: $0, dueAt: Self.start + .seconds(5)) }
    }

    @Test("each channel says how far a notice has come, and what the receiver answered")
    func carriers() async throws {
        let bench = Bench(try Plans.twoPhases())
        try await bench.say(.raised(notice(1), to: assignments("mail", "hook", "pager", "file", "slack")))
        bench.clock.advance(by: .seconds(10))
        let now = bench.clock.now
        try await bench.say(delivery(1, "mail", 1, .failed("421 busy", retryAt: now + .seconds(30))))
        try await bench.say(delivery(1, "hook", 2, .dead("400 no")))
        try await bench.say(delivery(1, "pager", 1, .closed("410 gone")))
        try await bench.say(delivery(1, "file", 0, .dropped("nothing to say")))
        // Neither a channel that was never asked nor a notice nobody raised.
        try await bench.say(delivery(1, "fax", 1, .arrived("ok")))
        try await bench.say(delivery(9, "mail", 1, .arrived("ok")))
        let first = try #require(try await bench.report().notices.first)
        #expect(
            first.carriers == [
                .init(channel: "mail", progress: .waiting, attempts: 1, at: now + .seconds(30), answer: "421 busy"),
                .init(channel: "hook", progress: .dead, attempts: 2, at: now, answer: "400 no"),
                .init(channel: "pager", progress: .dead, attempts: 1, at: now, answer: "410 gone"),
                .init(channel: "file", progress: .dropped, attempts: 0, at: now, answer: "nothing to say"),
                .init(channel: "slack", progress: .waiting, attempts: 0, at: Self.start + .seconds(5), answer: ""),
            ]
        )
        bench.clock.advance(by: .seconds(30))
        try await bench.say(delivery(1, "mail", 2, .arrived("250 queued")))
        // A late answer of a process that was fenced off changes nothing.
        try await bench.say(delivery(1, "mail", 1, .failed("421 busy", retryAt: now)))
        let reports = try await bench.report().notices
        #expect(reports.count == 1)
        #expect(
            reports[0].carriers[0]
                == .init(channel: "mail", progress: .arrived, attempts: 2, at: now + .seconds(30), answer: "250 queued")
        )
    }

    @Test("who answers an episode is named at its notices up to then, not at later ones or another episode's")
    func acknowledgements() async throws {
        let bench = Bench(try Plans.twoPhases())
        func acknowledge(_ episode: EpisodeKey, by person: String) async throws {
            try await bench.say(
                .acknowledged(Acknowledgement(episode: episode, by: person, because: "on it", at: bench.clock.now))
            )
        }
        try await bench.say(.raised(notice(1), to: []))
        try await bench.say(.raised(notice(2, .repeated), to: []))
        try await bench.say(.raised(notice(3, of: "other"), to: []))
        try await acknowledge("e", by: "Ada")
        try await acknowledge("e", by: "Lin")
        try await bench.say(.raised(notice(4, .resolved), to: []))
        try await acknowledge("e", by: "late")
        try await bench.say(.raised(notice(5), to: []))
        #expect(try await bench.report().notices.map(\.acknowledgement?.by) == ["Lin", "Lin", nil, nil, nil])
    }

    @Test("the log tells what was raised, what did not arrive and who answers, and keeps old notices readable")
    func log() async throws {
        let bench = Bench(try Plans.twoPhases())
        let later = Self.start + .seconds(30)
        try await bench.say(.noticed(channel: "file", title: "alert for R2", body: "b"))
        try await bench.say(.raised(notice(1), to: assignments("mail", "hook")))
        try await bench.say(.raised(notice(2, .escalated), to: []))
        try await bench.say(delivery(1, "mail", 1, .failed("421 busy", retryAt: later)))
        try await bench.say(delivery(1, "mail", 2, .failed("421 busy", retryAt: later)))
        try await bench.say(delivery(1, "hook", 1, .failed("503", retryAt: later)))
        try await bench.say(delivery(1, "hook", 2, .arrived("200")))
        try await bench.say(delivery(1, "mail", 3, .dead("550 no such user")))
        try await bench.say(delivery(2, "pager", 1, .closed("410")))
        try await bench.say(.acknowledged(Acknowledgement(episode: "e", by: "Ada", because: "on it", at: later)))
        let log = try await bench.report().log
        #expect(
            log.map(\.sentence) == [
                "file: alert for R2",
                "notice trial.1, fired, HIGH: alert 1; to 'mail', 'hook'",
                "notice trial.2, escalated, HIGH: alert 2; no channel carries it",
                "notice trial.1 did not arrive on 'mail', attempt 2: 421 busy; tried again at \(later)",
                "notice trial.1 did not arrive on 'hook', attempt 1: 503; tried again at \(later)",
                "notice trial.1 did not arrive on 'mail', given up after attempt 3: 550 no such user",
                "notice trial.2 did not arrive on 'pager', and nothing more is sent on this channel: 410",
                "Ada takes care of 'e': on it",
            ]
        )
        #expect(log.map(\.repeats) == [1, 1, 1, 2, 1, 1, 1, 1])
        #expect(
            log.map(\.kind) == [
                "noticed", "raised", "raised", "not-delivered", "not-delivered", "given-up", "channel-closed",
                "acknowledged",
            ]
        )
    }
}

import PhasegateControl
import PhasegateCore
import PhasegateTesting
import Synchronization
import Testing

@Suite("What people are told, and when")
struct AlertingTests {
    /// A rollout that failed at 5 % and was rolled back, so that its one risk is real.
    private func harmed(
        level: String = "HIGH",
        plan: NoticePlan = TellingPlans.plan(),
        at start: Moment = ManualClock.start
    ) async throws -> Bench {
        let bench = Bench(
            try Plans.twoPhases(risks: ["R2"], register: TellingPlans.register(level: level), notices: plan)
        )
        bench.clock.set(start)
        try await bench.run(until: "gate-at-5%")
        bench.prober.answer("errors", Quantity(7, .percent))
        try await bench.run()
        return bench
    }

    /// Ticks once, as a controller that was started at some time.
    private func look(_ bench: Bench, after duration: Duration) async throws {
        bench.clock.advance(by: duration)
        _ = try await bench.controller().tick()
    }

    @Test("the risks a failure points at are told of at once, and again when it has been rolled back")
    func fires() async throws {
        let bench = try await harmed()
        let raised = try await bench.raised
        #expect(raised.map(\.kind) == [.fired, .updated])
        #expect(raised.map(\.standing) == ["rolling-back", "rolled-back"])
        #expect(Set(raised.map(\.risk)) == ["R2"])
        #expect(raised[0].criteria == ["errors"])
        #expect(raised[0].title == "alert for R2")
        #expect(Set(raised.map(\.id)).count == 2)
        #expect(Set(raised.map(\.episode)) == ["trial/reads/R2"])
    }

    @Test("a notice is written with the event that causes it: a crash leaves both or none")
    func withItsCause() async throws {
        for side in InMemoryLedger.Side.allCases {
            let plan = TellingPlans.plan()
            let bench = Bench(
                try Plans.twoPhases(risks: ["R2"], register: TellingPlans.register(level: "HIGH"), notices: plan)
            )
            try await bench.run(until: "gate-at-5%")
            bench.prober.answer("errors", Quantity(7, .percent))
            var crashes = 0
            while true {
                let next = bench.ledger.appends + 1
                bench.ledger.setFault { if $0 == next, $1 == side { throw PowerCut() } }
                do {
                    let pace = try await bench.controller().tick()
                    if case .rest = pace { break }
                } catch {
                    crashes += 1
                    bench.power.restore()
                    bench.ledger.setFault(nil)
                    let entries = try await bench.entries
                    for (index, entry) in entries.enumerated() {
                        switch entry.event {
                        case .undoing, .settled:
                            guard case .raised = entries.dropFirst(index + 1).first?.event else {
                                Issue.record("\(entry.event) without a notice")
                                continue
                            }
                        default: continue
                        }
                    }
                    // What was lost before it was kept is done once more, unharmed.
                    if side == .before { _ = try await bench.controller().tick() }
                }
                bench.clock.advance(by: .seconds(10))
            }
            #expect(crashes > 2)
            #expect(try await bench.raised.map(\.kind) == [.fired, .updated])
        }
    }

    @Test("nobody answers: the next people are told, the window's end excluded, up to the emergency team")
    func escalates() async throws {
        let bench = try await harmed(level: "LOW")
        let opened = try #require(try await bench.raised.first).raisedAt
        try await look(bench, after: opened + .seconds(24 * 3600) - bench.clock.now - .milliseconds(1))
        #expect(try await bench.raised.last?.kind != .escalated)
        for (wait, audience, level) in [
            (Duration.milliseconds(1), "Team Lead (Ada, deputy Grace)", "MEDIUM"),
            (.seconds(3600), "DevOps Lead", "HIGH"),
            (.seconds(900), "Incident Commander (Lin)", "HIGH"),
        ] {
            try await look(bench, after: wait)
            let notice = try #require(try await bench.raised.last)
            #expect(notice.kind == .escalated)
            #expect(notice.audience.contains(audience), "\(notice.audience)")
            // The risk's own level stays what it is; those who are told are those of the stricter level.
            #expect(notice.level == "LOW", "told as \(level)")
        }
        let last = try #require(try await bench.raised.last)
        #expect(last.rung == 3)
        #expect(last.acknowledgeBy == nil)
    }

    @Test("who acknowledges ends repetition and escalation; what changes is still told")
    func acknowledged() async throws {
        let bench = try await harmed()
        let count = try await bench.raised.count
        try await bench.say(
            .acknowledged(
                Acknowledgement(episode: "trial/reads/R2", by: "Ada", because: "on it", at: bench.clock.now)
            )
        )
        for _ in 0..<20 { try await look(bench, after: .seconds(86_400)) }
        #expect(try await bench.raised.count == count)
        try await bench.resume()
        try await look(bench, after: .seconds(1))
        #expect(try await bench.raised.last?.kind == .resolved)
    }

    @Test("repetitions slow down with age")
    func repeats() async throws {
        let bench = try await harmed(plan: TellingPlans.plan(emergency: []))
        let start = try #require(try await bench.raised.last).raisedAt
        for _ in 0..<(4 * 24 * 15) { try await look(bench, after: .seconds(240)) }
        let hours = try await bench.raised.filter { $0.kind == .repeated }.map {
            Int((($0.raisedAt - start).inSeconds / 3600).rounded())
        }
        // 4 h after the first, then 8, 16 and 24 h after the one before.
        #expect(hours == [4, 12, 28, 52, 76])
    }

    @Test("what is resolved is told where it was heard of, and nowhere else")
    func resolvedWhereHeard() async throws {
        let bench = try await harmed(plan: TellingPlans.plan(channels: ["mail", "chat"]))
        let mail = RecordingChannel("mail")
        let chat = RecordingChannel("chat")
        chat.setMood { _, _ throws(DeliveryFailure) in throw DeliveryFailure("no such room", remedy: .giveUp) }
        let dispatcher = bench.dispatcher([mail, chat])
        try await dispatcher.deliverDue()
        chat.setMood(nil)
        try await bench.resume()
        bench.prober.answer("errors", Quantity(0, .percent))
        try await look(bench, after: .seconds(1))
        try await dispatcher.deliverDue()
        #expect(mail.notices.map(\.kind) == [.fired, .updated, .resolved])
        #expect(chat.notices.isEmpty)
        #expect(try await bench.state.outbox.episodes.isEmpty)
        #expect(try await bench.state.outbox.pending.isEmpty)
    }

    @Test("a firing that is still on its way is followed by its resolution; one that died is not")
    func resolvedWhileUnderWay() async throws {
        for dies in [false, true] {
            let bench = try await harmed(plan: TellingPlans.plan(channels: ["mail"]))
            let mail = RecordingChannel("mail")
            mail.setMood { _, _ throws(DeliveryFailure) in throw DeliveryFailure("away") }
            let dispatcher = bench.dispatcher([mail], waits: [.seconds(60)])
            try await dispatcher.deliverDue()
            try await bench.resume()
            bench.prober.answer("errors", Quantity(0, .percent))
            try await look(bench, after: .seconds(1))
            if !dies { mail.setMood(nil) }
            for _ in 0..<5 {
                bench.clock.advance(by: .seconds(60))
                try await dispatcher.deliverDue()
            }
            #expect(mail.notices.map(\.kind) == (dies ? [] : [.fired, .updated, .resolved]))
            #expect(try await bench.state.outbox.pending.isEmpty)
        }
    }

    @Test("quiet hours hold back all but the highest level, until the minute they end")
    func quietHours() async throws {
        let night = NoticePlan.DayHours(from: 22 * 60, to: 7 * 60, offset: 60)
        let midnight = Moment("2026-06-01T23:30:00Z") ?? ManualClock.start
        for level in ["HIGH", "MEDIUM"] {
            let bench = try await harmed(
                level: level,
                plan: TellingPlans.plan(quietHours: night, emergency: []),
                at: midnight
            )
            let dispatcher = bench.dispatcher()
            try await dispatcher.deliverDue()
            #expect(bench.channel.notices.isEmpty == (level == "MEDIUM"))
            if level == "MEDIUM" {
                bench.clock.set(Moment("2026-06-02T05:59:59Z") ?? midnight)
                try await dispatcher.deliverDue()
                #expect(bench.channel.notices.isEmpty)
                bench.clock.set(Moment("2026-06-02T06:00:00Z") ?? midnight)
                try await dispatcher.deliverDue()
                #expect(bench.channel.notices.first?.kind == .fired)
                // The time to answer begins when it can be heard.
                #expect(bench.channel.notices.first?.acknowledgeBy == Moment("2026-06-02T07:00:00Z"))
            }
        }
    }

    @Test("routes send by level, phase, risk and hour; what no route takes goes everywhere")
    func routes() async throws {
        let noon = Moment("2026-06-01T12:00:00Z") ?? ManualClock.start
        let working = NoticePlan.DayHours(from: 8 * 60, to: 13 * 60)
        let early = NoticePlan.DayHours(from: 8 * 60, to: 11 * 60)
        let cases: [(NoticePlan.Route, [ChannelName])] = [
            (NoticePlan.Route(levels: ["HIGH"], channels: ["chat"]), ["chat"]),
            (NoticePlan.Route(levels: ["LOW"], channels: ["chat"]), ["mail", "chat"]),
            (NoticePlan.Route(phases: ["reads"], channels: ["mail"]), ["mail"]),
            (NoticePlan.Route(phases: ["schema"], channels: ["mail"]), ["mail", "chat"]),
            (NoticePlan.Route(risks: ["R2"], channels: ["mail"]), ["mail"]),
            (NoticePlan.Route(risks: ["R1"], channels: ["mail"]), ["mail", "chat"]),
            (NoticePlan.Route(hours: working, channels: ["chat"]), ["chat"]),
            (NoticePlan.Route(hours: early, channels: ["chat"]), ["mail", "chat"]),
        ]
        for (route, expected) in cases {
            let bench = try await harmed(
                plan: TellingPlans.plan(channels: ["mail", "chat"], routes: [route], emergency: []),
                at: noon
            )
            guard case .raised(_, let assignments) = try await bench.entries.first(where: \.isRaised)?.event else {
                Issue.record("nothing was raised")
                continue
            }
            #expect(assignments.map(\.channel) == expected, "\(route)")
        }
    }

    @Test("another level is another alert: the old one is resolved before the new one fires")
    func levelChanges() async throws {
        let bench = Bench(try Plans.twoPhases(approvals: 1, register: .empty, notices: TellingPlans.plan()))
        try await bench.run(until: "entry")
        try await look(bench, after: .seconds(10))
        try await bench.ask(.kill)
        try await bench.run()
        let raised = try await bench.raised
        #expect(raised.map(\.kind) == [.fired, .resolved, .fired])
        #expect(raised.map(\.level) == ["LOW", "LOW", "HIGH"])
        try await bench.dispatcher().deliverDue()
        #expect(bench.channel.notices.map(\.kind) == [.fired, .resolved, .fired])
    }

    @Test("what becomes urgent in quiet hours is heard at once, though it was raised as something quiet before")
    func urgentAtNight() async throws {
        let night = NoticePlan.DayHours(from: 22 * 60, to: 7 * 60)
        let bench = Bench(
            try Plans.twoPhases(approvals: 1, register: .empty, notices: TellingPlans.plan(quietHours: night))
        )
        bench.clock.set(Moment("2026-06-01T23:30:00Z") ?? ManualClock.start)
        try await bench.run(until: "entry")
        try await look(bench, after: .seconds(10))
        try await bench.dispatcher().deliverDue()
        #expect(try await bench.raised.map(\.level) == ["LOW"])
        #expect(bench.channel.notices.isEmpty)
        try await bench.ask(.kill)
        try await bench.run()
        try await bench.dispatcher().deliverDue()
        #expect(bench.channel.notices.map(\.level) == ["LOW", "LOW", "HIGH"])
    }

    @Test("who was woken by an escalation hears at once that it is over")
    func overAtNight() async throws {
        let night = NoticePlan.DayHours(from: 22 * 60, to: 7 * 60)
        let evening = Moment("2026-06-01T21:30:00Z") ?? ManualClock.start
        let bench = try await harmed(level: "MEDIUM", plan: TellingPlans.plan(quietHours: night), at: evening)
        try await look(bench, after: .seconds(3600))
        #expect(try await bench.raised.last?.kind == .escalated)
        bench.prober.answer("errors", Quantity(0, .percent))
        try await bench.resume()
        try await look(bench, after: .seconds(1))
        try await bench.dispatcher().deliverDue()
        #expect(bench.channel.notices.last?.kind == .resolved)
    }

    @Test("nothing is repeated while quiet hours hold back what would be repeated")
    func noPilingUp() async throws {
        let night = NoticePlan.DayHours(from: 22 * 60, to: 7 * 60)
        let late = Moment("2026-06-01T22:00:00Z") ?? ManualClock.start
        let bench = try await harmed(
            level: "MEDIUM",
            plan: TellingPlans.plan(quietHours: night, emergency: []),
            at: late
        )
        for _ in 0..<(8 * 12) { try await look(bench, after: .seconds(300)) }
        #expect(try await bench.raised.map(\.kind) == [.fired, .updated])
    }

    @Test("what an alert promises lies ahead: who is next, or when it is told again")
    func promises() async throws {
        let bench = try await harmed(plan: TellingPlans.plan(emergency: []), at: ManualClock.start)
        let promises = Mutex<[(nextUpdate: String, resolution: String)]>([])
        let alerting = Alerting(plan: bench.rollout.notices) { alert in
            promises.withLock { $0.append((alert.nextUpdate, alert.resolutionTime)) }
            return NoticeWording(title: "t", body: "b")
        }
        let heard = try #require(try await bench.state.outbox.episodes["trial/reads/R2"]).heardAt
        // The last rung's window is over, nobody comes after it: 4 h after the last notice it is told again, then
        // after 8 h.
        let again = heard + .seconds(4 * 3600)
        _ = alerting.events(for: try await bench.state, of: bench.rollout, at: again)
        let last = promises.withLock { $0.last }
        let promise = try #require(last)
        #expect(promise.nextUpdate == "\((again + .seconds(8 * 3600)).forPeople) UTC")
        #expect(promise.resolution == "when somebody takes it up")
        #expect(alerting.nextTelling(for: try await bench.state, of: bench.rollout) == again)
    }

    @Test("a waived criterion's risk does not stand for the risks of a phase that came to a bad end")
    func waivedIsNotToBlame() async throws {
        let bench = Bench(
            try Plans.twoPhases(
                risks: ["R2"],
                guardRisks: ["R1"],
                register: TellingPlans.register(level: "HIGH"),
                notices: TellingPlans.plan()
            )
        )
        try await bench.run(until: "gate-at-5%")
        bench.prober.answer("errors", Quantity(7, .percent))
        try await bench.say(
            .waived(
                Waiver(
                    phase: "reads",
                    criterion: "errors",
                    by: "Ada",
                    because: "known",
                    expires: bench.clock.now + .seconds(86_400),
                    planDigest: "plan-1",
                    at: bench.clock.now
                )
            )
        )
        try await bench.tick()
        bench.world.trouble(.fails("the flag store is down"), with: "expose-25%")
        try await bench.run()
        let state = try await bench.state
        #expect(state.status != .running)
        #expect(Set(try await bench.raised.map(\.risk)) == ["R2"])
    }

    @Test("a level without a rule of its own begins with the owner, not with the people of the next stricter one")
    func levelWithoutRule() async throws {
        let register = TellingPlans.register(level: "LOW")
        let strict = RiskRegister(
            grid: register.grid,
            risks: register.risks,
            escalation: register.escalation.filter { $0.level == "HIGH" }
        )
        let bench = Bench(try Plans.twoPhases(risks: ["R2"], register: strict, notices: TellingPlans.plan()))
        try await bench.run(until: "gate-at-5%")
        bench.prober.answer("errors", Quantity(7, .percent))
        try await bench.run()
        let notice = try #require(try await bench.raised.first)
        #expect(notice.audience == ["Ada"])
        #expect(notice.acknowledgeBy == nil)
    }

    @Test("a step that takes hours keeps nobody from being told who is next")
    func tellingBesideAStep() async throws {
        let bench = Bench(
            try Plans.twoPhases(
                risks: ["R2"],
                register: TellingPlans.register(level: "HIGH"),
                notices: TellingPlans.plan()
            )
        )
        try await bench.run(until: "gate-at-5%")
        bench.prober.answer("errors", Quantity(7, .percent))
        let controller = bench.controller()
        while try await bench.state.undoing?.left.first?.name != "health-of-main" { _ = try await controller.tick() }
        let door = bench.world.holdBack("health-of-main")
        let tick = Task { try await controller.tick() }
        await door.reached()
        bench.clock.advance(by: .seconds(900))
        try await controller.tellWhatIsDue()
        #expect(try await bench.raised.map(\.kind) == [.fired, .escalated])
        door.open()
        _ = try await tick.value
        let ids = try await bench.raised.map(\.id)
        #expect(Set(ids).count == ids.count)
    }

    @Test("an alert with a gap is refused, and people are told so all the same")
    func refusedAlert() async throws {
        struct Gap: Error, CustomStringConvertible { let description = "the channel of the alert is empty" }
        let bench = try await harmed()
        let state = try await bench.state
        var clean = state
        clean.outbox = Outbox()
        let alerting = Alerting(plan: .byDefault) { _ in throw Gap() }
        let events = alerting.events(for: clean, of: bench.rollout, at: bench.clock.now)
        guard case .raised(let notice, _) = events.first else {
            Issue.record("nothing was raised")
            return
        }
        #expect(notice.title.contains("needs a person"))
        #expect(notice.body.contains("the alert for R2 could not be filled: the channel of the alert is empty"))
    }

    @Test("a gate that waits for people says so once, and takes it back when it has opened")
    func waitsForPeople() async throws {
        let bench = Bench(try Plans.twoPhases(approvals: 1, notices: TellingPlans.plan()))
        try await bench.run(until: "entry")
        for _ in 0..<10 { try await look(bench, after: .seconds(10)) }
        #expect(try await bench.raised.map(\.kind) == [.fired])
        let notice = try #require(try await bench.raised.first)
        #expect(notice.episode == "trial/reads/people")
        #expect(notice.risk == nil)
        let gate = try #require(try await bench.state.gate?.lastVerdict)
        try await bench.say(
            .approved(
                Approval(
                    phase: "reads",
                    gate: "entry",
                    by: "Ada",
                    because: "seen",
                    planDigest: "plan-1",
                    evidenceDigest: gate.evidenceDigest,
                    at: bench.clock.now
                )
            )
        )
        #expect(try await bench.run() == .rest(.finished))
        #expect(try await bench.raised.map(\.kind) == [.fired, .resolved])
    }
}

extension LedgerEntry {
    fileprivate var isRaised: Bool { if case .raised = event { true } else { false } }
}

import PhasegateCore
import PhasegateTesting
import Testing

@Suite("What is still to be told")
struct OutboxTests {
    private static let channels: [ChannelName] = ["mail", "chat"]

    @Test(
        "hours of the day begin with their first minute and end before their last, also over midnight and a date line"
    )
    func hours() throws {
        let day = NoticePlan.DayHours(from: 8 * 60, to: 18 * 60)
        let night = NoticePlan.DayHours(from: 22 * 60, to: 7 * 60, offset: 840)
        let cases: [(NoticePlan.DayHours, String, Bool)] = [
            (day, "2026-06-01T07:59:59.999Z", false), (day, "2026-06-01T08:00:00Z", true),
            (day, "2026-06-01T17:59:59.999Z", true), (day, "2026-06-01T18:00:00Z", false),
            (night, "2026-06-01T07:59:00Z", false), (night, "2026-06-01T08:00:00Z", true),
            (night, "2026-06-01T16:59:59Z", true), (night, "2026-06-01T17:00:00Z", false),
            (night, "1969-12-31T08:00:00Z", true), (night, "1969-12-31T07:59:59.999Z", false),
        ]
        for (hours, text, isInside) in cases {
            let moment = try #require(Moment(text))
            #expect(hours.contains(moment) == isInside, "\(text)")
            guard isInside else { continue }
            let end = hours.end(after: moment)
            #expect(!hours.contains(end))
            #expect(hours.contains(Moment(milliseconds: end.milliseconds - 1)))
            #expect(end - moment <= .seconds(86_400))
        }
    }

    /// Notices raised and delivered in any order people and receivers may bring about.
    @Test("a channel hears of a resolution exactly when it has heard of what is resolved", arguments: 1...300)
    func resolutions(seed: Int) {
        var random = RandomNumbers(seed: seed)
        var ledger = Chronicle()
        var heard: [ChannelName: [Notice.Kind]] = [:]
        for _ in 0..<40 {
            if random.chance(40) {
                ledger.raiseSomething(&random, Self.channels)
            } else if let item = ledger.state.outbox.due(at: ledger.now).randomElement(using: &random) {
                if item.awaitsFiring {
                    ledger.deliver(item, .dropped("nothing to take back"))
                } else if random.chance(60) {
                    heard[item.channel, default: []].append(item.kind)
                    ledger.deliver(item, .arrived("ok"))
                } else {
                    ledger.deliver(item, random.chance(50) ? .dead("no") : .failed("no", retryAt: ledger.now))
                }
            }
        }
        for (channel, kinds) in heard {
            var isFiring = false
            for kind in kinds {
                if kind == .resolved { #expect(isFiring, "\(channel): resolved without a firing in \(kinds)") }
                isFiring = kind != .resolved
            }
        }
        // What was heard of and not taken back yet is still on record, and so can be.
        for (channel, kinds) in heard where kinds.last.map({ $0 != .resolved }) == true {
            let outbox = ledger.state.outbox
            #expect(
                outbox.episodes.values.contains { $0.told.contains(channel) }
                    || outbox.pending.contains { $0.channel == channel && $0.kind == .resolved && !$0.awaitsFiring }
                    || ledger.gaveUpResolution.contains(channel)
            )
        }
    }

    @Test("what quiet hours hold back goes ahead of what they never silence, and holds it back no longer")
    func quietBeforeUrgent() throws {
        var ledger = Chronicle()
        let morning = ledger.now + .seconds(8 * 3600)
        ledger.raise(.fired, ["mail"], dueAt: morning)
        #expect(ledger.state.outbox.due(at: ledger.now).isEmpty)
        #expect(ledger.state.outbox.nextDueAt() == morning)
        ledger.raise(.escalated, ["mail"])
        #expect(ledger.state.outbox.nextDueAt() == ledger.now)
        let first = try #require(ledger.state.outbox.due(at: ledger.now).first)
        #expect(first.kind == .fired, "in the order they were raised")
        ledger.deliver(first, .arrived("ok"))
        #expect(ledger.state.outbox.due(at: ledger.now).map(\.kind) == [.escalated])
    }

    @Test("news tries a receiver again that was away, once, and not one that asked for time", arguments: [false, true])
    func newsWhileAway(isAsked: Bool) throws {
        var ledger = Chronicle()
        ledger.raise(.fired, ["mail"])
        let later = ledger.now + .seconds(36_000)
        func due() -> [Notice.Kind] { ledger.state.outbox.due(at: ledger.now).map(\.kind) }
        let first = try #require(ledger.state.outbox.due(at: ledger.now).first)
        ledger.deliver(first, .failed("away", retryAt: later, isAsked: isAsked))
        #expect(due().isEmpty)
        ledger.raise(.escalated, ["mail"])
        #expect(due() == (isAsked ? [] : [.fired]))
        guard !isAsked else { return }
        ledger.deliver(first, .failed("away", retryAt: later))
        #expect(due().isEmpty)
        #expect(ledger.state.outbox.nextDueAt() == later)
    }

    @Test("a resolution waits for a firing also where that died after the resolution was thought of")
    func diedMeanwhile() throws {
        var ledger = Chronicle()
        ledger.raise(.fired, ["mail"])
        let firing = try #require(ledger.state.outbox.due(at: ledger.now).first)
        ledger.deliver(firing, .dead("no"))
        ledger.raise(.resolved, ["mail"], thoughtOfBefore: true)
        #expect(ledger.state.outbox.due(at: ledger.now).map(\.awaitsFiring) == [true])
    }

    @Test("an outbox with nothing to tell is empty again, however much went through it")
    func bounded() {
        var random = RandomNumbers(seed: 3)
        var ledger = Chronicle()
        for _ in 0..<500 {
            ledger.raiseSomething(&random, Self.channels)
            while let item = ledger.state.outbox.due(at: ledger.now).first { ledger.deliver(item, .arrived("ok")) }
        }
        if !ledger.state.outbox.episodes.isEmpty { ledger.raise(.resolved, Self.channels) }
        while let item = ledger.state.outbox.due(at: ledger.now).first { ledger.deliver(item, .arrived("ok")) }
        #expect(ledger.state.outbox.pending.isEmpty)
        #expect(ledger.state.outbox.episodes.isEmpty)
    }
}

/// A state and the events that led to it.
private struct Chronicle {
    private(set) var state = RolloutState()
    private(set) var gaveUpResolution: Set<ChannelName> = []
    let now = ManualClock.start

    mutating func raiseSomething(_ random: inout RandomNumbers, _ channels: [ChannelName]) {
        if state.outbox.episodes.isEmpty {
            raise(.fired, channels)
        } else if random.chance(50) {
            raise(random.pick(.repeated, .updated), channels)
        } else {
            raise(.resolved, channels)
        }
    }

    mutating func raise(
        _ kind: Notice.Kind,
        _ channels: [ChannelName],
        dueAt: Moment = ManualClock.start,
        thoughtOfBefore: Bool = false
    ) {
        let notice = Notice(
            id: NoticeID(rawValue: "\(state.outbox.raised + 1)"),
            episode: "trial/reads/R1",
            kind: kind,
            reason: "",
            level: "HIGH",
            rollout: "trial",
            title: "",
            body: "",
            startedAt: now,
            raisedAt: now
        )
        // As the rules do it: to those who were told, and those who may be about to.
        let told = state.outbox.episodes["trial/reads/R1"]?.told ?? []
        let underWay = state.outbox.channelsUnderWay(in: "trial/reads/R1")
        let to =
            kind == .resolved && !thoughtOfBefore
            ? channels.filter { told.contains($0) || underWay.contains($0) } : channels
        add(.raised(notice, to: to.map { Assignment(channel: $0, dueAt: dueAt) }))
    }

    mutating func deliver(_ item: Outbox.Pending, _ outcome: Delivery.Outcome) {
        if case .dead = outcome, item.kind == .resolved { gaveUpResolution.insert(item.channel) }
        add(
            .delivered(
                Delivery(notice: item.notice, channel: item.channel, attempt: item.attempts + 1, outcome: outcome)
            )
        )
    }

    private mutating func add(_ event: LedgerEvent) {
        state.apply(
            LedgerEntry(sequence: state.sequence + 1, at: now, actor: "test", event: event, hash: "h")
        )
    }
}

import PhasegateControl
import PhasegateCore
import PhasegateTesting
import Synchronization
import Testing

@Suite("Delivering notices")
struct NoticeDispatcherTests {
    /// A ledger in which notices wait, each about something of its own.
    private func bench(
        _ count: Int,
        to channels: [ChannelName] = ["recording"],
        episode: (Int) -> EpisodeKey = { EpisodeKey(rawValue: "trial/reads/\($0)") }
    ) async throws -> Bench {
        let bench = Bench(try Plans.twoPhases())
        _ = try await bench.controller().tick()
        for number in 0..<count {
            let notice = Notice(
                id: NoticeID(rawValue: "trial.\(number)"),
                episode: episode(number),
                kind: .fired,
                reason: "first notice",
                level: "HIGH",
                rollout: "trial",
                title: "notice \(number)",
                body: "notice \(number)",
                startedAt: bench.clock.now,
                raisedAt: bench.clock.now
            )
            let assignments = channels.map { Assignment(channel: $0, dueAt: bench.clock.now) }
            try await bench.say(.raised(notice, to: assignments))
        }
        return bench
    }

    @Test("a notice that did not arrive is tried again after 5 s, 5 min and 30 min, under the same id, at a fresh time")
    func schedule() async throws {
        let bench = try await bench(1)
        bench.channel.setMood { _, attempt throws(DeliveryFailure) in
            if attempt.number < 4 { throw DeliveryFailure("busy") }
        }
        let start = bench.clock.now
        var tried: [Int] = []
        while let next = try await bench.dispatcher().deliverDue() {
            tried.append(Int((next - start).inSeconds))
            bench.clock.set(next)
        }
        #expect(tried == [5, 305, 2105])
        let arrival = try #require(bench.channel.arrivals.first)
        #expect(bench.channel.arrivals.count == 1)
        #expect(arrival.notice.id == "trial.0")
        #expect(arrival.attempt == 4)
        #expect(arrival.at == bench.clock.now)
        #expect(try await bench.deliveries.map(\.attempt) == [1, 2, 3, 4])
    }

    @Test("a receiver that asks for time gets it, and no less than the schedule")
    func retryAfter() async throws {
        for (asked, waited) in [(90, 90), (1, 5), (1_000_000, 86_400)] {
            let bench = try await bench(1)
            bench.channel.setMood { _, _ throws(DeliveryFailure) in
                throw DeliveryFailure("429", remedy: .retry(after: .seconds(asked)))
            }
            let next = try #require(try await bench.dispatcher().deliverDue())
            #expect(next - bench.clock.now == .seconds(waited))
        }
    }

    @Test("the time of the next attempt outlives the process")
    func restart() async throws {
        let bench = try await bench(1)
        bench.channel.setMood { _, _ throws(DeliveryFailure) in throw DeliveryFailure("away") }
        try await bench.dispatcher().deliverDue()
        bench.channel.setMood(nil)
        bench.clock.advance(by: .milliseconds(4999))
        try await bench.dispatcher().deliverDue()
        #expect(bench.channel.asked == 1)
        bench.clock.advance(by: .milliseconds(1))
        try await bench.dispatcher().deliverDue()
        #expect(bench.channel.arrivals.map(\.attempt) == [2])
    }

    @Test("after the last wait a notice is dead, and the ledger says why")
    func dead() async throws {
        let bench = try await bench(1)
        bench.channel.setMood { _, _ throws(DeliveryFailure) in throw DeliveryFailure("away") }
        let dispatcher = bench.dispatcher(waits: [.seconds(1), .seconds(2)])
        while let next = try await dispatcher.deliverDue() { bench.clock.set(next) }
        #expect(bench.channel.asked == 3)
        #expect(try await bench.deliveries.last?.outcome == .dead("given up after 3 attempts: away"))
        #expect(try await bench.state.outbox.pending.isEmpty)
    }

    @Test("a receiver that is gone for good gets nothing more; the others do")
    func gone() async throws {
        let bench = try await bench(3, to: ["recording", "other"])
        let other = RecordingChannel("other")
        bench.channel.setMood { _, _ throws(DeliveryFailure) in throw DeliveryFailure("410", remedy: .closeChannel) }
        try await bench.dispatcher([bench.channel, other]).deliverDue()
        #expect(other.arrivals.count == 3)
        #expect(try await bench.state.outbox.closed == ["recording"])
        #expect(try await bench.state.outbox.pending.isEmpty)
        // A new plan may name a new receiver.
        try await bench.say(.planChanged(planDigest: "plan-2"))
        #expect(try await bench.state.outbox.closed.isEmpty)
    }

    @Test("a channel the plan no longer has is given up")
    func unknownChannel() async throws {
        let bench = try await bench(1, to: ["gone"])
        try await bench.dispatcher().deliverDue()
        #expect(try await bench.deliveries.map(\.outcome) == [.dead("the plan has no channel 'gone' any more")])
    }

    @Test("a process that dies between sending and writing down sends again; the receiver sees one id")
    func crashBetween() async throws {
        let bench = try await bench(1)
        bench.channel.setMood { _, _ throws(DeliveryFailure) in bench.power.cut() }
        await #expect(throws: PowerCut.self) { try await bench.dispatcher().deliverDue() }
        #expect(bench.channel.arrivals.count == 1)
        bench.power.restore()
        bench.channel.setMood(nil)
        #expect(try await bench.deliveries.isEmpty)
        try await bench.dispatcher().deliverDue()
        #expect(bench.channel.arrivals.count == 2)
        #expect(Set(bench.channel.notices.map(\.id)).count == 1)
        #expect(try await bench.state.outbox.pending.isEmpty)
    }

    @Test("notices of one episode arrive in the order they were raised, also over failures", arguments: 1...20)
    func order(seed: Int) async throws {
        let bench = try await bench(30) { EpisodeKey(rawValue: "trial/reads/\($0 % 3)") }
        let random = Mutex(RandomNumbers(seed: seed))
        bench.channel.setMood { _, _ throws(DeliveryFailure) in
            if random.withLock({ $0.chance(40) }) { throw DeliveryFailure("busy") }
        }
        let dispatcher = bench.dispatcher()
        while let next = try await dispatcher.deliverDue() { bench.clock.set(next) }
        #expect(bench.channel.arrivals.count == 30)
        for episode in 0..<3 {
            let own = bench.channel.notices.filter { $0.episode.rawValue.hasSuffix("/\(episode)") }.map(\.title)
            #expect(own == (0..<30).filter { $0 % 3 == episode }.map { "notice \($0)" })
        }
    }

    @Test("a sink that fails three times in ten gets every notice exactly once, by its ids")
    func thirtyPercent() async throws {
        let bench = try await bench(500)
        let random = Mutex(RandomNumbers(seed: 7))
        bench.channel.setMood { _, _ throws(DeliveryFailure) in
            if random.withLock({ $0.chance(30) }) { throw DeliveryFailure("busy") }
        }
        let dispatcher = bench.dispatcher()
        while let next = try await dispatcher.deliverDue() { bench.clock.set(next) }
        #expect(bench.channel.arrivals.count == 500)
        #expect(Set(bench.channel.notices.map(\.id)).count == 500)
    }

    @Test("a receiver that hangs holds up nobody else, and the loop ends when it is told to")
    func beside() async throws {
        let bench = try await bench(1, to: ["hanging", "recording"])
        let door = Door()
        let dispatcher = bench.dispatcher([SlowChannel(door), bench.channel])
        let loop = Task { await dispatcher.run() }
        await bench.channel.waitForArrivals()
        #expect(bench.channel.arrivals.count == 1)
        door.open()
        await dispatcher.end()
        await loop.value
        #expect(try await bench.deliveries.count == 2)
    }

    @Test("a channel with much to send and a slow receiver holds up no other")
    func lanes() async throws {
        let bench = try await bench(200, to: ["hanging"])
        let door = Door()
        let dispatcher = bench.dispatcher([SlowChannel(door), bench.channel])
        let loop = Task { await dispatcher.run() }
        await door.reached()
        let notice = Notice(
            id: "trial.new",
            episode: "trial/reads/new",
            kind: .fired,
            reason: "first notice",
            level: "HIGH",
            rollout: "trial",
            title: "new",
            body: "new",
            startedAt: bench.clock.now,
            raisedAt: bench.clock.now
        )
        try await bench.say(.raised(notice, to: [Assignment(channel: "recording", dueAt: bench.clock.now)]))
        await dispatcher.poke()
        await bench.channel.waitForArrivals()
        #expect(bench.channel.notices.map(\.id) == ["trial.new"])
        door.open()
        await dispatcher.end()
        await loop.value
        #expect(try await bench.deliveries.count == 201)
    }

    @Test("a ledger that cannot be written to for a moment is told of once and tried again")
    func troubledLedger() async throws {
        let bench = try await bench(1)
        let ledger = BusyLedger(bench.ledger, refusing: 2)
        let troubles = Mutex(0)
        let dispatcher = bench.dispatcher(ledger: ledger)
        let loop = Task { await dispatcher.run(onTrouble: { _ in troubles.withLock { $0 += 1 } }) }
        // Sent three times, because it could not be written down twice.
        await bench.channel.waitForArrivals(3)
        await dispatcher.end()
        await loop.value
        #expect(troubles.withLock(\.self) == 1)
        #expect(bench.channel.notices.map(\.id) == ["trial.0", "trial.0", "trial.0"])
        #expect(try await bench.deliveries.count == 1)
    }

    @Test("a receiver that answers late and asks for time gets it from its answer on")
    func lateAnswer() async throws {
        let bench = try await bench(1)
        bench.channel.setMood { _, _ throws(DeliveryFailure) in
            bench.clock.advance(by: .seconds(12))
            throw DeliveryFailure("503", remedy: .retry(after: .seconds(10)))
        }
        let start = bench.clock.now
        let next = try #require(try await bench.dispatcher().deliverDue())
        #expect(next - start == .seconds(22))
    }

    @Test("a receiver that forgets is told again of what goes on, and no longer once it is resolved")
    func refresh() async throws {
        let bench = try await bench(1, to: ["alerts"])
        let alerts = RecordingChannel("alerts", refresh: .seconds(60))
        let dispatcher = bench.dispatcher([alerts])
        try await dispatcher.deliverDue()
        #expect(alerts.arrivals.count == 1)
        for _ in 0..<3 {
            bench.clock.advance(by: .seconds(60))
            try await dispatcher.deliverDue()
        }
        #expect(alerts.arrivals.count == 4)
        #expect(Set(alerts.notices.map(\.id)).count == 1)
        // It is no news, and the ledger does not grow by it.
        #expect(try await bench.deliveries.count == 1)
        _ = try await bench.controller().tick()
        try await dispatcher.deliverDue()
        #expect(alerts.notices.last?.kind == .resolved)
        let count = alerts.arrivals.count
        bench.clock.advance(by: .seconds(600))
        try await dispatcher.deliverDue()
        #expect(alerts.arrivals.count == count)
    }
}

/// Takes notices only once a door is open.
private final class SlowChannel: NoticeChannel {
    let name: ChannelName = "hanging"
    private let door: Door

    init(_ door: Door) { self.door = door }

    func send(_ notice: Notice, attempt: DeliveryAttempt) async throws(DeliveryFailure) -> String {
        await door.pass()
        return "at last"
    }

    func preview(_ notice: Notice, attempt: DeliveryAttempt) throws(DeliveryFailure) -> String { "" }
}

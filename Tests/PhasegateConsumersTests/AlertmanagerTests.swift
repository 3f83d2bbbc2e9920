import PhasegateCore
import PhasegateNotices
import PhasegateTesting
import Testing

/// Notices in a real Alertmanager, and what it tells its own receivers of them.
@Suite("A real Alertmanager", .needs(.alertmanager, .python), .timeLimit(.minutes(2)))
struct AlertmanagerTests {
    /// When the episodes of these tests began.
    private let start = Moment.now + .seconds(-30)

    private func channel(to server: AlertmanagerServer) throws -> any NoticeChannel {
        try makeChannel("alertmanager", ["url": .text(server.address)])
    }

    private func send(_ notice: Notice, on channel: any NoticeChannel) async throws {
        let receipt = try await channel.send(notice, attempt: DeliveryAttempt(number: 1, at: .now))
        #expect(receipt == "200")
    }

    @Test("fires once, goes on as one alert with changed numbers, and resolves")
    func firesRepeatsResolves() async throws {
        let server = try await AlertmanagerServer(repeatInterval: "1s")
        let channel = try channel(to: server)
        try await send(makeNotice(startedAt: start), on: channel)
        let fired = try await server.nextNotification()
        #expect(fired.version == "4" && fired.status == "firing" && fired.alerts.count == 1)
        let alert = try #require(fired.alerts.first)
        #expect(alert.labels["rollout"] == "readers" && alert.labels["risk"] == "R003")
        #expect(alert.labels["severity"] == "high" && alert.labels["alertname"] == "PhasegateNotice")
        #expect(alert.annotations["observed"] == "54.6 ms" && alert.annotations["kind"] == "fired")

        try await send(makeNotice(.repeated, id: "readers.18", startedAt: start), on: channel)
        #expect(try await server.alerts().map(\.fingerprint) == [alert.fingerprint])
        let repeated = try await server.nextNotification()
        #expect(repeated.status == "firing" && repeated.alerts.map(\.fingerprint) == [alert.fingerprint])
        #expect(repeated.alerts.first?.annotations["kind"] == "repeated")
        #expect(repeated.alerts.first?.annotations["notice"] == "readers.18")

        try await send(makeNotice(.resolved, id: "readers.19", startedAt: start), on: channel)
        var last = try await server.nextNotification()
        // One more repetition may have been on its way.
        if last.status == "firing" { last = try await server.nextNotification() }
        #expect(last.status == "resolved" && last.alerts.map(\.fingerprint) == [alert.fingerprint])
        #expect(try await server.alerts().isEmpty)
        await server.stop()
    }

    @Test("inhibits what is smaller in the same rollout, until the greater is over")
    func inhibits() async throws {
        let server = try await AlertmanagerServer()
        let channel = try channel(to: server)
        try await send(makeNotice(risk: "R001", level: "CRITICAL", startedAt: start), on: channel)
        let critical = try await server.nextNotification()
        #expect(critical.alerts.map { $0.labels["severity"] } == ["critical"])

        try await send(makeNotice(id: "readers.18", risk: "R002", level: "MEDIUM", startedAt: start), on: channel)
        let silenced = try #require(try await server.alerts().first { $0.labels["risk"] == "R002" })
        #expect(silenced.status.state == "suppressed")
        #expect(silenced.status.inhibitedBy == critical.alerts.map(\.fingerprint))

        // Another rollout is not concerned, and what comes first shows that the other one has not come.
        let elsewhere = makeNotice(id: "other.1", rollout: "other", risk: "R002", level: "MEDIUM", startedAt: start)
        try await send(elsewhere, on: channel)
        #expect(try await server.nextNotification().alerts.map { $0.labels["rollout"] } == ["other"])

        try await send(
            makeNotice(.resolved, id: "readers.19", risk: "R001", level: "CRITICAL", startedAt: start),
            on: channel
        )
        let next = [try await server.nextNotification(), try await server.nextNotification()]
        #expect(Set(next.map(\.status)) == ["resolved", "firing"])
        #expect(next.first { $0.status == "resolved" }?.alerts.map(\.fingerprint) == critical.alerts.map(\.fingerprint))
        #expect(next.first { $0.status == "firing" }?.alerts.map(\.fingerprint) == [silenced.fingerprint])
        await server.stop()
    }

    /// Whether it was asked to end, or the machine took it away.
    enum End: CaseIterable { case stopped, killed }

    @Test("hears of what goes on after its restart, and resolves it", arguments: End.allCases)
    func survivesRestart(_ end: End) async throws {
        let server = try await AlertmanagerServer()
        let channel = try channel(to: server)
        let notice = makeNotice(startedAt: start)
        try await send(notice, on: channel)
        let fired = try await server.nextNotification()
        try await server.settle()

        switch end {
        case .stopped: await server.stop()
        case .killed: await server.kill()
        }
        let failure = await #expect(throws: DeliveryFailure.self) {
            try await channel.send(notice, attempt: DeliveryAttempt(number: 1, at: .now))
        }
        #expect(failure?.remedy == .retry(after: nil))
        try await server.restart()
        // It keeps alerts in memory, which is why the channel wants to send them again.
        #expect(try await server.alerts().isEmpty)
        #expect(channel.refresh != nil)
        try await send(notice, on: channel)
        #expect(try await server.alerts().map(\.fingerprint) == fired.alerts.map(\.fingerprint))

        if end == .killed {
            // It has forgotten that it told people, and tells them again.
            let again = try await server.nextNotification()
            #expect(again.status == "firing" && again.alerts.map(\.fingerprint) == fired.alerts.map(\.fingerprint))
        }
        try await send(makeNotice(.resolved, id: "readers.18", startedAt: start), on: channel)
        // Who was asked to end knows what it has told people, and tells them nothing twice.
        let last = try await server.nextNotification()
        #expect(last.status == "resolved" && last.alerts.map(\.fingerprint) == fired.alerts.map(\.fingerprint))
        await server.stop()
    }
}

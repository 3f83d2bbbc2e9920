import FoundationEssentials
import PhasegateCore
import PhasegateNotices
import Testing

@Suite("Alerts to an Alertmanager")
struct AlertmanagerChannelTests {
    private let settings: [String: Setting] = ["url": "http://127.0.0.1:9093/", "environment": "production"]

    private func alert(
        _ notice: Notice,
        _ more: [String: Setting] = [:],
        after duration: Duration = .zero
    ) async throws -> (Alert, OutgoingRequest) {
        let http = RecordingHTTP()
        let manager = try channel(
            "alertmanager",
            settings.merging(more) { $1 },
            http: http,
            secrets: ["env:TOKEN": "t0ken", "env:USER": "ops", "env:PASSWORD": "pa:ss"]
        )
        _ = try await manager.send(notice, attempt: attempt(1, after: duration))
        let request = try #require(http.requests.first)
        let alerts = try JSONDecoder().decode([Alert].self, from: Data(request.body))
        try #require(alerts.count == 1)
        return (alerts[0], request)
    }

    @Test func labelsAreTheSameFromTheFirstNoticeOfAnEpisodeToTheLast() async throws {
        let (fired, request) = try await alert(notice())
        #expect(request.address == "http://127.0.0.1:9093/api/v2/alerts")
        #expect(
            fired.labels == [
                "alertname": "PhasegateNotice", "severity": "high", "rollout": "quantumleap",
                "phase": "query-optimisation", "risk": "R003", "environment": "production",
            ]
        )
        for kind in Notice.Kind.allCases {
            let later = notice(
                id: "quantumleap.99",
                kind: kind,
                reason: "another",
                criteria: ["p99"],
                title: "RESOLVED: now 12 ms",
                body: "other",
                facts: [.init("observed", "12 ms")]
            )
            #expect(try await alert(later, after: .seconds(60)).0.labels == fired.labels)
        }
    }

    @Test func whatChangesIsAnAnnotation() async throws {
        let (alert, _) = try await alert(notice(), ["runbook-url": "https://example.org/runbook"])
        #expect(alert.annotations["observed"] == "54.6 ms")
        #expect(alert.annotations["kind"] == "fired")
        #expect(alert.annotations["notice"] == "quantumleap.17")
        #expect(alert.annotations["criteria"] == "p95")
        #expect(alert.annotations["runbook_url"] == "https://example.org/runbook")
        #expect(alert.generatorURL == nil)
    }

    @Test func aFiringAlertEndsAfterItsLifetimeAndAResolvedOneNow() async throws {
        let fired = try await alert(notice()).0
        #expect(fired.startsAt == "2026-06-09T10:03:20.000Z")
        #expect(fired.endsAt == "2026-06-10T10:13:20.000Z")
        #expect(try await alert(notice(), ["lifetime": "1 h"]).0.endsAt == "2026-06-09T11:13:20.000Z")
        #expect(try await alert(notice(kind: .resolved)).0.endsAt == "2026-06-09T10:13:20.000Z")
        #expect(try await alert(notice(kind: .test)).0.endsAt == "2026-06-09T10:18:20.000Z")
    }

    @Test func aClockSetBackDoesNotMakeAnEndBeforeTheStart() async throws {
        let resolved = try await alert(notice(kind: .resolved), after: .seconds(-3600)).0
        #expect(resolved.endsAt > resolved.startsAt)
    }

    @Test func factsWithNamesThatAreNoLabelNamesAreLeftOut() async throws {
        let (alert, _) = try await alert(
            notice(facts: [.init("p95-ms", "1"), .init("__secret", "2"), .init("summary", "3"), .init("9", "4")])
        )
        #expect(alert.annotations["p95-ms"] == nil && alert.annotations["__secret"] == nil)
        #expect(alert.annotations["summary"] != "3" && alert.annotations["9"] == nil)
    }

    @Test func itIsSentAgainEveryMinuteUnlessToldOtherwise() throws {
        #expect(try channel("alertmanager", settings).refresh == .seconds(60))
        #expect(try channel("alertmanager", settings.merging(["refresh": "0 s"]) { $1 }).refresh == nil)
        #expect(try channel("console", [:]).refresh == nil)
    }

    @Test func itSaysWhoSends() async throws {
        #expect(try await alert(notice(), ["token": "env:TOKEN"]).1.header("authorization") == "Bearer t0ken")
        let basic = try await alert(notice(), ["user": "env:USER", "password": "env:PASSWORD"]).1
        #expect(basic.header("authorization") == "Basic b3BzOnBhOnNz")
    }

    @Test(
        arguments: [
            ["labels": .map(["not-a-label": "x"])], ["labels": .map(["severity": "x"])],
            ["labels": .map(["__x": "x"])], ["generator-url": "not a url"], ["refresh": "2 d"],
            ["lifetime": "30 s", "refresh": "60 s"], ["token": "env:A", "user": "env:B"], ["user": "env:B"],
        ] as [[String: Setting]]
    )
    func badSettingsAreRefusedAtLoad(more: [String: Setting]) throws {
        #expect(throws: Diagnostic.self) { try channel("alertmanager", settings.merging(more) { $1 }) }
    }

    private struct Alert: Decodable {
        let labels: [String: String]
        let annotations: [String: String]
        let startsAt: String
        let endsAt: String
        let generatorURL: String?
    }
}

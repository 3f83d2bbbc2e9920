import FoundationEssentials
import PhasegateCore
import PhasegateNotices
import Testing

@Suite("Notices as CloudEvents")
struct CloudEventsChannelTests {
    private func sent(_ mode: Setting?, _ notice: Notice = notice()) async throws -> OutgoingRequest {
        let http = RecordingHTTP()
        var settings: [String: Setting] = ["url": "https://example.org/events"]
        settings["mode"] = mode
        _ = try await channel("cloudevents", settings, http: http).send(notice, attempt: attempt())
        return try #require(http.requests.first)
    }

    @Test func structuredModePutsEverythingIntoTheBody() async throws {
        let request = try await sent(nil)
        #expect(request.header("content-type") == "application/cloudevents+json; charset=utf-8")
        let event = try JSONDecoder().decode(Event.self, from: Data(request.body))
        #expect(event.specversion == "1.0")
        #expect(event.id == "quantumleap.17")
        #expect(event.source == "/phasegate/quantumleap")
        #expect(event.type == "dev.phasegate.notice.fired")
        #expect(event.subject == "quantumleap/query-optimisation/R003")
        #expect(event.time == "2026-06-09T10:13:15.000Z")
        #expect(event.severitytext == "HIGH" && event.severitynumber == 17)
        #expect(event.correlationid == "quantumleap/query-optimisation/R003@2026-06-09T10:03:20.000Z")
        #expect(event.data.level == "HIGH")
    }

    @Test func binaryModePutsAttributesIntoHeaders() async throws {
        let request = try await sent("binary")
        #expect(request.header("content-type") == "application/json")
        #expect(request.header("ce-id") == "quantumleap.17")
        #expect(request.header("ce-severitynumber") == "17")
        let data = try JSONDecoder().decode(Content.self, from: Data(request.body))
        #expect(data.level == "HIGH")
    }

    @Test func aHeaderCannotBeBrokenOutOf() async throws {
        let request = try await sent("binary", notice(id: "a\r\nx-evil: 1\u{FC} \"%"))
        #expect(request.header("ce-id") == "a%0D%0Ax-evil:%201%C3%BC%20%22%25")
    }

    private struct Content: Decodable {
        let level: String
    }
    private struct Event: Decodable {
        let specversion: String
        let id: String
        let source: String
        let type: String
        let subject: String
        let time: String
        let severitytext: String
        let severitynumber: Int
        let correlationid: String
        let data: Content
    }
}

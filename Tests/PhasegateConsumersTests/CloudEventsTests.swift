import Foundation
import PhasegateCore
import PhasegateTesting
import Testing

/// The SDK of CloudEvents reads our events.
@Suite("A reader of CloudEvents", .needs(.python), .timeLimit(.minutes(2)))
struct CloudEventsTests {
    /// What the SDK understood.
    private struct Event: Decodable {
        struct Content: Decodable {
            let title: String
        }

        let attributes: [String: String]
        let time: Double
        let data: Content
    }

    @Test("reads every attribute and the data in both modes", arguments: ["structured", "binary"])
    func reads(_ mode: String) async throws {
        let receiver = try await Receiver("receive_http.py")
        let channel = try makeChannel(
            "cloudevents",
            ["url": .text("http://127.0.0.1:\(receiver.port)/events"), "mode": .text(mode)]
        )
        // A percent sign and an umlaut have to be encoded in headers.
        let notice = makeNotice(rollout: "größe 5%", startedAt: .now)
        _ = try await channel.send(notice, attempt: DeliveryAttempt(number: 1, at: .now))
        let request = try await receiver.next(ReceivedRequest.self)
        await receiver.stop()
        #expect((request.headers["ce-id"] != nil) == (mode == "binary"))
        let run = try await request.read(by: "read_cloudevent.py")
        try #require(run.succeeded, "\(run.errors)")
        let event = try JSONDecoder().decode(Event.self, from: run.output)
        #expect(event.attributes["id"] == "readers.17" && event.attributes["specversion"] == "1.0")
        #expect(event.attributes["type"] == "dev.phasegate.notice.fired")
        #expect(event.attributes["source"] == "/phasegate/gr%C3%B6%C3%9Fe%205%25")
        #expect(event.attributes["subject"] == notice.episode.rawValue)
        #expect(event.attributes["severitytext"] == "HIGH")
        #expect(abs(event.time - Double(notice.raisedAt.milliseconds) / 1_000) < 0.001)
        #expect(event.data.title == notice.title)
    }
}

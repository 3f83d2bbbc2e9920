import Foundation
import PhasegateCore
import PhasegateTesting
import Testing

/// The library that receivers of Standard Webhooks use verifies what we sign.
@Suite("A verifier of webhooks", .needs(.python), .timeLimit(.minutes(2)))
struct WebhookVerifierTests {
    private static func secret(_ byte: UInt8) -> String {
        "whsec_" + Data(repeating: byte, count: 32).base64EncodedString()
    }

    private let old = secret(1)
    private let new = secret(2)

    /// What a receiver gets from a channel that signs with these.
    private func received(signedBy secrets: [String], at moment: Moment = .now) async throws -> ReceivedRequest {
        let receiver = try await Receiver("receive_http.py")
        let references = secrets.indices.map { "env:SECRET_\($0)" }
        let channel = try makeChannel(
            "webhook",
            [
                "url": .text("http://127.0.0.1:\(receiver.port)/hook"),
                "secret": .list(references.map { .text($0) }),
            ],
            secrets: Dictionary(uniqueKeysWithValues: zip(references, secrets))
        )
        let notice = makeNotice(startedAt: .now + .seconds(-3_600))
        #expect(try await channel.send(notice, attempt: DeliveryAttempt(number: 1, at: moment)) == "200")
        let request = try await receiver.next(ReceivedRequest.self)
        await receiver.stop()
        return request
    }

    private func accepts(_ request: ReceivedRequest, with secret: String) async throws -> Bool {
        let run = try await request.read(by: "verify_webhook.py", [secret])
        #expect(run.succeeded || run.errors.contains("refused: "), "\(run.errors)")
        return run.succeeded
    }

    @Test("takes what is signed with its secret, and nothing else")
    func verifies() async throws {
        let request = try await received(signedBy: [new])
        #expect(try await accepts(request, with: new))
        #expect(try await !accepts(request, with: old))
        #expect(request.headers["webhook-id"] == "readers.17")
        let forged = ReceivedRequest(
            path: request.path,
            headers: request.headers,
            body: request.body.replacing("54.6", with: "44.6")
        )
        #expect(forged.body != request.body)
        #expect(try await !accepts(forged, with: new))
    }

    @Test("takes it before, during and after a change of secrets")
    func verifiesDuringRotation() async throws {
        let during = try await received(signedBy: [new, old])
        #expect(try await accepts(during, with: old))
        #expect(try await accepts(during, with: new))
        let after = try await received(signedBy: [new])
        #expect(try await !accepts(after, with: old))
    }

    @Test("takes a late attempt, because it is signed afresh with the same identifier")
    func retriesAreFresh() async throws {
        let early = try await received(signedBy: [new], at: .now + .seconds(-600))
        #expect(try await !accepts(early, with: new))
        let late = try await received(signedBy: [new])
        #expect(try await accepts(late, with: new))
        #expect(early.headers["webhook-id"] == late.headers["webhook-id"])
    }
}

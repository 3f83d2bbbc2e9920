import FoundationEssentials
import PhasegateCore
import PhasegateHashing
import PhasegateNotices
import Testing

@Suite("Signed webhooks")
struct WebhookChannelTests {
    /// 32 and 24 known bytes.
    private let secrets = [
        "env:NEW": "whsec_MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1ub3BxcnN0dXY=",
        "env:OLD": "whsec_YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4", "env:PLAIN": "It's a Secret to Everybody",
        "env:SHORT": "whsec_MDEyMzQ1Njc4OWFiY2RlZg==", "env:BARE": "MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1ub3BxcnN0dXY=",
    ]

    private func sent(_ settings: [String: Setting], _ notice: Notice = notice()) async throws -> OutgoingRequest {
        let http = RecordingHTTP()
        let all = ["url": "https://example.org/hook"].merging(settings) { $1 }
        _ = try await channel("webhook", all, http: http, secrets: secrets).send(notice, attempt: attempt())
        return try #require(http.requests.first)
    }

    @Test func theCodeIsThatOfRFC4231() {
        let code = hmacSHA256(of: Array("what do ya want for nothing?".utf8), key: Array("Jefe".utf8))
        #expect(hexadecimal(code) == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    }

    /// The specification signs `id.timestamp.body` with the bytes behind `whsec_`; built here from that text alone.
    @Test func theSignatureIsOverIdentifierTimeAndBody() async throws {
        let request = try await sent(["secret": "env:NEW"])
        let signed = Array("quantumleap.17.1781000000.".utf8) + request.body
        let expected = base64(hmacSHA256(of: signed, key: Array("0123456789abcdefghijklmnopqrstuv".utf8)))
        #expect(request.header("webhook-signature") == "v1,\(expected)")
        #expect(request.header("webhook-id") == "quantumleap.17")
        #expect(request.header("webhook-timestamp") == "1781000000")
    }

    /// A fixed vector, computed with Python's `hmac` over the same bytes.
    @Test func theSignatureOfAKnownNoticeIsKnown() async throws {
        let request = try await sent(["secret": "env:NEW"])
        #expect(sha256(of: request.body) == "a652221e8f6856c0499e9760bdabc0d67f0711da853c408b840e44a2883be813")
        #expect(request.header("webhook-signature") == "v1,5TL/JnC0IkCEqT2GHEUf5K7vdZgiqwGQudiM2oKwlXY=")
    }

    @Test func duringARotationEverySecretSigns() async throws {
        let both = try await sent(["secret": .list(["env:NEW", "env:OLD"])]).header("webhook-signature")
        let new = try await sent(["secret": "env:NEW"]).header("webhook-signature")
        let old = try await sent(["secret": "env:OLD"]).header("webhook-signature")
        #expect(both == "\(try #require(new)) \(try #require(old))")
        #expect(new != old)
    }

    @Test func gitHubsSignatureIsOverTheBody() async throws {
        let request = try await sent(["secret": "env:PLAIN", "signature": "github"])
        let expected = hexadecimal(hmacSHA256(of: request.body, key: Array("It's a Secret to Everybody".utf8)))
        #expect(request.header("x-hub-signature-256") == "sha256=\(expected)")
        #expect(request.header("webhook-signature") == nil)
        #expect(request.header("webhook-id") == "quantumleap.17")
    }

    @Test(arguments: ["env:SHORT", "env:BARE"])
    func aWeakOrUnmarkedSecretSignsNothing(reference: String) async throws {
        let http = RecordingHTTP()
        let hook = try channel(
            "webhook",
            ["url": "https://example.org", "secret": .text(reference)],
            http: http,
            secrets: secrets
        )
        let failure = try #require(await failing(hook))
        #expect(failure.remedy == .giveUp)
        #expect(failure.message.contains(reference))
        #expect(!failure.message.contains("MDEy"))
        #expect(http.requests.isEmpty)
    }

    @Test func theBodyIsOneEventWithTheNoticeInIt() async throws {
        let request = try await sent(["secret": "env:NEW"], notice(kind: .resolved))
        let event = try JSONDecoder().decode(Event.self, from: Data(request.body))
        #expect(event.type == "phasegate.notice.resolved")
        #expect(event.timestamp == "2026-06-09T10:13:15.000Z")
        #expect(event.data.id == "quantumleap.17")
        #expect(event.data.body.hasSuffix("Contact: L. Brandt in #database"))
        #expect(event.data.facts.map(\.value) == ["54.6 ms", "> 50 ms"])
    }

    @Test func aHugeNoticeStaysBelowTwentyKilobytesAndSaysThatItWasCut() async throws {
        let value = String(repeating: "\"\\\u{1F6A8}\u{0301}\n", count: 1_000_000)
        let huge = notice(
            reason: value,
            criteria: (0..<1000).map { _ in CriterionName(rawValue: value) },
            title: value,
            body: value,
            facts: (0..<1000).map { _ in .init(value, value) }
        )
        let request = try await sent(["secret": "env:NEW"], huge)
        #expect(request.body.count < 20_000)
        let event = try JSONDecoder().decode(Event.self, from: Data(request.body))
        #expect(event.data.body.contains("[cut: "))
    }

    @Test func controlCharactersAndBidiMarksAreLeftOut() async throws {
        let hostile = "a\u{0}b\u{1B}[2Jc\u{202E}d]]><script>"
        let request = try await sent(["secret": "env:NEW"], notice(title: hostile, body: hostile))
        let event = try JSONDecoder().decode(Event.self, from: Data(request.body))
        #expect(event.data.body == "ab[2Jcd]]><script>")
        #expect(event.data.title == "a b [2Jc d]]><script>")
    }

    private struct Event: Decodable {
        struct Fact: Decodable {
            let name: String
            let value: String
        }
        struct Content: Decodable {
            let id: String
            let title: String
            let body: String
            let facts: [Fact]
        }
        let type: String
        let timestamp: String
        let data: Content
    }
}

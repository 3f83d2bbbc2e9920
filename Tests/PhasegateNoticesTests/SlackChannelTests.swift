import FoundationEssentials
import PhasegateCore
import PhasegateNotices
import Testing

@Suite("Messages to a chat")
struct SlackChannelTests {
    private let address = "https://hooks.slack.com/services/T000/B000/XXXXXXXXXXXXXXXXXXXX"

    private func slack(_ http: RecordingHTTP) throws -> any NoticeChannel {
        try channel("slack", ["url": "env:SLACK_URL"], http: http, secrets: ["env:SLACK_URL": address])
    }

    private func message(_ notice: Notice = notice()) async throws -> (Message, String) {
        let http = RecordingHTTP(IncomingAnswer(status: 200, body: Array("ok".utf8)))
        _ = try await slack(http).send(notice, attempt: attempt())
        let request = try #require(http.requests.first)
        return (try JSONDecoder().decode(Message.self, from: Data(request.body)), request.text)
    }

    @Test func aMessageHasATextAndBlocks() async throws {
        let (message, _) = try await message()
        #expect(message.text == "HIGH: \u{1F6A8} RISK ALERT: R003 - Performance regression")
        #expect(message.blocks.map(\.type) == ["header", "section", "context"])
        #expect(message.blocks[1].text?.text.contains("Contact: L. Brandt in #database") == true)
    }

    @Test func dataCanNeitherMentionNorForgeALink() async throws {
        let hostile = "<!channel> <https://evil.example|your bank> <@U024BE7LH> & @here &lt;!channel&gt;"
        let (message, raw) = try await message(
            notice(reason: hostile, level: hostile, phase: .init(rawValue: hostile), title: hostile, body: hostile)
        )
        #expect(!raw.contains("<") && !raw.contains(">"))
        let shown = try #require(message.blocks[1].text?.text)
        #expect(shown.hasPrefix("&lt;!channel&gt; &lt;https://evil.example|your bank&gt;"))
        #expect(shown.hasSuffix("&amp; @here &amp;lt;!channel&amp;gt;"))
        // Without `verbatim`, Slack would look for names and addresses by itself.
        for text in message.blocks.flatMap(\.texts) where text.type == "mrkdwn" { #expect(text.verbatim == true) }
    }

    @Test func everythingStaysWithinSlacksLimits() async throws {
        for piece in ["<&>", "word ", "\u{1F6A8}\u{0301}", "line of text\n"] {
            let long = String(repeating: piece, count: 500_000)
            let (message, raw) = try await message(notice(title: long, body: long))
            #expect(raw.utf16.count <= 13_000)
            #expect(message.blocks.count <= 50)
            for block in message.blocks {
                let limit = block.type == "header" ? 150 : 3000
                for text in block.texts { #expect((1...limit).contains(text.text.utf16.count)) }
            }
            #expect(raw.contains("[cut: "))
        }
    }

    @Test(
        arguments: [
            ("invalid_token", .giveUp), (#"{"ok":false,"error":"channel_not_found"}"#, .giveUp),
            (#"{"ok":false,"error":"internal_error"}"#, .retry(after: nil)), ("", .retry(after: nil)),
            ("<html>log in</html>", .retry(after: nil)), ("ok, but no", .retry(after: nil)),
        ] as [(String, DeliveryFailure.Remedy)]
    )
    func anythingButOkIsAFailureEvenWith200(body: String, remedy: DeliveryFailure.Remedy) async throws {
        let failure = try #require(await failing(slack(RecordingHTTP(.init(status: 200, body: Array(body.utf8))))))
        #expect(failure.remedy == remedy)
    }

    @Test(arguments: ["ok", "ok\n", #"{"ok":true}"#])
    func okArrives(body: String) async throws {
        #expect(await failing(try slack(RecordingHTTP(.init(status: 200, body: Array(body.utf8))))) == nil)
    }

    private struct Message: Decodable {
        struct Text: Decodable {
            let type: String
            let text: String
            let verbatim: Bool?
        }
        struct Block: Decodable {
            let type: String
            let text: Text?
            let elements: [Text]?
            var texts: [Text] { [text].compactMap(\.self) + (elements ?? []) }
        }
        let text: String
        let blocks: [Block]
    }
}

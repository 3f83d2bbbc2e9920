import PhasegateCore
import PhasegateNotices
import PhasegateTesting
import Testing

/// Against a real socket, through libcurl.
@Suite("What each answer of a receiver means", .timeLimit(.minutes(1)))
struct HTTPDeliveryTests {
    private let secrets = ["env:HOOK_SECRET": "whsec_MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1ub3BxcnN0dXY="]

    private func hook(_ address: String, _ more: [String: Setting] = [:]) throws -> any NoticeChannel {
        let settings: [String: Setting] = ["url": .text(address), "secret": .text("env:HOOK_SECRET")]
        return try channel("webhook", settings.merging(more) { $1 }, secrets: secrets)
    }

    @Test func anAnswerOf200IsArrival() async throws {
        let server = try ScriptedHTTPServer(.reply(200, body: "thanks"))
        let receipt = try await hook(server.address + "/hook").send(notice(), attempt: attempt())
        #expect(receipt == "200")
        let request = try #require(server.requests.first)
        #expect(request.line == "POST /hook HTTP/1.1")
        #expect(request.headers["webhook-id"] == "quantumleap.17")
        #expect(request.headers["expect"] == nil)
        #expect(String(decoding: request.body, as: UTF8.self).hasPrefix(#"{"type":"phasegate.notice.fired""#))
    }

    @Test(
        arguments: [
            (408, .retry(after: nil)), (425, .retry(after: nil)), (429, .retry(after: nil)),
            (500, .retry(after: nil)), (503, .retry(after: nil)), (400, .giveUp), (401, .giveUp), (404, .giveUp),
            (422, .giveUp), (410, .closeChannel), (302, .giveUp), (304, .giveUp),
        ] as [(Int, DeliveryFailure.Remedy)]
    )
    func statusesSayWhetherTryingAgainHelps(status: Int, remedy: DeliveryFailure.Remedy) async throws {
        let server = try ScriptedHTTPServer(.reply(status))
        let failure = try #require(await failing(hook(server.address)))
        #expect(failure.remedy == remedy)
        #expect(failure.message.contains("\(status)"))
    }

    @Test(
        arguments: [
            ("120", .seconds(120)), ("0", .zero), ("172800", .seconds(172_800)),
            ("99999999999999999999", .seconds(Int64.max)),
            ("Tue, 09 Jun 2026 10:15:20 GMT", .seconds(120)), ("Tue, 09 Jun 2026 10:13:00 GMT", .zero),
            ("Thu, 11 Jun 2026 10:13:20 GMT", .seconds(172_800)), ("soon", nil), ("-5", nil),
        ] as [(String, Duration?)]
    )
    func retryAfterIsHandedOnInBothForms(text: String, wait: Duration?) async throws {
        let server = try ScriptedHTTPServer(.reply(429, headers: ["Retry-After: \(text)"]))
        #expect(await failing(try hook(server.address))?.remedy == .retry(after: wait))
    }

    @Test func aRedirectIsNotFollowedAndItsTargetNotNamed() async throws {
        let target = try ScriptedHTTPServer(.reply(200))
        let server = try ScriptedHTTPServer(.reply(307, headers: ["Location: \(target.address)/stolen"]))
        let failure = try #require(await failing(hook(server.address)))
        #expect(failure.remedy == .giveUp)
        #expect(!failure.message.contains("127.0.0.1"))
        #expect(target.requests.isEmpty)
        #expect(server.requests.count == 1)
    }

    @Test(.timeLimit(.minutes(5))) func aHangEndsAtTheTimeout() async throws {
        let server = try ScriptedHTTPServer(.hang)
        let began = ContinuousClock.now
        let failure = try #require(await failing(hook(server.address, ["timeout": .text("300 ms")])))
        let taken = ContinuousClock.now - began
        #expect(failure == DeliveryFailure("no answer within 300 ms"))
        // No upper bound: on a busy machine the test itself may wait for its turn.
        #expect(taken >= .milliseconds(290))
    }

    @Test func cancellingEndsAHang() async throws {
        let server = try ScriptedHTTPServer(.hang)
        let channel = try hook(server.address, ["timeout": .text("100 s")])
        let sending = Task { await failing(channel) }
        while server.requests.isEmpty { await Task.yield() }
        sending.cancel()
        let failure = try #require(await sending.value)
        #expect(failure.remedy == .retry(after: nil))
        #expect(failure.message.contains("stopped"))
    }

    @Test func anUnreachablePortIsTriedAgain() async throws {
        let port = try ScriptedHTTPServer(.hang).address
        let failure = try #require(await failing(hook(port)))
        #expect(failure.remedy == .retry(after: nil))
        #expect(!failure.message.contains("127.0.0.1"))
    }

    @Test func nobodyReadsAnEndlessAnswerToItsEnd() async throws {
        let server = try ScriptedHTTPServer(.endless)
        #expect(try await hook(server.address).send(notice(), attempt: attempt()) == "200")
        // What was under way in socket buffers counts as sent; a reader without a limit would take 100 MB.
        #expect(server.bytesSent < 16 << 20)
    }

    @Test(arguments: [ScriptedHTTPServer.Answer.close, .stopMidway])
    func aBrokenConnectionIsTriedAgain(answer: ScriptedHTTPServer.Answer) async throws {
        let server = try ScriptedHTTPServer(answer)
        #expect(await failing(try hook(server.address))?.remedy == .retry(after: nil))
    }

    @Test func aRetryKeepsTheIdentifierAndSignsAfresh() async throws {
        let server = try ScriptedHTTPServer(.reply(500), .reply(200))
        let channel = try hook(server.address)
        _ = await failing(channel)
        _ = try await channel.send(notice(), attempt: attempt(2, after: .seconds(90)))
        let requests = server.requests
        try #require(requests.count == 2)
        #expect(requests[0].headers["webhook-id"] == requests[1].headers["webhook-id"])
        #expect(requests[0].body == requests[1].body)
        #expect(requests[0].headers["webhook-timestamp"] == "1781000000")
        #expect(requests[1].headers["webhook-timestamp"] == "1781000090")
        #expect(requests[0].headers["webhook-signature"] != requests[1].headers["webhook-signature"])
    }

    /// Who installs the library gets the notice.
    @Test func aMissingLibraryIsNamedWithItsRemedyAndTriedAgain() async throws {
        let hook = try channel(
            "webhook",
            ["url": "http://127.0.0.1:9", "secret": "env:HOOK_SECRET"],
            http: CurlHTTP(library: "libcurl-that-is-not-there.so.4"),
            secrets: secrets
        )
        let failure = try #require(await failing(hook))
        #expect(failure.remedy == .retry(after: nil))
        #expect(failure.message.contains("install libcurl"))
    }

    @Test func manyAtOnceAllArrive() async throws {
        let server = try ScriptedHTTPServer(.reply(200))
        let channel = try hook(server.address)
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<50 {
                group.addTask { #expect(await failing(channel, notice(id: NoticeID(rawValue: "n.\(number)"))) == nil) }
            }
        }
        #expect(Set(server.requests.compactMap { $0.headers["webhook-id"] }).count == 50)
    }
}

import Foundation
import FoundationNetworking
import PhasegateCore
import PhasegateFlagServer
import PhasegateFlags
import PhasegateTesting
import Testing

@Suite("flags over HTTP", .timeLimit(.minutes(2)))
struct FlagServerTests {
    @Test func everybodyGetsTheAnswerOfTheRule() async throws {
        let bench = try FlagServerBench()
        try bench.set("orders", to: 2500)
        let rule = try #require(try bench.store.record(of: "orders")).rule
        try await bench.serving { (client) async throws in
            for number in 0..<200 {
                #expect(try await client.isOn("orders", "user-\(number)") == rule.isExposed("user-\(number)"))
            }
        }
    }

    @Test func whoIsAskedForIsWhatTheFlagBucketsBy() async throws {
        let bench = try FlagServerBench()
        let draw = FlagDraw(salt: "orders", bucketBy: "tenant", cohort: .ranked(["acme"]))
        try bench.store.set(
            key: "orders",
            draw: draw,
            share: BasisPoints(rawValue: 500),
            expecting: nil,
            actor: "lead",
            reason: "gate passed",
            at: Moment(milliseconds: 0)
        )
        try await bench.serving { (client) async throws in
            let answers = [
                #"{"context":{"targetingKey":"user-1","tenant":"acme","age":7,"tags":["x"]}}"#: "true",
                #"{"context":{"targetingKey":"acme","tenant":"other"}}"#: "false",
                #"{"context":{"targetingKey":"acme"}}"#: "false",
                #"{"context":{"targetingKey":"acme","tenant":7}}"#: "false",
            ]
            for (question, value) in answers {
                let answer = try await client.ask("/ofrep/v1/evaluate/flags/orders", question)
                #expect(answer.status == 200 && answer.body.contains("\"value\":\(value)"), "\(question)")
            }
        }
    }

    @Test func aKillHoldsFromTheNextQuestionOn() async throws {
        let bench = try FlagServerBench()
        try bench.set("orders", to: 10_000)
        try await bench.serving { (client) async throws in
            for _ in 0..<20 {
                try bench.set("orders", to: 10_000)
                #expect(try await client.isOn("orders", "user-1"))
                try bench.set("orders", to: 0)
                #expect(try await !client.isOn("orders", "user-1"))
            }
        }
    }

    @Test func whatIsAskedWronglyIsToldSo() async throws {
        let bench = try FlagServerBench()
        try bench.set("orders", to: 5000)
        try await bench.serving { (client) async throws in
            let unknown = try await client.ask("/ofrep/v1/evaluate/flags/nobody")
            #expect(unknown.status == 404)
            #expect(unknown.body.contains("FLAG_NOT_FOUND") && unknown.body.contains("errorDetails"))
            for body in ["", "no JSON", "[]", "{}", #"{"context":"x"}"#, #"{"context":{"targetingKey":7}}"#] {
                let answer = try await client.ask("/ofrep/v1/evaluate/flags/orders", body)
                #expect(answer.status == 400, "\(body)")
                #expect(answer.body.contains("PARSE_ERROR"))
            }
            let long = #"{"context":{"x":"\#(String(repeating: "y", count: 70_000))"}}"#
            #expect(try await client.ask("/ofrep/v1/evaluate/flags/orders", long).status == 413)
            // Without a key nobody is drawn, and clients do ask without one.
            let keyless = try await client.ask("/ofrep/v1/evaluate/flags/orders", #"{"context":{}}"#)
            #expect(keyless.status == 200)
            #expect(keyless.body.contains(#""value":false,"reason":"UNKNOWN","variant":"off""#))
        }
    }

    @Test func theTagGoesWithTheAnswers() async throws {
        let bench = try FlagServerBench()
        try bench.set("orders", to: 5000)
        let rule = try #require(try bench.store.record(of: "orders")).rule
        let users = (0..<50).map { "user-\($0)" }
        let on = try #require(users.first { rule.isExposed($0) })
        let off = try #require(users.first { !rule.isExposed($0) })
        func context(_ user: String) -> String { #"{"context":{"targetingKey":"\#(user)"}}"# }
        try await bench.serving { (client) async throws in
            let path = "/ofrep/v1/evaluate/flags"
            let first = try await client.ask(path, context(on))
            let tag = try #require(first.headers["etag"])
            #expect(first.body.contains(#""type":"sse""#))
            let again = try await client.ask(path, context(on), ["If-None-Match": tag])
            #expect(again.status == 304 && again.body.isEmpty)
            // Another user with the same flags.
            #expect(try await client.ask(path, context(off), ["If-None-Match": tag]).status == 200)
            try bench.set("orders", to: 0)
            #expect(try await client.ask(path, context(on), ["If-None-Match": tag]).status == 200)
        }
    }

    @Test func onlyThoseWithATokenMayAsk() async throws {
        let bench = try FlagServerBench()
        try bench.set("orders", to: 10_000)
        try await bench.serving({ $0.tokens = ["first", "s3cr3t"] }) { (client) async throws in
            let path = "/ofrep/v1/evaluate/flags/orders"
            #expect(try await client.ask(path).status == 401)
            #expect(try await client.ask(path, ["Authorization": "Basic s3cr3t"]).status == 401)
            for wrong in ["wrong", "s3cr3", "s3cr3tt", ""] {
                #expect(try await client.ask(path, ["X-API-Key": wrong]).status == 403, "\(wrong)")
            }
            for headers in [["Authorization": "Bearer s3cr3t"], ["X-API-Key": "s3cr3t"], ["X-API-Key": "first"]] {
                #expect(try await client.ask(path, headers).status == 200)
            }
            // Only where a browser cannot send headers.
            #expect(try await client.ask(path + "?token=s3cr3t").status == 401)
        }
    }

    @Test func pagesOfNamedOriginsMayAsk() async throws {
        let bench = try FlagServerBench()
        try bench.set("orders", to: 10_000)
        try await bench.serving({
            $0.origins = ["https://shop.example"]
            $0.tokens = ["s3cr3t"]
        }) { (client) async throws in
            let path = "/ofrep/v1/evaluate/flags"
            let before = try await client.ask(path, "", method: "OPTIONS", ["Origin": "https://shop.example"])
            #expect(before.status == 204)
            #expect(before.headers["access-control-allow-headers"]?.contains("If-None-Match") == true)
            let headers = ["Origin": "https://shop.example", "X-API-Key": "s3cr3t"]
            let answer = try await client.ask(path, headers)
            #expect(answer.headers["access-control-allow-origin"] == "https://shop.example")
            #expect(answer.headers["access-control-expose-headers"]?.contains("ETag") == true)
            let other = try await client.ask(path, ["Origin": "https://evil.example", "X-API-Key": "s3cr3t"])
            #expect(other.headers["access-control-allow-origin"] == nil)
        }
    }

    @Test func whoAsksTooOftenIsToldToWaitInWholeSeconds() async throws {
        let bench = try FlagServerBench()
        try bench.set("orders", to: 10_000)
        try await bench.serving({ $0.questionsPerSecond = 3 }) { (client) async throws in
            var statuses: [Int] = []
            for _ in 0..<40 {
                let answer = try await client.ask("/ofrep/v1/evaluate/flags/orders")
                statuses.append(answer.status)
                if answer.status == 429 { #expect(answer.headers["retry-after"] == "1") }
            }
            #expect(statuses.prefix(3) == [200, 200, 200])
            #expect(statuses.contains(429))
        }
    }

    @Test func whoListensHearsOfAChange() async throws {
        let bench = try FlagServerBench()
        try bench.set("orders", to: 10_000)
        try await bench.serving { (client) async throws in
            let url = try #require(URL(string: client.address + "/ofrep/v1/stream"))
            let listener = Listener()
            let session = URLSession(configuration: .ephemeral, delegate: listener, delegateQueue: nil)
            session.dataTask(with: url).resume()
            defer { session.invalidateAndCancel() }
            var pieces = listener.pieces.makeAsyncIterator()
            #expect(await pieces.next()?.hasPrefix(":") == true)
            try bench.set("orders", to: 0)
            let event = try #require(await pieces.next())
            #expect(event.hasPrefix("event: message\ndata: {"))
            #expect(event.contains(#""type":"refetchEvaluation""#))
            #expect(event.hasSuffix("\n\n"))
        }
    }

    @Test func aStoreThatIsNotThereKeepsTheServerFromStarting() throws {
        let bench = try FlagServerBench()
        #expect(throws: FlagError.self) { try FlagServer(store: bench.store, settings: .init()) }
        try Data("no database".utf8).write(to: URL(filePath: bench.store.path))
        #expect(throws: FlagError.self) { try FlagServer(store: bench.store, settings: .init()) }
    }

    /// The callers' own defaults may be the new variant, so that an error would expose everybody.
    @Test func aStoreThatIsLostExposesNobody() async throws {
        let bench = try FlagServerBench()
        try bench.set("orders", to: 10_000)
        try await bench.serving { (client) async throws in
            #expect(try await client.isOn("orders", "user-1"))
            for name in ["flags.db", "flags.db-wal", "flags.db-shm"] {
                try? FileManager.default.removeItem(atPath: bench.directory.path(of: name))
            }
            let lost = try await client.ask("/ofrep/v1/evaluate/flags/orders")
            #expect(lost.status == 200)
            #expect(lost.body.contains(#""value":false,"reason":"UNKNOWN""#))
            try bench.set("orders", to: 10_000)
            #expect(try await client.isOn("orders", "user-1"))
        }
    }
}

extension FlagClient {
    /// The usual question with other headers.
    func ask(_ path: String, _ headers: [String: String]) async throws -> Answer {
        try await ask(path, #"{"context":{"targetingKey":"user-1"}}"#, method: "POST", headers)
    }

    /// Another question with other headers.
    func ask(_ path: String, _ body: String, _ headers: [String: String]) async throws -> Answer {
        try await ask(path, body, method: "POST", headers)
    }
}

/// Takes in what a stream sends, piece by piece.
private final class Listener: NSObject, URLSessionDataDelegate, Sendable {
    let pieces: AsyncStream<String>
    private let continuation: AsyncStream<String>.Continuation

    override init() {
        (pieces, continuation) = AsyncStream.makeStream(of: String.self)
        super.init()
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        continuation.yield(String(decoding: data, as: UTF8.self))
    }
}

import Foundation
import FoundationNetworking
import PhasegateCore
import PhasegateHTTPServer
import PhasegateObservations
import PhasegateTesting
import Testing

@testable import PhasegateObservationServer

@Suite("Applications send what their users saw over HTTP")
struct HTTPSourceTests {
    private let bench: SourceBench

    init() throws { bench = try SourceBench() }

    private struct Answer {
        let status: Int
        let body: String
        let retryAfter: String?
    }

    /// Serves for as long as the body takes; the judge takes each batch once it has passed the door.
    private func serving(
        _ settings: [String: Setting] = ["listen": .text("127.0.0.1:0"), "insecure": .truth(true)],
        capacity: Int = 200_000,
        judge: Door? = nil,
        _ body: (Catch, Int) async throws -> Void
    ) async throws {
        let (ports, found) = AsyncStream.makeStream(of: Int.self)
        let source = try HTTPSource(.map(settings), in: bench.context, capacity: capacity) { found.yield($0) }
        let kept = Catch()
        let task = Task {
            try await source.observe { batch in
                await judge?.pass()
                kept.take(batch)
            }
        }
        var iterator = ports.makeAsyncIterator()
        let port = try #require(await iterator.next())
        do {
            try await body(kept, port)
        } catch {
            task.cancel()
            throw error
        }
        task.cancel()
        try await task.value
        // Nobody listens any more.
        await #expect(throws: URLError.self) { _ = try await send("", to: port) }
    }

    private func send(_ body: String, to port: Int, _ headers: [String: String] = [:]) async throws -> Answer {
        var request = URLRequest(url: try #require(URL(string: "http://127.0.0.1:\(port)/v1/observations")))
        request.httpMethod = "POST"
        request.httpBody = Data(body.utf8)
        request.timeoutInterval = 20
        for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
        let (data, response) = try await URLSession.shared.data(for: request)
        let answer = try #require(response as? HTTPURLResponse)
        return Answer(
            status: answer.statusCode,
            body: String(decoding: data, as: UTF8.self),
            retryAfter: answer.value(forHTTPHeaderField: "Retry-After")
        )
    }

    private let line = #"{"arm":"candidate","user":"u1","ms":5}"# + "\n"

    @Test func whatIsSentIsHandedOver() async throws {
        try await serving { (kept, port) async throws in
            let answer = try await send(line + #"{"arm":"control"}"#, to: port)
            #expect(answer.status == 202)
            #expect(answer.body == #"{"accepted":2,"rejected":0}"# + "\n")
            #expect(await eventually { kept.requests.count == 2 })
            #expect(kept.requests.first?.user == Observation.User("u1"))
        }
    }

    @Test func linesThatAreNoneAreCountedAndTold() async throws {
        try await serving { (kept, port) async throws in
            let some = try await send(line + "?\n" + line + "!\n", to: port)
            #expect(some.status == 202)
            #expect(some.body.hasPrefix(#"{"accepted":2,"rejected":2,"line":2,"#))
            let none = try await send("?\n", to: port)
            #expect(none.status == 400)
            #expect(none.body.contains(#""line":1"#))
            #expect(await eventually { kept.batches.rejected?.count == 3 })
        }
    }

    @Test func withoutTheTokenNothingIsTaken() async throws {
        let file = bench.directory.path(of: "token")
        try Data("correct-horse\n".utf8).write(to: URL(filePath: file))
        let settings: [String: Setting] = ["listen": .text("127.0.0.1:0"), "token": .text("file:token")]
        try await serving(settings) { (kept, port) async throws in
            #expect(try await send(line, to: port).status == 401)
            #expect(try await send(line, to: port, ["Authorization": "Bearer correct-hors"]).status == 403)
            #expect(try await send(line, to: port, ["Authorization": "Bearer correct-horse"]).status == 202)
            #expect(await eventually { !kept.requests.isEmpty })
            #expect(kept.requests.count == 1)
        }
    }

    @Test func aTokenThatIsNotThereOpensNoPort() async throws {
        let settings: Setting = .map(["listen": .text("127.0.0.1:0"), "token": .text("env:PHASEGATE_TEST_NO_TOKEN")])
        let source = try HTTPSource(settings, in: bench.context)
        await #expect(throws: ObservationError.self) { try await source.observe { _ in } }
    }

    @Test(arguments: ["127.0.0.1:0", "[::1]:0", "localhost:0"])
    func insecurityIsForThisMachine(_ address: String) throws {
        #expect(throws: Diagnostic.self) {
            _ = try HTTPSource(.map(["listen": .text(address)]), in: bench.context)
        }
        _ = try HTTPSource(.map(["listen": .text(address), "insecure": .truth(true)]), in: bench.context)
    }

    @Test(arguments: ["0.0.0.0:80", "127.0.0.1.example.org:80", "127.1:80", "[::]:80", "here"])
    func othersNeedAToken(_ address: String) {
        #expect(throws: Diagnostic.self) {
            _ = try HTTPSource(.map(["listen": .text(address), "insecure": .truth(true)]), in: bench.context)
        }
    }

    @Test func aBodyThatIsTooLargeIsRefused() async throws {
        try await serving { (kept, port) async throws in
            let body = String(repeating: line, count: ObservationRoutes.longestBody / line.utf8.count + 1)
            #expect(try await send(body, to: port).status == 413)
            #expect(kept.batches.isEmpty)
        }
    }

    @Test func whoSendsFasterThanIsJudgedIsSentBack() async throws {
        let judge = Door()
        try await serving(capacity: 3, judge: judge) { (kept, port) async throws in
            #expect(try await send(line + line, to: port).status == 202)
            await judge.reached()
            #expect(try await send(line, to: port).status == 202)
            let late = try await send(line, to: port)
            #expect(late.status == 429)
            #expect(late.retryAfter == "1")
            judge.open()
            #expect(await eventually { kept.requests.count == 3 })
            #expect(try await eventually { try await send(line, to: port).status == 202 })
        }
    }

    @Test func aPortThatIsTakenIsSaid() async throws {
        try await serving { (_, port) async throws in
            let settings: Setting = .map(["listen": .text("127.0.0.1:\(port)"), "insecure": .truth(true)])
            let other = try HTTPSource(settings, in: bench.context)
            await #expect(throws: ObservationError.self) { try await other.observe { _ in } }
        }
    }
}

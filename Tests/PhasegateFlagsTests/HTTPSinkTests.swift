import FoundationEssentials
import PhasegateCore
import PhasegateFlags
import PhasegateTesting
import Testing

/// Another flag system's interface: what is sent, what is believed, and what is not.
@Suite("HTTP sink", .timeLimit(.minutes(1)))
struct HTTPSinkTests {
    private typealias Answer = ScriptedHTTPServer.Answer

    private static func shows(_ percent: String, enabled: Bool = true) -> Answer {
        .reply(200, body: #"{"on": \#(enabled), "list": [{"percent": "\#(percent)"}], "revision": 7}"#)
    }

    private func settings(
        _ address: String,
        off: Bool = false,
        change: (inout [String: Setting]) -> Void = { _ in }
    ) -> Setting {
        func call(_ method: String, _ path: String, _ body: String? = nil) -> Setting {
            var members = ["method": Setting.text(method), "url": .text(address + path)]
            members["body"] = body.map(Setting.text)
            return .map(members)
        }
        func expectation(_ pointer: String, _ value: String) -> Setting {
            .map(["at": .text(pointer), "is": .text(value)])
        }
        var members: [String: Setting] = [
            "resolution": .real(0.01), "propagation": .text("1 s"), "timeout": .text("300 ms"),
            "deadline": .text("1200 ms"),
            "write": .list([call("PUT", "/flags/{flag}", #"{"percent": {share_percent}, "bp": "{share_bp}"}"#)]),
            "read": call("GET", "/flags/{flag}"),
            "expect": .list([expectation("/on", "{enabled}"), expectation("/list/0/percent", "{share_percent}")]),
        ]
        if off {
            members["off"] = .list([call("POST", "/flags/{flag}/off")])
            members["expect-off"] = .list([expectation("/on", "false")])
        }
        change(&members)
        return .map(members)
    }

    private func sink(_ settings: Setting) throws -> any FlagSink {
        try FlagSinks.sink(
            from: .init(name: "other", kind: "http", settings: settings),
            of: "reads",
            in: FlagSinkContext(baseDirectory: "/", tables: NoTables())
        )
    }

    private func rule(_ share: Int) -> FlagRule {
        FlagRule(key: "reads", salt: "reads", share: BasisPoints(rawValue: share))
    }

    private func code(_ body: () async throws -> Void) async -> FlagError.Code? {
        do {
            try await body()
            return nil
        } catch {
            return (error as? FlagError)?.code
        }
    }

    // MARK: What goes out and what is read

    @Test func fillsTheTemplatesAndReadsBack() async throws {
        let server = try ScriptedHTTPServer(.reply(204), Self.shows("5"))
        let sink = try sink(settings(server.address))
        try await sink.write(rule(500), over: nil)
        #expect(try await sink.read() == sink.content(for: rule(500)))
        #expect(server.requests.map(\.line) == ["PUT /flags/reads HTTP/1.1", "GET /flags/reads HTTP/1.1"])
        #expect(String(decoding: server.requests[0].body, as: UTF8.self) == #"{"percent": 5, "bp": "500"}"#)
        #expect(server.requests[0].headers["content-type"] == "application/json")
        #expect(sink.content(for: rule(500)) != sink.content(for: rule(2500)) && sink.propagation == .seconds(1))
    }

    @Test func switchesOffByAnotherRequest() async throws {
        let server = try ScriptedHTTPServer(.reply(200), Self.shows("25", enabled: false))
        let sink = try sink(settings(server.address, off: true))
        try await sink.write(rule(0), over: nil)
        #expect(server.requests.map(\.line) == ["POST /flags/reads/off HTTP/1.1"])
        // Whatever share would come back with it.
        #expect(try await sink.read() == sink.content(for: rule(0)))
        #expect(try await sink.read() != sink.content(for: rule(2500)))
    }

    @Test func sendsSecretsAndNeverShowsThem() async throws {
        let directory = try TemporaryDirectory()
        try Data("s3cret-value\n".utf8).write(to: URL(filePath: directory.path(of: "token")))
        let server = try ScriptedHTTPServer(.reply(403))
        let sink = try sink(
            settings(server.address) {
                $0["headers"] = .map(["X-Api-Key": .text("file:" + directory.path(of: "token"))])
            }
        )
        await #expect {
            try await sink.write(rule(500), over: nil)
        } throws: { error in
            let error = error as? FlagError
            return error?.code == .notWritten && error?.message.contains("403") ?? false
                && error?.message.contains("s3cret") == false
        }
        #expect(server.requests[0].headers["x-api-key"] == "s3cret-value")
    }

    @Test func hasNothingWhereTheFlagIsNotThere() async throws {
        let server = try ScriptedHTTPServer(.reply(404, body: "{}"))
        #expect(try await sink(settings(server.address)).read() == nil)
    }

    @Test func writesOverTheRevisionThatWasReadOnly() async throws {
        let server = try ScriptedHTTPServer(Self.shows("0", enabled: false), .reply(200), Self.shows("25"))
        let sink = try sink(
            settings(server.address) {
                $0["version-at"] = .text("/revision")
                $0["write"] = .list([
                    .map(["url": .text(server.address + "/flags/{flag}?revision={version}"), "body": .text("{}")])
                ])
            }
        )
        try await sink.write(rule(500), over: sink.content(for: rule(0)))
        #expect(server.requests.map(\.line).last == "PUT /flags/reads?revision=7 HTTP/1.1")
        #expect(await code { try await sink.write(rule(500), over: sink.content(for: rule(0))) } == .conflict)
        #expect(server.requests.count == 3, "nothing is written over somebody else's change")
    }

    // MARK: Receivers that misbehave

    @Test func isTriedAgainWhileThatCanHelp() async throws {
        let server = try ScriptedHTTPServer(.reply(503), .close, .reply(429), .reply(200))
        try await sink(settings(server.address) { $0["deadline"] = .text("20 s") }).write(rule(500), over: nil)
        #expect(server.requests.count == 4)
    }

    @Test(arguments: [500, 502, 503, 429, 408]) func givesUpOnAReceiverThatStaysBroken(status: Int) async throws {
        let server = try ScriptedHTTPServer(.reply(status))
        let sink = try sink(settings(server.address))
        #expect(await code { try await sink.write(rule(500), over: nil) } == .notWritten)
        #expect(await code { _ = try await sink.read() } == .unreadable)
        #expect(server.requests.count > 2)
    }

    @Test(arguments: [409, 412]) func givesWayToSomebodyElsesChange(status: Int) async throws {
        let server = try ScriptedHTTPServer(.reply(status))
        #expect(await code { try await sink(settings(server.address)).write(rule(500), over: nil) } == .conflict)
        #expect(server.requests.count == 1)
    }

    @Test func doesNotWaitForEver() async throws {
        let server = try ScriptedHTTPServer(.hang)
        let begin = ContinuousClock.now
        #expect(await code { try await sink(settings(server.address)).write(rule(500), over: nil) } == .notWritten)
        #expect(ContinuousClock.now - begin < .seconds(10))
    }

    @Test func doesNotReadForEver() async throws {
        let server = try ScriptedHTTPServer(.endless)
        #expect(await code { _ = try await sink(settings(server.address)).read() } == .unreadable)
        #expect(server.bytesSent < 50_000_000)
    }

    @Test(arguments: ["", "<html>", #"{"on": true"#]) func believesNoAnswerThatIsNoJSON(body: String) async throws {
        let server = try ScriptedHTTPServer(.reply(200, body: body))
        #expect(await code { _ = try await sink(settings(server.address)).read() } == .unreadable)
    }

    @Test func doesNotFollowRedirects() async throws {
        let server = try ScriptedHTTPServer(.reply(302, headers: ["Location: /elsewhere"]))
        #expect(await code { try await sink(settings(server.address)).write(rule(500), over: nil) } == .notWritten)
        #expect(server.requests.count == 1)
    }

    // MARK: With the runner

    private func runner(_ sink: any FlagSink, _ store: FlagStore, limit: Duration = .seconds(2)) -> FlagStepRunner {
        FlagStepRunner(
            flags: ["reads": FlagLocation(store: store.path, salt: "reads", sinks: [sink])],
            actor: "phasegate",
            patience: FlagPatience(
                retry: .milliseconds(20),
                limit: limit,
                pause: { _ in try? await Task.sleep(for: .milliseconds(20)) },
                deadline: { try? await Task.sleep(for: $0) }
            ),
            now: { Moment(milliseconds: 1_790_000_000_000) }
        )
    }

    @Test func isFoundOutWhenItSaysYesAndChangesNothing() async throws {
        let scratch = try Scratch()
        let store = FlagStore(path: scratch.path())
        let server = try ScriptedHTTPServer(Self.shows("0", enabled: false))
        let runner = runner(try sink(settings(server.address)), store)
        await #expect {
            try await runner.run(.expose(ExposureStep(flag: "reads", share: BasisPoints(rawValue: 500))), because: "x")
        } throws: { error in
            let error = error as? StepError
            return error?.leftTraces ?? false && error?.message.contains("does not show it") ?? false
        }
    }

    @Test(arguments: [Answer.reply(500), .hang, .reply(409), Self.shows("25")])
    private func aKillNamesTheReceiverThatDoesNotObey(answer: Answer) async throws {
        let scratch = try Scratch()
        let store = FlagStore(path: scratch.path())
        let server = try ScriptedHTTPServer(answer)
        let closing = await runner(try sink(settings(server.address, off: true)), store)
            .kill("reads", by: "Ada", because: "complaints")
        #expect(closing.open.map(\.place) == [.sink("other")])
        #expect(try store.record(of: "reads")?.isKilled == true)
    }

    @Test func aKillIsTriedAgainUntilTheReceiverObeys() async throws {
        let scratch = try Scratch()
        let store = FlagStore(path: scratch.path())
        let server = try ScriptedHTTPServer(
            Self.shows("25"),
            .reply(409),
            Self.shows("25"),
            .reply(200),
            Self.shows("25", enabled: false)
        )
        let closing = await runner(try sink(settings(server.address, off: true)), store, limit: .seconds(20))
            .kill("reads", by: "Ada", because: "complaints")
        #expect(closing.open.isEmpty)
    }

    // MARK: Settings that are refused

    private func refusal(_ change: @escaping (inout [String: Setting]) -> Void) -> String? {
        do {
            _ = try sink(settings("https://flags.example", change: change))
            return nil
        } catch {
            return (error as? Diagnostic)?.rule
        }
    }

    @Test func refusesWhatCouldNotBeProvenOrWouldLeak() {
        #expect(refusal { _ in } == nil)
        #expect(refusal { $0["expect"] = .list([.map(["at": .text("/on"), "is": .text("true")])]) } == "bad-sink")
        #expect(refusal { $0["read"] = .map(["url": .text("https://flags.example/{flagg}")]) } == "bad-sink")
        #expect(refusal { $0["read"] = .map(["url": .text("flags.example/{flag}")]) } == "bad-sink")
        #expect(refusal { $0["resolution"] = .real(0.03) } == "bad-sink")
        #expect(refusal { $0["write"] = .list([]) } == "bad-sink")
        #expect(refusal { $0["off"] = $0["write"] } == "bad-sink")
        #expect(refusal { $0["deadline"] = .text("1 ms") } == "bad-sink")
        #expect(refusal { $0["headers"] = .map(["Authorization": .text("Bearer abc")]) } == "literal-secret")
        #expect(
            refusal { $0["read"] = .map(["url": .text("https://flags.example/{flag}?token=abc")]) } == "literal-secret"
        )
        #expect(
            refusal {
                $0["headers"] = .map(["Authorization": .text("env:TOKEN")])
                $0["read"] = .map(["url": .text("http://flags.example/{flag}")])
            } == "unprotected-credentials"
        )
    }

    private struct NoTables: FlagTables {
        func hasTable(_ name: String, on target: TargetName) async throws(FlagError) -> Bool { false }
        func rows(
            _ sql: String,
            _ parameters: [String: String],
            on target: TargetName
        ) async throws(FlagError) -> [[String: String]] { [] }
    }
}

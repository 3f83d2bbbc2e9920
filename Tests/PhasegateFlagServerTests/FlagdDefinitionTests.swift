import Foundation
import PhasegateCore
import PhasegateFlagServer
import PhasegateFlags
import Testing

/// The definition that flagd's daemon polls over HTTP.
@Suite("flagd definition over HTTP", .timeLimit(.minutes(2)))
struct FlagdDefinitionTests {
    private let path = "/flagd/definition.json"

    /// What a file sink would hold.
    private func file(_ record: FlagRecord) throws -> String {
        struct NoTables: FlagTables {
            func hasTable(_ name: String, on target: TargetName) async throws(FlagError) -> Bool { false }
            func rows(
                _ sql: String,
                _ parameters: [String: String],
                on target: TargetName
            ) async throws(FlagError) -> [[String: String]] { [] }
        }
        return try FlagSinks.sink(
            from: .init(name: "file", kind: "flagd-file", settings: .map(["path": .text("x.json")])),
            of: record.key,
            in: FlagSinkContext(baseDirectory: "/", tables: NoTables())
        ).content(for: record.rule)
    }

    @Test(arguments: [0, 500, 10_000]) func hasTheBytesOfTheFile(share: Int) async throws {
        let bench = try FlagServerBench()
        try bench.set("orders", to: share)
        let wanted = try file(try #require(try bench.store.record(of: "orders")))
        try await bench.serving { (client) async throws in
            let answer = try await client.ask(path, method: "GET")
            #expect(answer.status == 200 && answer.body == wanted)
            #expect(answer.headers["content-type"] == "application/json")
        }
    }

    @Test func isSentOnlyWhenItHasChanged() async throws {
        let bench = try FlagServerBench()
        try bench.set("orders", to: 500)
        try await bench.serving { (client) async throws in
            let first = try await client.ask(path, method: "GET")
            let tag = try #require(first.headers["etag"])
            let same = try await client.ask(path, method: "GET", ["If-None-Match": tag])
            #expect(same.status == 304 && same.body.isEmpty && same.headers["etag"] == tag)
            try bench.set("orders", to: 0)
            let changed = try await client.ask(path, method: "GET", ["If-None-Match": tag])
            #expect(changed.status == 200 && changed.headers["etag"] != tag)
            #expect(!changed.body.contains("fractional"))
        }
    }

    @Test func hasAllFlagsOfTheStore() async throws {
        let bench = try FlagServerBench()
        try bench.set("orders", to: 500)
        try bench.set("search", to: 10_000)
        try await bench.serving { (client) async throws in
            let body = try await client.ask(path, method: "GET").body
            #expect(body.contains("\"orders\"") && body.contains("\"search\""))
        }
    }

    @Test func isForThoseWhoMayAsk() async throws {
        let bench = try FlagServerBench()
        try bench.set("orders", to: 500)
        try await bench.serving({ $0.tokens = ["secret"] }) { (client) async throws in
            #expect(try await client.ask(path, method: "GET").status == 401)
            #expect(try await client.ask(path, method: "GET", ["Authorization": "Bearer wrong"]).status == 403)
            #expect(try await client.ask(path, method: "GET", ["Authorization": "Bearer secret"]).status == 200)
        }
    }

    /// flagd's third generation would let in others than the store says.
    @Test func exposesNobodyThatFlagdWouldDrawDifferently() {
        let draw = FlagDraw(salt: "another", algorithm: .flagdV3)
        func text(_ share: Int) -> String {
            FlagdDefinition.text(for: [FlagRule(key: "orders", draw: draw, share: BasisPoints(rawValue: share))])
        }
        #expect(text(2500) == text(0) && text(10_000) != text(0))
    }
}

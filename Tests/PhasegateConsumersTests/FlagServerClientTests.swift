import Foundation
import PhasegateCore
import PhasegateFlags
import PhasegateTesting
import Testing

/// What OpenFeature's own client is told by `phasegate flags serve`.
@Suite("A server of flags and its clients", .serialized, .needs(.ofrep, .schemas), .timeLimit(.minutes(10)))
struct FlagServerClientTests {
    private struct Seen: Decodable {
        let exposed: [Int]
        let errors: Int
    }

    private static let users = (0..<20_000).map { $0 % 3 == 0 ? "user-\($0)" : "kündin-\($0)@example.com" }
    private let flag: FlagKey = "orders-v2-read"
    private let directory: TemporaryDirectory
    private let store: FlagStore

    init() throws {
        directory = try TemporaryDirectory()
        store = FlagStore(path: directory.path(of: "flags.db"))
        let plan = """
            phasegate: 1
            rollout: served
            title: Flags over HTTP
            targets:
              main: {engine: sqlite, path: shop.db}
            flags:
              \(flag): {store: flags.db}
            phases:
              - name: exposing
                reversibility: reversible
                preconditions:
                  - {name: reachable, source: T-1, probe: {kind: sql, query: SELECT 1}, must: "= 1"}
                guards:
                  - {name: stays-reachable, source: T-3, probe: {kind: sql, query: SELECT 1}, must: "= 1"}
                ramp: {flag: \(flag), steps: [5, 25, 100], soak: 1 min}
                success:
                  - {name: still-reachable, source: T-2, probe: {kind: sql, query: SELECT 1}, must: "= 1"}
            """
        try Data(plan.utf8).write(to: URL(filePath: directory.path(of: "plan.yaml")))
        try JSONEncoder().encode(Self.users + [""]).write(to: URL(filePath: directory.path(of: "users.json")))
    }

    /// A real process; its address.
    private func serve(_ options: [String] = [], environment: [String: String] = [:]) async throws -> (
        RunningProgram, String
    ) {
        let program = try ChildProgram(
            ProjectFiles.root + "/.build/debug/phasegate",
            ["flags", "serve", directory.path(of: "plan.yaml"), "--listen", "127.0.0.1:0"] + options,
            environment: environment
        ).start()
        let line = try await program.line { $0.contains("http://") }
        let address = try #require(line.split(separator: " ").last { $0.hasPrefix("http://") })
        return (program, String(address.dropLast("/ofrep/v1".count)))
    }

    private func set(_ share: Int) throws {
        try store.set(
            key: flag,
            draw: FlagDraw(salt: flag.rawValue),
            share: BasisPoints(rawValue: share),
            expecting: try store.record(of: flag)?.version,
            actor: "test",
            reason: "a test",
            at: .now
        )
    }

    private func ask(_ address: String, _ token: [String] = []) async throws -> Seen {
        let run = try await ChildProgram.python(
            "ask_ofrep.py",
            [address, flag.rawValue, directory.path(of: "users.json")] + token,
            with: .ofrep
        ).run(within: .seconds(180))
        #expect(run.succeeded, "\(run.errors)")
        return try JSONDecoder().decode(Seen.self, from: run.output)
    }

    @Test("the provider shows the change to the users that the rule names, and to nobody after a kill")
    func provider() async throws {
        let (program, address) = try await serve()
        // Set to nobody by the server itself, whatever the caller's default is.
        #expect(try store.record(of: flag)?.share == BasisPoints.none)
        var earlier = Set<Int>()
        for share in [500, 2500, 10_000] {
            try set(share)
            let seen = try await ask(address)
            let rule = try #require(try store.record(of: flag)).rule
            let named = (Self.users + [""]).indices.filter { rule.isExposed((Self.users + [""])[$0]) }
            #expect(seen.exposed == named && seen.errors == 0, "\(share)")
            #expect(earlier.isSubset(of: seen.exposed))
            earlier = Set(seen.exposed)
        }
        try set(0)
        let killed = try await ask(address)
        #expect(killed.exposed.isEmpty && killed.errors == 0)
        await program.stop()
    }

    @Test("answers fit the protocol's own description")
    func description() async throws {
        let (program, address) = try await serve()
        for share in [0, 2500, 10_000] {
            try set(share)
            let run = try await ChildProgram.python(
                "validate_ofrep.py",
                [try RealTool.schemas.path + "/ofrep-openapi.yaml", address, flag.rawValue],
                with: .ofrep
            ).run()
            #expect(run.succeeded, "\(String(decoding: run.output, as: UTF8.self)) \(run.errors)")
        }
        await program.stop()
    }
}

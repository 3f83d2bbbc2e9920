import Foundation
import PhasegateCore
import PhasegateFiles
import PhasegateFlags
import PhasegateProbes
import PhasegateTesting
import Testing

/// What Unleash's own client makes of the recipe under `phases/examples`.
@Suite("The recipe for Unleash and its client", .serialized, .timeLimit(.minutes(5)))
struct UnleashTests {
    private struct Seen: Decodable {
        let enabled: Bool
        let rollout: String
        let refused: Int
        let exposed: [Int]
        let unchanged: Int
    }

    private let directory: TemporaryDirectory
    private let flag: FlagKey = "indexed-reads"
    private static let strategy = "6f1f4f3a-0d7c-4b0e-9a51-3b0d1c2e4f5a"
    private static let users = (0..<20_000).map { $0 % 3 == 0 ? "user-\($0)" : "kündin-\($0)@example.com" }

    init() throws { directory = try TemporaryDirectory() }

    private func recipe(_ change: (String) -> String) throws -> ([Diagnostic], Rollout?) {
        let example = ProjectFiles.root + "/phases/examples"
        let text = try String(contentsOfFile: example + "/10-flag-unleash.yaml", encoding: .utf8)
        let file = directory.path(of: "rollout.yaml")
        try Data(change(text).utf8).write(to: URL(filePath: file))
        let loader = RolloutLoader(
            probes: ProbeKinds.builtIn.declarations,
            channels: [],
            sinks: FlagSinks.declarations,
            sources: []
        )
        let (found, loaded) = loader.diagnostics(of: file)
        return (found.filter { $0.severity == .error }, loaded?.rollout)
    }

    private func runner(_ plan: Rollout) throws -> FlagStepRunner {
        let context = FlagSinkContext(baseDirectory: directory.path, tables: NoTables())
        let flags = try plan.flags.map { flag in
            let sinks = try flag.sinks.map { try FlagSinks.sink(from: $0, of: flag.key, in: context) }
            return (flag.key, FlagLocation(store: directory.path(of: "flags.db"), draw: flag.draw, sinks: sinks))
        }
        return FlagStepRunner(
            flags: Dictionary(uniqueKeysWithValues: flags),
            actor: "phasegate",
            // The client says itself when it has seen a change.
            patience: FlagPatience(pause: { _ in }, deadline: { try? await Task.sleep(for: $0) })
        ) { Moment(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)) }
    }

    @Test("5, 25, 100 %, a kill: the cohort is kept, nobody sees it after the kill", .needs(.unleash))
    func ramp() async throws {
        let users = directory.path(of: "users.json")
        // The last is nobody: in Unleash a sticky strategy leaves them out.
        try JSONEncoder().encode(Self.users + [""]).write(to: URL(filePath: users))
        try Data("admin:secret\n".utf8).write(to: URL(filePath: directory.path(of: "token")))
        let client = try ChildProgram.python(
            "follow_unleash.py",
            [flag.rawValue, Self.strategy, "admin:secret", users],
            with: .unleash
        ).start()
        let address = try await client.line(within: .seconds(60)) { $0.hasPrefix("http://") }
        let (errors, plan) = try recipe {
            $0.replacing("https://unleash.example", with: address).replacing(
                "env:UNLEASH_ADMIN_TOKEN",
                with: "file:token"
            )
        }
        #expect(errors.isEmpty, "\(errors)")
        let runner = try runner(try #require(plan))
        // As a person had left it: on paper at 100 %, and switched off.
        let first = try await seen(client)
        #expect(!first.enabled && first.rollout == "100" && first.exposed.isEmpty)
        var cohorts: [[Int]] = []
        for share in [500, 2500, 10_000] {
            let outcome = try await runner.run(
                .expose(ExposureStep(flag: flag, share: BasisPoints(rawValue: share))),
                because: "gate passed"
            )
            #expect(outcome.evidence["sink-unleash"] != nil)
            let seen = try await seen(client)
            #expect(seen.enabled && seen.rollout == "\(share / 100)" && seen.refused == 0)
            #expect(seen.unchanged > 0, "the client's If-None-Match was answered")
            cohorts.append(seen.exposed)
        }
        #expect((880...1120).contains(cohorts[0].count), "\(cohorts[0].count)")
        #expect((4750...5250).contains(cohorts[1].count), "\(cohorts[1].count)")
        #expect(Set(cohorts[0]).isSubset(of: cohorts[1]) && cohorts[2].count == Self.users.count)
        let closing = await runner.kill(flag, by: "Ada", because: "customers complain")
        #expect(closing.open.isEmpty, "\(closing.open)")
        let last = try await seen(client)
        #expect(!last.enabled && last.exposed.isEmpty)
        await client.kill()
    }

    @Test("half a percent, which Unleash would make nobody, is refused when the plan is read")
    func resolution() throws {
        let (errors, _) = try recipe { $0.replacing("steps: [5, 25, 100]", with: "steps: [0.5, 5, 25, 100]") }
        #expect(errors.map(\.rule) == ["share-rounded"])
        #expect(errors.first?.message.contains("would round a share of 0.5 %") ?? false)
        #expect(try recipe { $0 }.0.isEmpty)
    }

    private func seen(_ client: RunningProgram) async throws -> Seen {
        let line = try await client.line(within: .seconds(60)) { $0.hasPrefix("{") }
        return try JSONDecoder().decode(Seen.self, from: Data(line.utf8))
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

import Foundation
import PhasegateCore
import PhasegateFlags
import PhasegateTesting
import Testing

/// What the flag systems' own clients make of the files that sinks write.
@Suite("Flag files and their clients", .serialized, .timeLimit(.minutes(5)))
struct FlagClientTests {
    private struct Seen: Decodable {
        let share: Double
        let exposed: [Int]
    }

    private let directory: TemporaryDirectory
    private let flag: FlagKey = "orders-v2-read"
    private static let users = (0..<20_000).map { $0 % 3 == 0 ? "user-\($0)" : "kündin-\($0)@example.com" }

    init() throws { directory = try TemporaryDirectory() }

    private func rule(_ draw: FlagDraw, _ share: Int) -> FlagRule {
        FlagRule(key: flag, draw: draw, share: BasisPoints(rawValue: share))
    }

    private func sink(_ kind: String) throws -> any FlagSink {
        try FlagSinks.sink(
            from: .init(name: "client", kind: kind, settings: .map(["path": .text("flags.json")])),
            of: flag,
            in: FlagSinkContext(baseDirectory: directory.path, tables: NoTables())
        )
    }

    /// Writes one share after the other, and what the client shows to each context then.
    private func exposed(
        _ contexts: [[String: String]],
        by draw: FlagDraw,
        at shares: [Int],
        sink: any FlagSink,
        script: String,
        with python: RealTool
    ) async throws -> [[Int]] {
        let file = directory.path(of: "contexts.json")
        try JSONEncoder().encode(contexts).write(to: URL(filePath: file))
        try await sink.write(rule(draw, shares[0]), over: nil)
        let client = try ChildProgram.python(
            script,
            [directory.path(of: "flags.json"), flag.rawValue, file],
            with: python
        ).start()
        var seen: [[Int]] = []
        for (index, share) in shares.enumerated() {
            if index > 0 { try await sink.write(rule(draw, share), over: nil) }
            let line = try await client.line(within: .seconds(120)) { $0.hasPrefix("{") }
            let found = try JSONDecoder().decode(Seen.self, from: Data(line.utf8))
            #expect(found.share == Double(share) / 100)
            seen.append(found.exposed)
        }
        await client.kill()
        return seen
    }

    /// The first contexts that client and rule do not agree on.
    private func differing(_ seen: [Int], _ rule: FlagRule, _ contexts: [[String: String]]) -> [[String: String]] {
        let named = contexts.indices.filter { rule.isExposed(in: contexts[$0]) }
        return Set(seen).symmetricDifference(named).sorted().prefix(3).map { contexts[$0] }
    }

    private static let generations: [(RealTool, FlagAlgorithm)] = [
        (.flagdV1, .flagdV1), (.flagdV2, .flagdV2), (.flagdV3, .flagdV3),
    ]

    @Test(
        "flagd's three generations show the change to the users that the rule names, and to nobody after a kill",
        .needs(.flagdV1, .flagdV2, .flagdV3),
        arguments: [0, 1, 2]
    )
    func flagd(generation: Int) async throws {
        let (python, algorithm) = Self.generations[generation]
        let draw = FlagDraw(salt: flag.rawValue, algorithm: algorithm)
        // The last asks without a key: in between the safe variant, whatever the caller's default is.
        let contexts = Self.users.map { ["targetingKey": $0] } + [[:]]
        let shares = [500, 2500, 10_000, 0]
        let seen = try await exposed(
            contexts,
            by: draw,
            at: shares,
            sink: try sink("flagd-file"),
            script: "read_flagd.py",
            with: python
        )
        for (share, seen) in zip(shares, seen) {
            let rule = rule(draw, share)
            #expect(differing(seen, rule, contexts) == [], "\(share)")
        }
        #expect(Set(seen[0]).isSubset(of: seen[1]) && seen[2].count == contexts.count && seen[3].isEmpty)
    }

    @Test(
        "flagd takes attributes, lists, ranked cohorts and another salt as the rule does",
        .needs(.flagdV1, .flagdV2, .flagdV3),
        arguments: [0, 1, 2]
    )
    func flagdLists(generation: Int) async throws {
        let (python, algorithm) = Self.generations[generation]
        let tenants = (0..<300).map { "tenant-\($0)" }
        let contexts = tenants.map { ["targetingKey": "user", "tenant": $0] } + [["targetingKey": "user"], [:]]
        let ranked = FlagDraw(
            salt: "a \"salt\"",
            algorithm: algorithm,
            bucketBy: "tenant",
            cohort: .ranked(Array(tenants.prefix(100))),
            deny: ["tenant-7"],
            allow: ["tenant-200"]
        )
        // The third generation has no way to write another salt with an attribute.
        let salted = FlagDraw(salt: "other", algorithm: algorithm, bucketBy: "tenant", deny: ["tenant-7"])
        for draw in algorithm == .flagdV3 ? [ranked] : [ranked, salted] {
            let seen = try await exposed(
                contexts,
                by: draw,
                at: [1000, 10_000, 0],
                sink: try sink("flagd-file"),
                script: "read_flagd.py",
                with: python
            )
            for (share, seen) in zip([1000, 10_000, 0], seen) {
                let rule = rule(draw, share)
                #expect(differing(seen, rule, contexts) == [], "\(share)")
            }
            #expect(seen[0].count >= 10)
        }
    }

    @Test(
        "GO Feature Flag loses nobody on the way up and shows the change to nobody after a kill",
        .needs(.goFeatureFlag)
    )
    func goFeatureFlag() async throws {
        let contexts = Self.users.map { ["targetingKey": $0] }
        let seen = try await exposed(
            contexts,
            by: FlagDraw(salt: flag.rawValue),
            at: [500, 2500, 10_000, 0],
            sink: try sink("gofeatureflag-file"),
            script: "read_gofeatureflag.py",
            with: .goFeatureFlag
        )
        #expect((880...1120).contains(seen[0].count) && (4750...5250).contains(seen[1].count))
        #expect(Set(seen[0]).isSubset(of: seen[1]) && seen[2].count == contexts.count && seen[3].isEmpty)
    }

    @Test("GO Feature Flag takes a ranked cohort and lists as the rule does", .needs(.goFeatureFlag))
    func goFeatureFlagLists() async throws {
        let tenants = (0..<300).map { "tenant-\($0)" }
        let contexts = tenants.map { ["targetingKey": "user", "tenant": $0] }
        let draw = FlagDraw(
            salt: "other",
            bucketBy: "tenant",
            cohort: .ranked(Array(tenants.prefix(100))),
            deny: ["tenant-7"],
            allow: ["tenant-200"]
        )
        let seen = try await exposed(
            contexts,
            by: draw,
            at: [1000, 10_000, 0],
            sink: try sink("gofeatureflag-file"),
            script: "read_gofeatureflag.py",
            with: .goFeatureFlag
        )
        for (share, seen) in zip([1000, 10_000, 0], seen) {
            let rule = rule(draw, share)
            #expect(differing(seen, rule, contexts) == [], "\(share)")
        }
    }

    @Test("flagd's own schemas accept every definition", .needs(.python, .schemas))
    func schemas() async throws {
        let draws = [
            FlagDraw(salt: flag.rawValue), FlagDraw(salt: "ü \"x\"", bucketBy: "tenant", deny: ["a"], allow: ["b"]),
            FlagDraw(salt: "s", cohort: .ranked(["a", "b", "c"]), deny: ["d"]),
        ]
        var files: [String] = []
        for draw in draws {
            for share in [0, 1, 2500, 10_000] {
                let file = directory.path(of: "\(files.count).json")
                try Data(try sink("flagd-file").content(for: rule(draw, share)).utf8).write(to: URL(filePath: file))
                files.append(file)
            }
        }
        // As a server hands out all flags of a store.
        let all = directory.path(of: "all.json")
        let rules = draws.enumerated().map { number, draw in
            FlagRule(key: FlagKey(rawValue: "flag-\(number)"), draw: draw, share: BasisPoints(rawValue: 2500))
        }
        try Data(FlagdDefinition.text(for: rules).utf8).write(to: URL(filePath: all))
        files.append(all)
        let run = try await ChildProgram.python("validate_flagd.py", [try RealTool.schemas.path] + files).run()
        #expect(run.succeeded, "\(String(decoding: run.output, as: UTF8.self)) \(run.errors)")
        // The schemas do say no.
        let wrong = directory.path(of: "wrong.json")
        let content = try sink("flagd-file").content(for: rule(draws[0], 2500))
        try Data(content.replacing("ENABLED", with: "enabled").utf8).write(to: URL(filePath: wrong))
        let refused = try await ChildProgram.python("validate_flagd.py", [try RealTool.schemas.path, wrong]).run()
        #expect(!refused.succeeded && !refused.output.isEmpty)
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

import FoundationEssentials
import PhasegateCore
import PhasegateFlags
import PhasegateTesting
import Testing

@Suite("flag sinks")
struct FlagSinkTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func sink(_ kind: String, _ settings: [String: Setting]) throws -> any FlagSink {
        try FlagSinks.sink(
            from: .init(name: "s", kind: kind, settings: .map(settings)),
            of: "reads",
            in: FlagSinkContext(baseDirectory: directory.path, tables: NoTables())
        )
    }

    private func rule(_ share: Int) -> FlagRule {
        FlagRule(key: "reads", salt: "reads", share: BasisPoints(rawValue: share))
    }

    private func changed(_ name: String) throws -> Date? {
        try FileManager.default.attributesOfItem(atPath: directory.path(of: name))[.modificationDate] as? Date
    }

    @Test(arguments: ["flagd-file", "gofeatureflag-file"])
    func replacesItsFileAsAWhole(kind: String) async throws {
        let sink = try sink(kind, ["path": .text("f.json")])
        #expect(try await sink.read() == nil)
        for share in [500, 10_000, 0] {
            try await sink.write(rule(share), over: nil)
            #expect(try await sink.read() == sink.content(for: rule(share)))
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["f.json"], "no drafts are left")
    }

    /// Followers that poll the time never see a file whose time is not later than the one before.
    @Test func writesAStrictlyLaterTime() async throws {
        let sink = try sink("flagd-file", ["path": .text("f.json")])
        try await sink.write(rule(500), over: nil)
        let ahead = Date(timeIntervalSince1970: 4_000_000_000)
        try FileManager.default.setAttributes([.modificationDate: ahead], ofItemAtPath: directory.path(of: "f.json"))
        try await sink.write(rule(0), over: nil)
        let later = try #require(try changed("f.json"))
        #expect(later.timeIntervalSince(ahead) > 0.0005)
    }

    @Test func saysWhyAFileCannotBeWritten() async throws {
        let sink = try sink("flagd-file", ["path": .text("missing/f.json")])
        await #expect {
            try await sink.write(rule(0), over: nil)
        } throws: { error in
            (error as? FlagError)?.code == .notWritten && "\(error)".contains("No such file")
        }
    }

    /// A disabled or removed flag hands out the caller's default, which may be the new behaviour.
    @Test func killsByTheSafeVariantInPlainSight() throws {
        let flagd = try sink("flagd-file", ["path": .text("f.json")]).content(for: rule(0))
        #expect(flagd.contains(#""defaultVariant" : "off""#) && flagd.contains(#""state" : "ENABLED""#))
        #expect(!flagd.contains("targeting"))
        let other = try sink("gofeatureflag-file", ["path": .text("f.json")]).content(for: rule(0))
        #expect(other.contains(#""variation" : "off""#) && !other.contains("disable") && !other.contains("percentage"))
    }

    /// GO Feature Flag draws again when the sum changes, and computes it in binary floating point.
    @Test func percentagesSumToAHundred() throws {
        struct Flag: Decodable {
            struct Rule: Decodable { let percentage: [String: Double] }
            let defaultRule: Rule
        }
        let sink = try sink("gofeatureflag-file", ["path": .text("f.json")])
        for share in 1..<10_000 {
            let flags = try JSONDecoder().decode([String: Flag].self, from: Data(sink.content(for: rule(share)).utf8))
            let shares = try #require(flags["reads"]?.defaultRule.percentage)
            #expect(shares.count == 2 && (shares["on"] ?? 0) + (shares["off"] ?? 0) == 100, "\(share)")
        }
    }

    @Test(
        arguments: [
            ("flagd-file", [:]), ("flagd-file", ["path": .text("")]), ("sql-table", [:]),
            ("flagd-file", ["path": .text("f"), "poll": .text("2 d")]),
            ("sql-table", ["target": .text("main"), "table": .text("a; DROP TABLE b")]),
        ] as [(String, [String: Setting])]
    )
    func refusesSettingsThatCannotWork(kind: String, settings: [String: Setting]) {
        #expect(throws: Diagnostic.self) { try sink(kind, settings) }
        let declaration = FlagSinks.declarations.first { $0.kind == kind }
        #expect(throws: Diagnostic.self) { try declaration?.check(.map(settings)) }
    }

    @Test func refusesDrawsThatItCannotMake() throws {
        let flagd = try #require(FlagSinks.declarations.first { $0.kind == "flagd-file" })
        #expect(flagd.objection("reads", FlagDraw(salt: "reads", algorithm: .flagdV3)) == nil)
        #expect(flagd.objection("reads", FlagDraw(salt: "x", algorithm: .flagdV3)) != nil)
        #expect(flagd.objection("reads", FlagDraw(salt: "reads", algorithm: .flagdV3, bucketBy: "tenant")) != nil)
        #expect(flagd.objection("reads", FlagDraw(salt: "x", bucketBy: "tenant")) == nil)
        let other = try #require(FlagSinks.declarations.first { $0.kind == "gofeatureflag-file" })
        #expect(other.objection("reads", FlagDraw(salt: "x")) != nil)
        #expect(other.objection("reads", FlagDraw(salt: "x", cohort: .ranked(["a"]))) == nil)
        #expect(other.objection("reads", FlagDraw(salt: "reads", bucketBy: "a) or (true")) != nil)
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

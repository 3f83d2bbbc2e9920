import Foundation
import PhasegateCore
import PhasegateReports
import PhasegateTesting
import Testing

@Suite("JUnit schemas")
struct JUnitSchemaTests {
    /// Schemas that a profile keeps; one for annotations keeps none.
    private static let kept: [(JUnitProfile, JUnitSchema)] = [(.xunit, .xunit), (.ant, .xunit), (.ant, .ant)]

    private func bytes(_ report: RolloutReport, _ profile: JUnitProfile) throws -> [UInt8] {
        try #require(JUnitReport(profile: profile).render(report).first).bytes()
    }

    private func validate(_ report: RolloutReport) throws {
        for (profile, schema) in Self.kept {
            try XMLNode.validate(bytes(report, profile), against: schema.path)
        }
    }

    @Test("is valid whatever came of it", .withJUnitSchemas)
    func valid() throws {
        for report in [RolloutReport.sample, .empty, .allPass, .allVerdicts] {
            for status in RolloutStatus.allCases {
                for verdict in GateOutcome.allCases { try validate(report.with(status: status, verdict: verdict)) }
            }
        }
    }

    @Test("stays valid whatever the texts say", .withJUnitSchemas, arguments: poisons)
    func validWhenHostile(_ poison: String) throws {
        try validate(RolloutReport.allVerdicts.poisoned(with: poison))
        try validate(RolloutReport.sample.poisoned(with: poison))
    }

    @Test("stays valid for random texts", .withJUnitSchemas, arguments: 0..<20)
    func validForRandom(_ seed: Int) throws { try validate(.random(seed: seed)) }

    @Test("is valid with 100,000 cases", .withJUnitSchemas)
    func large() throws {
        let report = RolloutReport.many(100_000)
        for (profile, schema) in Self.kept {
            let bytes = try bytes(report, profile)
            try XMLNode.validate(bytes, against: schema.path)
            #expect(bytes.count > 10_000_000)
        }
    }

    @Test("the schemas refuse what is wrong, so that their silence means something", .withJUnitSchemas)
    func schemasBite() throws {
        for (profile, schema) in Self.kept {
            let text = String(decoding: try bytes(.sample, profile), as: UTF8.self)
            for wrong in [
                text.replacing(" tests=", with: " test="), text.replacing("</testsuite>", with: "<x/></testsuite>"),
            ] {
                #expect(throws: XMLProblem.self) { try XMLNode.validate(Array(wrong.utf8), against: schema.path) }
            }
        }
    }

    @Test("each profile is refused where it has to be, or there would be no need for it", .withJUnitSchemas)
    func profilesDiffer() throws {
        for (profile, schema) in [(JUnitProfile.xunit, JUnitSchema.ant), (.ci, .xunit), (.ci, .ant)] {
            let bytes = try bytes(.allVerdicts, profile)
            #expect(throws: XMLProblem.self) { try XMLNode.validate(bytes, against: schema.path) }
        }
    }
}

@Suite("JUnit invariants")
struct JUnitInvariantTests {
    /// What every reader relies on, of any report in any profile.
    private func check(_ bytes: [UInt8], _ profile: JUnitProfile) throws {
        let root = try XMLNode(parsing: bytes)
        let cases = root.all("testcase")
        let results: Set<String> = ["failure", "error", "skipped", "system-out"]
        for testCase in cases {
            let shown = testCase.children.filter { results.contains($0.name) }
            if profile == .ant {
                #expect(shown.count <= 1 && !shown.contains { $0.name == "system-out" })
            } else {
                #expect(shown.count == 1)
            }
            for result in shown {
                #expect(result.text.contains { !$0.isWhitespace }, "an empty text shows as a hash in GitLab")
                guard result.name != "system-out" else { continue }
                let message = try #require(result.attributes["message"])
                #expect(!message.isEmpty && !message.contains("\n"))
                #expect(message.unicodeScalars.count <= 200)
                let start = message.hasSuffix("\u{2026}") ? String(message.dropLast()) : message
                #expect(Array(result.text.utf8).starts(with: start.utf8), "the text begins with the message")
            }
            #expect(testCase.attributes["name"]?.isEmpty == false)
            #expect(testCase.attributes["time"]?.contains(/^\d+\.\d{3}$/) == true)
            #expect((testCase.attributes["classname"] ?? "").split(separator: ".").count >= 2)
        }
        let keys = cases.map { [$0.attributes["classname"], $0.attributes["name"]].map { Array(($0 ?? "").utf8) } }
        #expect(Set(keys).count == keys.count)
        for suite in (profile == .ant ? [] : [root]) + root.children {
            #expect(suite.attributes["tests"] == String(suite.all("testcase").count))
            #expect(suite.attributes["failures"] == String(suite.all("failure").count))
            #expect(suite.attributes["errors"] == String(suite.all("error").count))
            if suite.name == "testsuite" || profile == .ci {
                #expect(suite.attributes["skipped"] == String(suite.all("skipped").count))
            }
            #expect(suite.attributes["time"]?.contains(/^\d+\.\d{3}$/) == true)
            #expect(!suite.all("testcase").isEmpty, "Jenkins drops a suite without cases")
        }
        try checkInert(bytes)
    }

    private func checkInert(_ bytes: [UInt8]) throws {
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text.hasPrefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>"))
        // A character reference could bring back what was taken out.
        let lowered = Data(bytes.map { (0x41...0x5A).contains($0) ? $0 + 32 : $0 })
        for word in ["<![cdata[", "<!doctype", "&#", "[[attachment|", "[[property|"] {
            #expect(lowered.range(of: Data(word.utf8)) == nil)
        }
        #expect(
            !text.unicodeScalars.contains { scalar in
                switch scalar.value {
                case 0x09, 0x0A: false
                case 0..<0x20, 0x7F..<0xA0, 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFFFE, 0xFFFF:
                    true
                default: false
                }
            }
        )
    }

    @Test("counters add up and every text says something, for random reports", arguments: 0..<30)
    func random(_ seed: Int) throws {
        for profile in JUnitProfile.allCases {
            let limits: [Int?] = [nil, 20_000, 0]
            for limit in limits {
                let format = JUnitReport(profile: profile, limit: limit)
                try check(#require(format.render(.random(seed: seed)).first).bytes(), profile)
            }
        }
    }

    @Test("texts from outside never become markup, commands or control characters", arguments: poisons)
    func hostile(_ poison: String) throws {
        for report in [RolloutReport.sample, .allVerdicts] {
            let poisoned = try report.poisoned(with: poison)
            for profile in JUnitProfile.allCases {
                try check(#require(JUnitReport(profile: profile).render(poisoned).first).bytes(), profile)
            }
        }
    }
}

extension RolloutReport {
    /// Any report: phases, criteria and steps of any sort, with texts that mean no good.
    static func random(seed: Int) -> RolloutReport {
        var random = RandomNumbers(seed: seed)
        let phases = (0..<Int.random(in: 0...4, using: &random)).map { _ in
            let criteria = (0..<Int.random(in: 0...12, using: &random)).map { _ in CriterionReport.random(&random) }
            let steps = (0..<Int.random(in: 0...3, using: &random)).map { _ in
                StageReport.step(
                    StageName(rawValue: random.text()),
                    random.pick(.ahead, .present, .passed, .failed, .undone),
                    random.chance(80) ? "2026-11-21T09:00:00Z" : nil,
                    random.chance(80) ? "2026-11-21T08:59:59Z" : nil,
                    random.text(),
                    random.chance(50)
                        ? StepOutcome(observed: random.text(), evidence: [random.text(): random.text()]) : nil
                )
            }
            return PhaseReport.queryOptimisation.with(
                progress: random.pick(.ahead, .present, .finished, .rolledBack, .failed),
                stages: steps,
                criteria: criteria
            )
        }
        return sample.with(
            status: RolloutStatus.allCases.randomElement(using: &random),
            verdict: GateOutcome.allCases.randomElement(using: &random),
            phases: phases
        )
    }
}

extension RolloutReport.CriterionReport {
    fileprivate static func random(_ random: inout RandomNumbers) -> Self {
        .judged(
            random.text(),
            random.chance(90) ? Finding.Outcome.allCases.randomElement(using: &random) : nil,
            role: random.pick(.precondition, .guarding, .success, .kill),
            isShould: random.chance(30),
            isUnconfirmed: random.chance(30),
            waivedBy: random.chance(20) ? random.text() : nil,
            reason: random.text(),
            notes: random.chance(50) ? [random.text(), random.text()] : [],
            took: random.chance(50) ? Int64.random(in: .min ... .max, using: &random) : nil,
            place: random.chance(50) ? Place(file: random.text(), line: 3, column: 1) : nil,
            owner: random.chance(50) ? random.text() : nil
        )
    }
}

extension RandomNumbers {
    /// A text of pieces that tools have stumbled over.
    fileprivate mutating func text() -> String {
        let pieces = [
            "p95", " ", "\n", "\t", "[[", "[", "ATTACHMENT|", "attachment", "|", "PROPERTY|", "]]>", "<![CDATA[", "&",
            "&#27;", "<", ">", "\"", "'", "\u{1B}", "\u{1B}[", "31m", "\u{1B}]", "\u{7}", "\u{9B}", "\u{9C}", "\u{90}",
            "\\", "\r", "\u{0}", "\u{B}", "\u{7F}", "\u{85}", "\u{301}", "\u{200D}", "\u{202E}", "\u{2028}", "\u{FEFF}",
            "\u{FFFD}", "\u{FFFE}", "\u{1F6A8}", "\u{E9}", "\u{10FFFF}", "\u{1FFFE}", "%n%s", "${x}", ".", "..", "/",
            String(repeating: "x", count: 250), String(repeating: "\u{1F6A8}\n", count: 14_000),
        ]
        return (0..<Int.random(in: 0...9, using: &self)).map { _ in
            // The long ones are rare, or nothing else would be seen.
            chance(99) ? pieces.dropLast().randomElement(using: &self) ?? "" : pieces.last ?? ""
        }.joined()
    }
}

import Foundation
import PhasegateCore
import PhasegateReports
import Testing

/// The schema by which Jenkins' xunit plug-in takes or refuses a whole file.
private let schema = ProjectFiles.root.appending(path: "../shared/schemas/junit-10.xsd").standardizedFileURL.path()
private let isSchemaDemanded = ProcessInfo.processInfo.environment["CI"] == "true"

@Suite("JUnit report")
struct JUnitReportTests {
    private func bytes(_ report: RolloutReport) throws -> [UInt8] {
        let files = JUnitReport().render(report)
        #expect(files.map(\.name) == ["junit.xml"])
        return try #require(files.first).bytes()
    }

    /// The result elements of the only criterion of a report.
    private func results(of criterion: RolloutReport.CriterionReport) throws -> XMLNode {
        let phase = RolloutReport.PhaseReport.queryOptimisation.with(stages: [], criteria: [criterion])
        let root = try XMLNode(parsing: bytes(RolloutReport.sample.with(phases: [phase])))
        return try #require(root.all("testcase").first { $0.attributes["name"] == criterion.name.rawValue })
    }

    private func criterion(
        _ outcome: Finding.Outcome?,
        bound: String = "must <= 50 ms",
        isUnconfirmed: Bool = false,
        waivedBy: String? = nil
    ) -> RolloutReport.CriterionReport {
        .make(
            "p95",
            .success,
            "latency",
            bound,
            ["S4-77"],
            ["R003"],
            outcome,
            "54.6 ms",
            "54.6 ms it is",
            samples: 1_180,
            query: "SELECT 1 < 2",
            rounds: 3,
            isUnconfirmed: isUnconfirmed,
            waivedBy: waivedBy
        )
    }

    @Test(
        "is valid by the schema of the strictest reader",
        .enabled(
            if: isSchemaDemanded || FileManager.default.fileExists(atPath: schema),
            "the schema is missing beside the project, nothing was validated"
        ),
        arguments: RolloutStatus.allCases
    )
    func valid(_ status: RolloutStatus) throws {
        for report in [RolloutReport.sample, .empty] {
            for verdict in GateOutcome.allCases {
                try XMLNode.validate(bytes(report.with(status: status, verdict: verdict)), against: schema)
            }
        }
    }

    @Test(
        "stays valid whatever the texts say",
        .enabled(
            if: isSchemaDemanded || FileManager.default.fileExists(atPath: schema),
            "the schema is missing beside the project, nothing was validated"
        ),
        arguments: poisons
    )
    func validWhenHostile(_ poison: String) throws {
        try XMLNode.validate(bytes(RolloutReport.sample.poisoned(with: poison)), against: schema)
    }

    @Test("the schema refuses what is wrong, so that its silence means something")
    func schemaBites() throws {
        guard FileManager.default.fileExists(atPath: schema) else { return }
        let text = String(decoding: try bytes(.sample), as: UTF8.self)
        for wrong in [
            text.replacing(" tests=", with: " test="), text.replacing("</testsuite>", with: "<x/></testsuite>"),
        ] {
            #expect(throws: XMLProblem.self) { try XMLNode.validate(Array(wrong.utf8), against: schema) }
        }
    }

    @Test("texts from outside never become markup, commands or control characters", arguments: poisons)
    func hostile(_ poison: String) throws {
        let bytes = try bytes(RolloutReport.sample.poisoned(with: poison))
        let root = try XMLNode(parsing: bytes)
        let names = Set((root.all("testsuite") + root.all("testcase")).flatMap(\.children).map(\.name))
        #expect(names.isSubset(of: ["properties", "testcase", "failure", "error", "skipped", "system-out"]))
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(!text.contains("<![CDATA["))
        let lowered = Array(text.lowercased().utf8)
        for word in ["[[attachment|", "[[property|"] {
            #expect(!lowered.indices.contains { lowered[$0...].starts(with: word.utf8) })
        }
        #expect(
            !text.unicodeScalars.contains {
                $0.value < 0x20 && $0 != "\n" && $0 != "\t" || (0x7F..<0xA0).contains($0.value)
            }
        )
    }

    @Test("counters are what was counted, times have three decimals")
    func counters() throws {
        let root = try XMLNode(parsing: bytes(.sample))
        #expect(
            root.children.map { $0.attributes["name"] } == [
                "core-infrastructure", "query-optimisation", "migration-system", "advanced-features",
            ]
        )
        for suite in [root] + root.children {
            #expect(suite.attributes["tests"] == String(suite.all("testcase").count))
            #expect(suite.attributes["failures"] == String(suite.all("failure").count))
            #expect(suite.attributes["errors"] == String(suite.all("error").count))
            #expect(suite.attributes["time"]?.contains(/^\d+\.\d{3}$/) == true)
        }
        for suite in root.children {
            #expect(suite.attributes["skipped"] == String(suite.all("skipped").count))
            #expect(suite.attributes["timestamp"]?.contains(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) == true)
            #expect(suite.attributes["package"]?.isEmpty == true)
        }
        // 11 days, 8 hours, 5 minutes and a second from the ledger, not the sum of the cases.
        #expect(root.children.first?.attributes["time"] == "979501.000")
    }

    @Test("cases are unique and say where they belong")
    func names() throws {
        let cases = try XMLNode(parsing: bytes(.sample)).all("testcase")
        let keys = cases.map { "\($0.attributes["classname"] ?? "") \($0.attributes["name"] ?? "")" }
        #expect(Set(keys).count == keys.count)
        #expect(keys.contains("phasegate.quantumleap.query-optimisation p95-regression"))
        #expect(keys.contains("phasegate.quantumleap.core-infrastructure step: migration-1"))
        #expect(cases.allSatisfy { $0.children.count == 1 })
    }

    @Test("dots inside names do not split the class name")
    func dots() throws {
        let root = try XMLNode(parsing: bytes(RolloutReport.sample.poisoned(with: ".v2")))
        #expect(
            root.all("testcase").first?.attributes["classname"] == "phasegate.quantumleap_v2.core-infrastructure_v2"
        )
    }

    @Test(
        "each finding has its one result",
        arguments: [
            (Finding.Outcome?.none, "skipped"), (.pass, "system-out"), (.warn, "system-out"), (.fail, "failure"),
            (.unknown, "error"),
        ]
    )
    func outcomes(_ outcome: Finding.Outcome?, _ element: String) throws {
        let testCase = try results(of: criterion(outcome))
        #expect(testCase.children.map(\.name) == [element])
        let result = try #require(testCase.children.first)
        if let message = result.attributes["message"] {
            #expect(result.text.hasPrefix(message) && message.count <= 200 && !message.contains("\n"))
        }
        if outcome != nil {
            for line in [
                "observed: 54.6 ms", "bound: must <= 50 ms", "samples: 1180", "query: SELECT 1 < 2",
                "observed at: 2026-11-21 09:29:40 UTC",
            ] {
                #expect(result.text.contains(line))
            }
        }
        if outcome == .warn { #expect(result.text.hasPrefix("WARN ")) }
        if let type = result.attributes["type"] { #expect(type.hasPrefix("phasegate.")) }
    }

    @Test("an unconfirmed failure says so, a should is told from a must")
    func failures() throws {
        let unconfirmed = try #require(try results(of: criterion(.fail, isUnconfirmed: true)).children.first)
        #expect(unconfirmed.name == "failure" && unconfirmed.text.hasPrefix("not confirmed yet"))
        #expect(unconfirmed.attributes["type"] == "phasegate.fail.unconfirmed")
        let should = try #require(try results(of: criterion(.fail, bound: "should <= 50 ms")).children.first)
        #expect(should.attributes["type"] == "phasegate.fail.should")
    }

    @Test("a waiver neither passes nor fails", arguments: [Finding.Outcome.fail, .unknown])
    func waived(_ outcome: Finding.Outcome) throws {
        let result = try #require(try results(of: criterion(outcome, waivedBy: "l.brandt")).children.first)
        #expect(result.name == "skipped")
        #expect(result.attributes["message"] == "waived by l.brandt, stands at \(outcome.rawValue): 54.6 ms it is")
    }

    @Test("a rollout that came to a bad end is not green", arguments: RolloutStatus.allCases)
    func ends(_ status: RolloutStatus) throws {
        let phase = RolloutReport.PhaseReport.queryOptimisation.with(stages: [], criteria: [criterion(.pass)])
        let root = try XMLNode(parsing: bytes(RolloutReport.sample.with(status: status, phases: [phase])))
        let isBad = ![RolloutStatus.running, .held, .finished].contains(status)
        #expect(root.attributes["failures"] == (isBad ? "1" : "0"))
    }

    @Test("nothing to measure is an error, not a success")
    func nothing() throws {
        #expect(try XMLNode(parsing: bytes(.empty)).attributes["errors"] == "1")
        let phase = RolloutReport.PhaseReport.coreInfrastructure.with(progress: .finished, stages: [], criteria: [])
        #expect(try XMLNode(parsing: bytes(RolloutReport.sample.with(phases: [phase]))).attributes["errors"] == "1")
    }

    @Test(
        "steps are told as they went",
        arguments: [
            (RolloutReport.StageReport.Progress.ahead, "skipped"), (.present, "skipped"), (.passed, "system-out"),
            (.failed, "failure"), (.undone, "skipped"),
        ]
    )
    func steps(_ progress: RolloutReport.StageReport.Progress, _ element: String) throws {
        let step = RolloutReport.StageReport.step(
            "migration-1",
            progress,
            "2026-11-21T09:00:00Z",
            "2026-11-21T09:00:01Z",
            "apply migration 1 to 'main'",
            nil
        )
        let phase = RolloutReport.PhaseReport.queryOptimisation.with(stages: [step], criteria: [])
        let root = try XMLNode(parsing: bytes(RolloutReport.sample.with(phases: [phase])))
        let testCase = try #require(root.all("testcase").first { $0.attributes["name"] == "step: migration-1" })
        #expect(testCase.children.map(\.name) == [element])
        #expect(testCase.attributes["time"] == "1.000")
    }
}

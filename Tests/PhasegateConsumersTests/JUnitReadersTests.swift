import Foundation
import PhasegateCore
import PhasegateReports
import PhasegateTesting
import Testing

/// Four readers of other projects understand our JUnit XML, and understand the same.
@Suite("Readers of JUnit XML", .needs(.python, .ruby, .activeSupport, .node, .xml2js))
struct JUnitReadersTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func file(of sample: ReportSample, for profile: JUnitProfile = .xunit) throws -> String {
        let path = directory.path(of: "junit.xml")
        let rendered = try #require(JUnitReport(profile: profile).render(sample.report).first)
        try Data(rendered.bytes()).write(to: URL(filePath: path))
        return path
    }

    @Test("agree on every case and its message", arguments: ReportSample.readable, JUnitProfile.allCases)
    func agree(_ sample: ReportSample, _ profile: JUnitProfile) async throws {
        let file = try file(of: sample, for: profile)
        let said = try await JUnitReader.junitparser.read(file)
        // Counts and digest of what they understood, by a fifth hand.
        #expect(said == JUnitReading(of: try #require(said.cases)))
        for reader in JUnitReader.allCases {
            let understood = try await reader.read(file)
            #expect(understood == reader.understands(said), "\(reader.rawValue)")
        }
    }

    @Test("say of every criterion what the model says", arguments: [ReportSample.allPass, .allVerdicts])
    func sayWhatTheModelSays(_ sample: ReportSample) async throws {
        let cases = try #require(try await JUnitReader.activeSupport.read(try file(of: sample)).cases)
        for phase in sample.report.phases {
            let ofPhase = cases.filter { $0[0].hasSuffix(".\(phase.name)") }
            for criterion in phase.criteria {
                let found = ofPhase.filter { $0[1] == criterion.name.rawValue }
                #expect(found.count == 1, "\(phase.name) \(criterion.name)")
                let testCase = try #require(found.first)
                #expect(testCase[2] == result(of: criterion.finding), "\(phase.name) \(criterion.name)")
                guard let finding = criterion.finding, testCase[2] != "passed" else { continue }
                #expect(testCase[3].contains(finding.reason), "\(testCase)")
                #expect(testCase[3].contains("waived by l.brandt") == (finding.waivedBy != nil), "\(testCase)")
            }
        }
    }

    /// What a finding is in the words of JUnit.
    private func result(of finding: Finding?) -> String {
        switch finding?.outcome {
        case .pass, .warn: "passed"
        case .fail: finding?.waivedBy == nil ? "failure" : "skipped"
        case .unknown: finding?.waivedBy == nil ? "error" : "skipped"
        case nil: "skipped"
        }
    }

    @Test("keep names of hostile criteria apart and their texts inside their cases")
    func hostileNames() async throws {
        let sample = ReportSample.hostileNames
        let cases = try #require(try await JUnitReader.activeSupport.read(try file(of: sample)).cases)
        let failures = cases.filter { $0[2] == "failure" }
        #expect(failures.count == hostileTexts.count)
        #expect(Set(cases.map { $0[0] + "\u{1F}" + $0[1] }).count == cases.count)
        for testCase in failures { #expect(testCase[1].hasPrefix("criterion") && testCase[3].hasPrefix("because")) }
    }

    @Test("read 100,000 cases and agree", .timeLimit(.minutes(5)))
    func many() async throws {
        let findings = ReportSample.manyCases.report.phases.flatMap(\.criteria).compactMap(\.finding)
        let file = try file(of: .manyCases)
        let said = try await JUnitReader.junitparser.read(file, within: .seconds(120))
        #expect(said.tests == 100_000)
        #expect(said.failures == findings.count { $0.outcome == .fail })
        #expect(said.errors == 0)
        for reader in JUnitReader.allCases where reader != .junitparser {
            let understood = try await reader.read(file, within: .seconds(120))
            #expect(understood == said, "\(reader.rawValue)")
        }
    }
}

import Foundation
import PhasegateCore
import PhasegateReports
import PhasegateTesting
import Testing

/// The schemas by which strict readers take or refuse a file, asked by `xmllint` as people ask it.
@Suite("JUnit XML by its schemas", .needs(.xmllint, .schemas))
struct JUnitSchemaTests {
    private static let jenkins = "junit-10.xsd"
    private static let ant = "windyroad-junit.xsd"

    /// Asks for the verdict on a document.
    private func verdict(on document: [UInt8], by schema: String) async throws -> ChildProgram.Run {
        let directory = try TemporaryDirectory()
        let file = directory.path(of: "junit.xml")
        try Data(document).write(to: URL(filePath: file))
        return try await ChildProgram(
            try RealTool.xmllint.path,
            ["--noout", "--nonet", "--schema", "\(RealTool.schemas.path)/\(schema)", file]
        ).run(within: .seconds(120))
    }

    private func document(_ sample: ReportSample, for profile: JUnitProfile) throws -> [UInt8] {
        try #require(JUnitReport(profile: profile).render(sample.report).first).bytes()
    }

    @Test("is what Jenkins' strict reader takes", arguments: ReportSample.allCases, [JUnitProfile.xunit, .ant])
    func valid(_ sample: ReportSample, _ profile: JUnitProfile) async throws {
        let run = try await verdict(on: try document(sample, for: profile), by: Self.jenkins)
        #expect(run.succeeded, "\(run.errors.prefix(2_000))")
    }

    @Test("is what Ant's readers take", arguments: ReportSample.allCases)
    func validForAnt(_ sample: ReportSample) async throws {
        let run = try await verdict(on: try document(sample, for: .ant), by: Self.ant)
        #expect(run.succeeded, "\(run.errors.prefix(2_000))")
    }

    @Test("would be refused for an attribute too many", arguments: [jenkins, ant])
    func schemaBites(_ schema: String) async throws {
        let text = String(decoding: try document(.allPass, for: .ant), as: UTF8.self)
        let wrong = text.replacing("<testcase ", with: "<testcase file=\"plan.yaml\" ")
        #expect(wrong != text)
        #expect(try await !verdict(on: Array(wrong.utf8), by: schema).succeeded)
    }
}

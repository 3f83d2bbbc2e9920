import Foundation
import PhasegateCore
import PhasegateReports
import Testing

@Suite("JSON report")
struct JSONReportTests {
    @Test("reads back as the same report")
    func roundTrip() throws {
        let bytes = try #require(try JSONReport().render(.sample).first).bytes()
        #expect(try JSONDecoder().decode(RolloutReport.self, from: Data(bytes)) == .sample)
        #expect(bytes.last == UInt8(ascii: "\n"))
    }

    @Test("numbers that JSON does not have are words")
    func nonFinite() throws {
        let phase = RolloutReport.PhaseReport.coreInfrastructure
        let criterion = RolloutReport.CriterionReport.make(
            "c",
            .success,
            "latency",
            "must = 0",
            [],
            [],
            nil,
            nil,
            "",
            history: [.nan, .infinity, 1]
        )
        let report = RolloutReport.sample.with(phases: [phase.with(criteria: [criterion])])
        let text = String(decoding: try #require(try JSONReport().render(report).first).bytes(), as: UTF8.self)
        #expect(text.contains("\"not-a-number\"") && text.contains("\"infinity\""))
        #expect(try !HTMLReport().render(report).isEmpty)
    }
}

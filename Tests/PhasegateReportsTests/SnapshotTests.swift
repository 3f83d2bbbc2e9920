import PhasegateCore
import PhasegateReports
import Testing

@Suite("Samples")
struct SnapshotTests {
    @Test("the samples under reports/samples are what the formats write", arguments: ["html", "junit", "json"])
    func golden(_ name: String) throws {
        for file in try ReportFormats.format(named: name).render(.sample) {
            try expectSnapshot(file.bytes(), matches: file.name)
        }
    }

    @Test("so are the pages for other audiences", arguments: [Audience.lead, .stakeholder])
    func goldenAudience(_ audience: Audience) throws {
        for file in try HTMLReport(audience: audience).render(RolloutReport.sample) {
            try expectSnapshot(file.bytes(), matches: file.name)
        }
    }

    @Test("and the page of a programme")
    func goldenProgramme() throws {
        for file in try HTMLReport().render(ProgrammeReport.sample) {
            try expectSnapshot(file.bytes(), matches: file.name)
        }
    }

    @Test("the same report gives the same bytes", arguments: ["html", "junit", "json"])
    func deterministic(_ name: String) throws {
        let format = try ReportFormats.format(named: name)
        let first = try format.render(.sample)
        let second = try format.render(.sample)
        #expect(first.map(\.name) == second.map(\.name))
        for (one, other) in zip(first, second) { #expect(try one.bytes() == other.bytes()) }
    }
}

import PhasegateCore
import PhasegateReports
import Testing

@Suite("Samples")
struct SnapshotTests {
    @Test("the samples under reports/samples are what the formats write", arguments: ["html", "junit", "json"])
    func golden(_ name: String) throws {
        for file in try ReportFormats.format(named: name).render(.sample) {
            try expectSnapshot(file.bytes, matches: file.name)
        }
    }

    @Test("the same report gives the same bytes", arguments: ["html", "junit", "json"])
    func deterministic(_ name: String) throws {
        let format = try ReportFormats.format(named: name)
        #expect(try format.render(.sample) == format.render(.sample))
    }
}

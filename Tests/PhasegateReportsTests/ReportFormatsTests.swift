import PhasegateCore
import PhasegateReports
import Testing

@Suite("Report formats")
struct ReportFormatsTests {
    @Test("names are unique and in a fixed order")
    func names() {
        #expect(ReportFormats.builtIn.map(\.name) == ["html", "junit", "json", "markdown"])
    }

    @Test("an unknown name is refused and the nearest one is named")
    func unknown() {
        #expect {
            try ReportFormats.format(named: "htlm")
        } throws: { error in
            (error as? Diagnostic)?.rule == "unknown-format" && (error as? Diagnostic)?.hint?.contains("'html'") == true
        }
        #expect {
            try ReportFormats.format(named: "spreadsheet")
        } throws: { error in
            (error as? Diagnostic)?.hint == "there are html, junit, json, markdown"
        }
        #expect(throws: Diagnostic.self) { try ReportFormats.format(named: "HTML") }
    }
}

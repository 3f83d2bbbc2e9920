import FoundationEssentials
import PhasegateCore
import PhasegateFiles
import PhasegateLint
import Testing

@Suite struct DocumentationTests {
    private func page() throws -> String {
        let root = #filePath.replacing("Tests/PhasegateFilesTests/DocumentationTests.swift", with: "")
        return try String(contentsOfFile: root + "docs/rollout-file.md", encoding: .utf8)
    }

    @Test func theExampleIsRight() throws {
        let parts = try page().split(separator: "```yaml\n").dropFirst()
        let example = try #require(parts.first?.split(separator: "```").first)
        let (diagnostics, loaded) = Samples.loader().diagnostics(ofText: String(example), named: "example.yaml")
        #expect(diagnostics.map(\.description) == [])
        let findings = try lint(#require(loaded).rollout, places: #require(loaded).places)
        #expect(findings.map(\.description) == [])
    }

    @Test func everyLintRuleIsExplained() throws {
        let page = try page()
        for rule in LintRules.builtIn {
            #expect(page.contains("`\(type(of: rule).name)`"), "\(type(of: rule).name)")
        }
    }

    @Test func everyKeyIsExplained() throws {
        let page = try page()
        let schema = rolloutSchemaJSON(probes: [], channels: [], sinks: [], sources: [])
        let keys = schema.matches(of: /"([a-z-]+)" : \{\n/).map { String($0.1) }
        let words = Set(page.split { !($0.isLetter || $0 == "-") }.map(String.init))
        let ofTheSchemaItself: Set = [
            "items", "properties", "scalar", "bound", "moment", "quantity", "time-of-day", "utc-offset",
        ]
        #expect(keys.count > 80)
        #expect(Set(keys).subtracting(words).subtracting(ofTheSchemaItself) == [])
    }
}

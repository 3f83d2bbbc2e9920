import Crypto
import Foundation
import PhasegateCore
import Testing

@testable import PhasegateReports

@Suite("Templates")
struct TemplateTests {
    @Test("every file under templates/html is compiled in")
    func registered() throws {
        let directory = ProjectFiles.root.appending(path: "templates/html")
        let files = try FileManager.default.contentsOfDirectory(atPath: directory.path()).filter {
            $0.hasSuffix(".mustache")
        }
        #expect(files.sorted() == TemplateLibrary.sources.map { "\($0.name).mustache" }.sorted())
    }

    @Test("every name a template asks for is one that a page has, and every name of a page is asked for")
    func names() throws {
        let dress = try Dress(TemplateLibrary())
        let fields = Fields(of: [
            try Page(.branching, for: .engineer, in: dress), try Page(Self.crowded, for: .engineer, in: dress),
            try Page(.large(criteria: 1_100, rounds: 1_001), for: .engineer, in: dress),
            ProgrammePage(.sample, in: dress),
            try ReviewPage(Review(.weeklyRiskReview, of: .sample), TemplateLibrary()),
        ])
        let sources = TemplateLibrary.sources.map {
            TemplateSource(name: $0.name, text: String(decoding: $0.text, as: UTF8.self))
        }
        let partials = Set(sources.map(\.name))
        var asked: Set<String> = []
        for source in sources {
            for tag in source.tags {
                switch tag.kind {
                case ">": #expect(partials.contains(tag.name), "'\(source.name)' includes '\(tag.name)'")
                case "{": #expect(fields.drawings.contains(tag.name), "'\(source.name)' shows '\(tag.name)' unescaped")
                case "&", "%", "=", "$", "<", "!":
                    Issue.record("'\(source.name)' uses '\(tag.kind)', which nobody has checked")
                default:
                    #expect(
                        tag.name == "." || fields.names.contains(tag.name),
                        "'\(source.name)' asks for '\(tag.name)'"
                    )
                }
                asked.insert(tag.name)
            }
        }
        #expect(fields.names.subtracting(asked) == [])
        // Triple braces are allowed by name, so a name is either that of drawings or of what has to be escaped.
        #expect(fields.drawings.intersection(fields.others) == [])
    }

    private static let crowded = RolloutReport.sample.with(
        risks: Array(repeating: RolloutReport.sample.risks[0], count: 13)
    )

    @Test("a name that is missing is an error, not a gap")
    func missing() throws {
        struct Nothing {}
        #expect(throws: TemplateError.self) { try TemplateLibrary().render(Nothing()) }
    }

    /// Renders the sample with files in place of templates.
    private func render(_ files: [String: String]) throws -> String {
        let directory = FileManager.default.temporaryDirectory.appending(path: "templates-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        for (name, text) in files { try Data(text.utf8).write(to: directory.appending(path: name)) }
        let format = HTMLReport(audience: .engineer, templates: directory.path())
        return String(decoding: try #require(try format.render(RolloutReport.sample).first).bytes(), as: UTF8.self)
    }

    @Test("a file replaces the template of its name, and nothing else")
    func replaced() throws {
        let ours = "<h2 id=\"log\">Ours</h2>{{#log}}{{#lines}}<p>{{sentence}}</p>{{/lines}}{{/log}}\r\n"
        let page = try render(["log.mustache": ours])
        #expect(page.contains("<h2 id=\"log\">Ours</h2><p>the rollout was begun"))
        #expect(page.contains("id=\"notices\""))
        #expect(!page.contains("Decision log"))
    }

    @Test("replaced styles are allowed by the page's own policy")
    func replacedStyles() throws {
        let page = try render(["styles.mustache": "body {\r\n color: red }"])
        #expect(page.contains("<style>body {\n color: red }</style>"))
        let hash = Data(SHA256.hash(data: Data("body {\n color: red }".utf8))).base64EncodedString()
        #expect(page.contains("style-src 'sha256-\(hash)'"))
    }

    @Test(
        "a file that cannot be used is named, with what it asks for",
        arguments: [
            ("nothing.mustache", "", "replaces no template", nil), ("notes.txt", "", "replaces no template", nil),
            ("log.mustache", "{{#log}}", "does not parse", nil),
            // Even where nothing would be rendered: a report must not fail on the day a gate does.
            ("log.mustache", "{{#log}}{{#isEmpty}}{{sentnce}}{{/isEmpty}}{{/log}}", "no variable 'sentnce'", "sentnce"),
            // A name there is, but not here.
            ("log.mustache", "{{#log}}{{sentence}}{{/log}}", "there is no variable 'sentence'", "sentence"),
            ("log.mustache", "{{> logs}}", "there is no template 'logs'", "logs"),
            ("log.mustache", "{{#log}}{{#lines}}{{{sentence}}}{{/lines}}{{/log}}", "unescaped", "sentence"),
            (
                "timeline.mustache", "{{#timeline}}{{#rows}}{{{planned}}}{{/rows}}{{/timeline}}", "unescaped",
                "planned"
            ),
            ("strip.mustache", "{{#strip}}{{{actual}}}{{/strip}}", "unescaped", "actual"),
            ("log.mustache", "{{& sentence}}", "not supported", "sentence"),
            ("log.mustache", "{{=<% %>=}}", "not supported", "<%"),
            ("log.mustache", "{{%CONTENT_TYPE:TEXT}}", "not supported", "CONTENT_TYPE:TEXT"),
            ("styles.mustache", "</style><script>", "'</'", nil),
        ]
    )
    func refused(_ name: String, _ text: String, _ message: String, _ variable: String?) throws {
        let error = try #require(throws: TemplateError.self) { try render([name: text]) }
        #expect(error.file.hasSuffix(name))
        #expect(error.message.contains(message))
        #expect(error.variable == variable)
        #expect(error.description.contains(name))
    }

    @Test("a directory that is not there is an error")
    func noDirectory() {
        #expect(throws: TemplateError.self) {
            try HTMLReport(templates: "/nowhere/at/all").render(RolloutReport.sample)
        }
    }

    /// All names in the views, found by reflection on a page where every list has something in it.
    private struct Fields {
        var names: Set<String> = []
        var drawings: Set<String> = []
        /// Names of anything that is no drawing.
        var others: Set<String> = []

        init(of pages: [Any]) {
            for page in pages { collect(page) }
        }

        private mutating func collect(_ value: Any) {
            if value is Shown || value is Drawing { return }
            for child in Mirror(reflecting: value).children {
                if let label = child.label {
                    names.insert(label)
                    if child.value is Drawing { drawings.insert(label) } else { others.insert(label) }
                }
                collect(child.value)
            }
        }
    }
}

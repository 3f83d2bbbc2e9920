import Foundation
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

    @Test("every name a template asks for is one that its page has")
    func names() throws {
        let fields = Fields(of: Page(.sample), ReviewPage(try Review(.weeklyRiskReview, of: .sample)))
        let partials = Set(TemplateLibrary.sources.map(\.name))
        for (template, text) in TemplateLibrary.sources {
            for tag in Self.tags(in: String(decoding: text, as: UTF8.self)) {
                switch tag.kind {
                case ">": #expect(partials.contains(tag.name), "'\(template)' includes '\(tag.name)'")
                case "{": #expect(fields.drawings.contains(tag.name), "'\(template)' shows '\(tag.name)' unescaped")
                case "&", "%", "=", "$", "<": Issue.record("'\(template)' uses '\(tag.kind)', which nobody has checked")
                default:
                    #expect(tag.name == "." || fields.names.contains(tag.name), "'\(template)' asks for '\(tag.name)'")
                }
            }
        }
    }

    @Test("a name that is missing is an error, not a gap")
    func missing() throws {
        struct Nothing {}
        #expect(throws: TemplateError.self) { try TemplateLibrary().render(Nothing()) }
    }

    /// All names in the views, found by reflection on pages where every list has something in it.
    private struct Fields {
        var names: Set<String> = []
        var drawings: Set<String> = []

        init(of pages: Any...) { for page in pages { collect(page) } }

        private mutating func collect(_ value: Any) {
            if value is Shown || value is Drawing { return }
            for child in Mirror(reflecting: value).children {
                if let label = child.label {
                    names.insert(label)
                    if child.value is Drawing { drawings.insert(label) }
                }
                collect(child.value)
            }
        }
    }

    private static func tags(in text: String) -> [(kind: Character, name: String)] {
        text.matches(of: /\{\{([#^\/>{&%=$<]?)\s*([^}]*?)\s*\}\}/).map { match in
            (kind: match.output.1.first ?? " ", name: String(match.output.2))
        }
    }
}

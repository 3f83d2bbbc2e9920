import Foundation
import PhasegateCore
import PhasegateReports
import PhasegateTesting
import Testing

/// The page as a real browser and real checkers have it.
///
/// Pictures to look at are left in `.build/pictures`.
@Suite(
    "The page in a browser",
    .needs(.python, .chromium, .chromedriver, .axe, .java, .nuChecker),
    .serialized,
    .timeLimit(.minutes(5))
)
struct PageTests {
    /// The pages shown in `reports/samples`, and one of hostile names.
    static let pages =
        ((try? FileManager.default.contentsOfDirectory(atPath: ProjectFiles.root + "/reports/samples")) ?? [])
        .filter { $0.hasSuffix(".html") }.sorted() + [hostile]
    private static let hostile = "hostile names"

    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func file(of page: String) throws -> String {
        guard page == Self.hostile else { return ProjectFiles.root + "/reports/samples/" + page }
        let path = directory.path(of: "report.html")
        let rendered = try #require(try HTMLReport().render(ReportSample.hostileNames.report).first)
        try Data(rendered.bytes()).write(to: URL(filePath: path))
        return path
    }

    private func check(_ file: String, pictures: String) async throws -> PageCheck {
        try await PageCheck(of: file, pictures: ProjectFiles.root + "/.build/pictures/" + pictures)
    }

    @Test(
        "is whole without network and scripts, accessible in light and dark, wide, narrow and printed",
        arguments: pages
    )
    func asPeopleMeetIt(_ page: String) async throws {
        let met = try await check(try file(of: page), pictures: page.replacing(" ", with: "-"))
        #expect(met.scriptsWereOff)
        #expect(met.texts.count > 50)
        #expect(met.lostWithoutScripts.isEmpty && met.lostWithScripts.isEmpty)
        #expect(met.requests.isEmpty)
        #expect(met.console.isEmpty)
        #expect(met.unprinted.isEmpty)
        for (width, texts) in met.unseen { #expect(texts.isEmpty, "\(width) px wide") }
        for (width, excess) in met.widths { #expect(excess == 0, "\(width) px wide") }
        #expect(met.firstPaintMilliseconds < 1_000)
        #expect(Set(met.axe.keys) == ["light", "dark", "narrow"])
        for (look, said) in met.axe.sorted(by: { $0.key < $1.key }) {
            #expect(said.passes > 20)
            #expect(said.violations.isEmpty, "\(look): \(said.violations)")
        }
    }

    @Test("is valid HTML, SVG and CSS", arguments: pages)
    func valid(_ page: String) async throws {
        let check = try await MarkupCheck(of: try file(of: page))
        #expect(check.errors.isEmpty, "\(check.errors.prefix(10).joined(separator: "\n"))")
        // Names are shown as they were given, whatever their normal form.
        let warnings = check.warnings.filter { page != Self.hostile || !$0.contains("Normalization Form C") }
        #expect(warnings.isEmpty, "\(warnings.prefix(10).joined(separator: "\n"))")
    }

    @Test("the checks notice what is wrong, so that their silence means something")
    func checksBite() async throws {
        let page = directory.path(of: "bad.html")
        try Data(badPage.utf8).write(to: URL(filePath: page))
        let met = try await check(page, pictures: "bad")
        #expect(met.lostWithoutScripts == ["only with scripts"])
        #expect(met.requests == ["http://pictures.invalid/a.png"])
        #expect(met.console.contains { $0.contains("oops") })
        #expect(met.unseen["1280"] == ["never seen"])
        #expect(met.unprinted.sorted() == ["folded", "never seen"])
        #expect((met.widths["390"] ?? 0) > 0)
        for look in ["light", "dark", "narrow"] {
            let found = Set((met.axe[look]?.violations ?? []).map(\.id))
            #expect(found.isSuperset(of: ["color-contrast", "image-alt"]))
        }
        let markup = try await MarkupCheck(of: page)
        #expect(markup.errors.contains { $0.contains("must have an “alt”") || $0.contains("“alt” attribute") })
        #expect(markup.errors.contains { $0.contains("CSS") })
        #expect(markup.warnings.contains { $0.contains("unnecessary") })
    }
}

private let badPage = """
    <!DOCTYPE html>
    <html lang="en"><head><meta charset="utf-8"><title>bad</title>
    <style>p { color: #bbb; background: #fff } .h { display: none } pre { width: 900px } i { colour: red }</style></head>
    <body><main role="main"><h1>Bad</h1><p>hard to read</p><p class="h">never seen</p>
    <img src="http://pictures.invalid/a.png"><div id="x"></div><pre>wide</pre>
    <details><summary>more</summary><p>folded</p></details>
    <script>document.getElementById("x").textContent = "only with scripts"; console.error("oops")</script>
    </main></body></html>
    """

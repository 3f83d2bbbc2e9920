import Foundation
import Testing

/// Reports as people ask for them.
@Suite struct ReportTests {
    private func finished() throws -> Shop {
        let shop = try Shop()
        #expect(try shop("run").status == 0)
        return shop
    }

    private func text(_ shop: Shop, _ name: String) throws -> String {
        try String(contentsOfFile: shop.workspace.file("reports/\(name)"), encoding: .utf8)
    }

    @Test func everyAudienceGetsItsPage() throws {
        let shop = try finished()
        for (audience, file) in [("stakeholder", "report-stakeholder.html"), ("lead", "report-lead.html")] {
            let run = try shop("report", "--format", "html", "--audience", audience)
            #expect(run.status == 0, "\(run.everything)")
            #expect(try text(shop, file).contains("An index for the shop"))
        }
        #expect(try shop("report", "--audience", "everybody").status == 64)
    }

    @Test func aTemplateThatAsksForWhatIsNotThereIsRefusedByName() throws {
        let shop = try finished()
        let templates = shop.workspace.file("own")
        try FileManager.default.createDirectory(atPath: templates, withIntermediateDirectories: true)
        try "{{#log}}{{nonsense}}{{/log}}".write(toFile: templates + "/log.mustache", atomically: true, encoding: .utf8)
        let before = try text(shop, "report.html")
        let run = try shop("report", "--format", "html", "--templates", templates)
        #expect(run.status == 65, "\(run.everything)")
        #expect(run.everything.contains("nonsense"))
        #expect(run.everything.contains("log.mustache"))
        #expect(try text(shop, "report.html") == before)
    }

    @Test func theSecondReportSaysWhatChangedSinceTheFirst() throws {
        let shop = try Shop()
        #expect(try shop("check").status == 0)
        let first = try text(shop, "report.json")
        #expect(!first.contains("\"changes\""))
        #expect(try shop("run").status == 0)
        let second = try text(shop, "report.json")
        #expect(second.contains("\"changes\""))
        #expect(second.contains("finished"))
    }

    @Test func junitComesInThreeDialects() throws {
        let shop = try finished()
        for profile in ["xunit", "ant", "ci"] {
            let file = shop.workspace.file("\(profile).xml")
            #expect(try shop("report", "--format", "json", "--junit", file, "--junit-profile", profile).status == 0)
            #expect(try String(contentsOfFile: file, encoding: .utf8).contains("<testsuites"))
        }
        let failing = try Shop { $0.replacingOccurrences(of: "must: \"= 0\"", with: "must: \"> 0\"") }
        let file = failing.workspace.file("ci.xml")
        #expect(try failing("run", "--junit", file, "--junit-profile", "ci").status == 1)
        let written = try String(contentsOfFile: file, encoding: .utf8)
        #expect(written.contains("<failure"))
        // Where the criterion stands in the plan, for annotations.
        #expect(written.contains("file=\"\(failing.rollout)\" line=\""))
    }

    @Test func reviewsAreFilledFromHistory() throws {
        let shop = try finished()
        for (occasion, file) in [
            ("weekly", "weekly-risk-review"), ("phase", "post-phase-review"), ("closing", "post-implementation-review"),
        ] {
            let run = try Program.phasegate(
                "review",
                shop.rollout,
                "--occasion",
                occasion,
                "--workspace",
                shop.workspace.path,
                "--reports",
                shop.workspace.file("reports")
            )
            #expect(run.status == 0, "\(run.everything)")
            let written = try FileManager.default.contentsOfDirectory(atPath: shop.workspace.file("reports"))
            #expect(written.contains { $0.hasPrefix(file) && $0.hasSuffix(".html") }, "\(written)")
            #expect(written.contains { $0.hasPrefix(file) && $0.hasSuffix(".md") })
        }
    }

    @Test func severalRolloutsBecomeOnePage() throws {
        let first = try finished()
        let second = try Shop { $0.replacingOccurrences(of: "rollout: shop", with: "rollout: second-shop") }
        #expect(try second("check").status == 0)
        let run = try Program.phasegate(
            "programme",
            first.rollout,
            second.rollout,
            "--title",
            "Two shops",
            "--reports",
            first.workspace.file("reports")
        )
        #expect(run.status == 0, "\(run.everything)")
        let page = try text(first, "programme.html")
        for word in ["Two shops", "second-shop", "shop"] { #expect(page.contains(word)) }
    }

    @Test func everyLinkOfAProgrammeLeadsToWhatIsThere() throws {
        let shop = try finished()
        let plan = try String(contentsOfFile: shop.rollout, encoding: .utf8)
        try shop.workspace.write(
            plan.replacingOccurrences(of: "rollout: shop", with: "rollout: second-shop"),
            to: "second.yaml"
        )
        func run(_ arguments: String...) throws -> Program.Run {
            try Program.phasegate.run(arguments, in: shop.workspace.path)
        }
        /// The files that the links of a page lead to, seen from the workspace.
        func targets(of page: String) throws -> Set<String> {
            let place = URL(fileURLWithPath: shop.workspace.file(page))
            let text = try String(contentsOf: place, encoding: .utf8)
            var targets: Set<String> = []
            for match in text.matches(of: /href="([^"]*)"/) {
                let url = try #require(URL(string: String(match.1), relativeTo: place))
                let target = try String(contentsOfFile: url.path, encoding: .utf8)
                if let anchor = url.fragment {
                    #expect(target.contains("id=\"\(anchor)\""), "\(match.1) of \(page) leads to no element")
                }
                let path = url.absoluteURL.standardized.path
                targets.insert(path.replacingOccurrences(of: shop.workspace.path + "/", with: ""))
            }
            return targets
        }
        // As the README has it: nothing is said of where reports lie.
        #expect(try run("report", "rollout.yaml").status == 0)
        #expect(try run("check", "second.yaml").status == 0)
        #expect(try run("programme", "rollout.yaml", "second.yaml").status == 0)
        let pages = ["reports/shop/report.html", "reports/second-shop/report.html"]
        #expect(try targets(of: "reports/programme.html") == Set(pages + ["reports/programme.html"]))
        #expect(try run("programme", "rollout.yaml", "second.yaml", "--reports", "out/./pages").status == 0)
        #expect(try targets(of: "out/pages/programme.html") == Set(pages + ["out/pages/programme.html"]))
        // A report that is not there is not linked to.
        try FileManager.default.removeItem(atPath: shop.workspace.file("reports/second-shop"))
        #expect(try run("programme", "rollout.yaml", "second.yaml").status == 0)
        #expect(try targets(of: "reports/programme.html") == Set([pages[0], "reports/programme.html"]))
        #expect(try run("programme", "rollout.yaml", "--audience", "lead").status == 64)
    }

    @Test func theSummaryForAJobIsMarkdown() throws {
        let shop = try finished()
        let summary = try text(shop, "summary.md")
        #expect(summary.contains("An index for the shop"))
        #expect(summary.contains("| "))
        #expect(summary.contains("finished"))
    }
}

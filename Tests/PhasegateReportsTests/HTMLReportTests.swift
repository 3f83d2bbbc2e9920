import Crypto
import Foundation
import PhasegateCore
import Testing

@testable import PhasegateReports

@Suite("HTML report")
struct HTMLReportTests {
    private func page(_ report: RolloutReport) throws -> String {
        let files = try HTMLReport().render(report)
        #expect(files.map(\.name) == ["report.html"])
        return String(decoding: try #require(files.first).bytes(), as: UTF8.self)
    }

    private func programmePage(_ programme: ProgrammeReport) throws -> String {
        let files = try HTMLReport().render(programme)
        #expect(files.map(\.name) == ["programme.html"])
        return String(decoding: try #require(files.first).bytes(), as: UTF8.self)
    }

    private func page(_ report: RolloutReport, for audience: Audience) throws -> String {
        let file = try #require(try HTMLReport(audience: audience).render(report).first)
        #expect(file.name == (audience == .engineer ? "report.html" : "report-\(audience.rawValue).html"))
        return String(decoding: try file.bytes(), as: UTF8.self)
    }

    @Test("needs nothing from outside and runs nothing but its own script")
    func selfContained() throws {
        for page in try [page(.sample), programmePage(.sample)] {
            #expect(page.contains("default-src 'none'"))
            for word in ["http://", "https://", "url(", "@import", " style=", " src=", "unsafe-", " onclick="] {
                #expect(!page.contains(word), "the page contains \(word)")
            }
        }
        #expect(try page(.sample).utf8.count < 200_000)
    }

    @Test("the policy allows exactly the styles and the script that are there")
    func policy() throws {
        let page = try page(.sample)
        func content(_ name: String) throws -> String {
            let start = try #require(page.range(of: "<\(name)>")).upperBound
            let end = try #require(page.range(of: "</\(name)>", range: start..<page.endIndex)).lowerBound
            return String(page[start..<end])
        }
        let style = Data(SHA256.hash(data: Data(try content("style").utf8))).base64EncodedString()
        let script = Data(SHA256.hash(data: Data(try content("script").utf8))).base64EncodedString()
        #expect(
            page.contains(
                "content=\"default-src 'none'; style-src 'sha256-\(style)'; script-src 'sha256-\(script)'; "
                    + "img-src data:; base-uri 'none'; form-action 'none'\""
            )
        )
        #expect(page.components(separatedBy: "<style").count == 2)
        #expect(!page.contains("{{"))
    }

    @Test("every link leads to one element of the page")
    func links() throws {
        let pages = try Audience.allCases.map { try page(.sample, for: $0) } + [programmePage(.sample)]
        for page in pages {
            let tags = MarkupScanner(page).tags
            let identifiers = tags.compactMap { $0.attributes["id"] }
            #expect(Set(identifiers).count == identifiers.count)
            for tag in tags {
                for key in ["href", "aria-labelledby"] {
                    guard let target = tag.attributes[key], !target.hasPrefix("../") else { continue }
                    let identifier = key == "href" ? String(target.dropFirst()) : target
                    #expect(identifiers.contains(identifier), "\(key)=\"\(target)\" leads nowhere")
                }
            }
        }
    }

    @Test("headings go down one level at a time, tables have captions and scopes")
    func structure() throws {
        let pages = try Audience.allCases.map { try page(.branching, for: $0) } + [programmePage(.sample)]
        for tags in pages.map({ MarkupScanner($0).tags }) {
            var level = 0
            for name in tags.map(\.name) where ["h1", "h2", "h3", "h4"].contains(name) {
                let next = Int(name.dropFirst()) ?? 0
                #expect(next <= level + 1)
                level = next
            }
            #expect(tags.count { $0.name == "h1" } == 1)
            #expect(tags.count { $0.name == "main" } == 1)
            #expect(tags.count { $0.name == "table" } == tags.count { $0.name == "caption" })
            #expect(tags.filter { $0.name == "th" }.allSatisfy { $0.attributes["scope"] != nil })
            let drawings = tags.filter { $0.name == "svg" }
            #expect(drawings.allSatisfy { $0.attributes["role"] == "img" || $0.attributes["aria-hidden"] == "true" })
            // Each drawing that is not hidden says what it is and what can be read off it.
            let told = drawings.count { $0.attributes["role"] == "img" }
            #expect(tags.count { $0.name == "desc" } == told)
            #expect(tags.count { $0.name == "title" } == told + 1)
        }
    }

    @Test("names and texts from outside stay text", arguments: poisons)
    func hostile(_ poison: String) throws {
        let expected = MarkupScanner(try page(RolloutReport.sample.poisoned(with: " and more"))).tags
        let actual = MarkupScanner(try page(RolloutReport.sample.poisoned(with: poison))).tags
        // The same elements with the same attributes in the same order, whatever the texts say.
        let difference = zip(actual, expected).first {
            $0.name != $1.name || $0.attributes.keys.sorted() != $1.attributes.keys.sorted()
        }
        #expect(difference == nil)
        #expect(actual.count == expected.count)
        #expect(actual.allSatisfy { $0.attributes["href"]?.hasPrefix("#") ?? true })
        let programme = ProgrammeReport(
            title: poison,
            generatedAt: RolloutReport.sample.generatedAt,
            version: poison,
            rollouts: [try RolloutReport.sample.poisoned(with: poison)]
        )
        let links = MarkupScanner(try programmePage(programme)).tags.compactMap { $0.attributes["href"] }
        #expect(links.allSatisfy { $0.hasPrefix("#") || $0.hasPrefix("../quantumleap") })
    }

    @Test("control and direction characters are shown, not obeyed")
    func invisible() throws {
        let page = try page(RolloutReport.sample.poisoned(with: "\u{0}\u{1B}[31m\u{202E}\u{85}"))
        #expect(page.contains("\u{2400}\u{241B}[31m\\u{202E}\\u{85}"))
        #expect(!page.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" || (0x202A...0x202E).contains($0.value) })
    }

    @Test("every status is named", arguments: RolloutStatus.allCases)
    func statuses(_ status: RolloutStatus) throws {
        let page = try page(RolloutReport.sample.with(status: status))
        #expect(page.contains("<span>Rollout \(status.rawValue.replacing("-", with: " "))</span>"))
    }

    @Test("every verdict is named", arguments: GateOutcome.allCases)
    func verdicts(_ verdict: GateOutcome) throws {
        let page = try page(RolloutReport.sample.with(verdict: verdict))
        #expect(page.contains("Last gate says \(verdict.rawValue.replacing("-", with: " "))"))
    }

    @Test("every finding is named beside its shape", arguments: Finding.Outcome.allCases)
    func outcomes(_ outcome: Finding.Outcome) throws {
        let page = try page(.sample)
        let tone = outcome.rawValue
        #expect(page.contains("<use href=\"#icon-\(tone)\"/></svg>\(outcome.rawValue)</span>"))
        #expect(page.contains("<symbol id=\"icon-\(tone)\""))
    }

    @Test("every tone has its icon and its colour", arguments: Badge.Tone.allCases)
    func tones(_ tone: Badge.Tone) throws {
        let page = try page(.sample)
        #expect(page.contains("<symbol id=\"icon-\(tone.rawValue)\""))
        #expect(page.contains(".tone-\(tone.rawValue)"))
        #expect(page.contains(".fill-\(tone.rawValue)"))
    }

    @Test("a report without anything says so instead of looking fine")
    func empty() throws {
        let page = try page(.empty)
        #expect(page.contains("No gate has been weighed yet"))
        #expect(page.contains("nothing that could pass"))
        #expect(page.contains("Nobody has been exposed"))
        #expect(page.contains("60 times faster than planned"))
    }

    @Test("a criterion that was never weighed does not look like a pass")
    func neverWeighed() throws {
        let criterion = RolloutReport.CriterionReport.make("c", .success, "latency", "must = 0", [], [], nil, nil, "")
        let row = CriterionRow(criterion, anchor: "c", at: RolloutReport.sample.generatedAt, for: .engineer)
        #expect(row.badge.tone.renderText == "wait")
        #expect(row.badge.word.renderText == "not weighed yet")
        #expect(row.noQuery.renderText == "not measured yet")
    }

    @Test("whoever reads it is told the same, only not as much of it", arguments: [RolloutReport.sample, .branching])
    func truth(_ report: RolloutReport) throws {
        let pages = try Audience.allCases.map { try page(report, for: $0) }
        for page in pages {
            let text = Self.words(of: page)
            for word in [report.headline, report.reason, "Rollout held", "Last gate says hold"] {
                #expect(text.contains(word), "a page lacks '\(word)'")
            }
            for criterion in report.phases.flatMap(\.criteria) {
                guard let finding = criterion.finding, finding.outcome != .pass else { continue }
                #expect(text.contains(criterion.name.rawValue) && text.contains(finding.reason))
            }
            for risk in report.risks where !risk.isMeasured || !risk.raisedBy.isEmpty {
                #expect(text.contains(risk.id.rawValue))
            }
        }
        // The same first screens and counts, word for word, whether their names are links or not.
        let first = pages.map { page -> Substring in
            let text = Self.words(of: page)
            let start = text.range(of: "Rollout held")?.lowerBound ?? text.endIndex
            return text[start..<(text.range(of: "Phases Risks")?.lowerBound ?? text.startIndex)]
        }
        #expect(first[0].count > 500)
        #expect(first[0] == first[1] && first[1] == first[2])
        let sizes = pages.map(\.utf8.count)
        #expect(sizes[0] < sizes[1] && sizes[1] < sizes[2])
        #expect(!pages[0].contains("SELECT ") && !pages[1].contains("SELECT ") && pages[2].contains("SELECT "))
    }

    /// What a reader sees: no tags, no styles, no scripts, blanks folded.
    private static func words(of page: String) -> String {
        let body = page.replacing(/<(style|script)[^>]*>[^<]*<\/\1>/, with: "").replacing(/<[^>]*>/, with: " ")
            .replacing("&#39;", with: "'").replacing("&gt;", with: ">").replacing("&amp;", with: "&")
        return body.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    @Test("the JSON of all that is shown is in the page, and equals the JSON format's")
    func embedded() throws {
        for report in [
            RolloutReport.sample, try RolloutReport.sample.poisoned(with: "</script><!--\u{2028}&\u{1FFFE}"),
        ] {
            let page = try page(report)
            let json = try #require(Self.embedded(in: page))
            #expect(!json.contains("<") && !json.contains(">") && !json.contains("&") && !json.contains("\u{2028}"))
            let decoded = try JSONDecoder().decode(RolloutReport.self, from: Data(json.utf8))
            let other = try #require(try JSONReport().render(report).first).bytes()
            #expect(decoded == report)
            #expect(try JSONDecoder().decode(RolloutReport.self, from: Data(other)) == decoded)
        }
        #expect(try Self.embedded(in: page(.sample, for: .lead)) == nil)
    }

    private static func embedded(in page: String) -> Substring? {
        guard let start = page.range(of: "<script type=\"application/json\" id=\"report\">"),
            let end = page.range(of: "</script>", range: start.upperBound..<page.endIndex)
        else { return nil }
        return page[start.upperBound..<end.lowerBound]
    }

    @Test("too many measured numbers are left out of the embedded JSON, and counted")
    func embeddedIsBounded() throws {
        let page = try page(.large(criteria: 60, rounds: 100))
        #expect(page.contains("6\u{202F}000 measured numbers of histories are left out of it"))
        let json = try #require(Self.embedded(in: page))
        let decoded = try JSONDecoder().decode(RolloutReport.self, from: Data(json.utf8))
        #expect(decoded.phases.flatMap(\.criteria).count == 60)
        #expect(decoded.phases.flatMap(\.criteria).allSatisfy { $0.history.isEmpty })
        // Nothing but the histories is left out.
        #expect(decoded == RolloutReport.large(criteria: 60, rounds: 100).withoutHistories)
    }

    @Test(
        "where nothing would stop it, the page and the summary say why in the same words",
        arguments: RolloutStatus.allCases
    )
    func withoutThreats(_ status: RolloutStatus) throws {
        let report = RolloutReport.sample.with(status: status, threats: [])
        #expect(
            report.noThreatsSentence.contains("at rest")
                == [.rolledBack, .compensated, .stopped, .frozen, .killed].contains(status)
        )
        #expect(try Self.words(of: page(report)).contains(report.noThreatsSentence))
        let markdown = try #require(MarkdownReport().render(report).first).bytes()
        #expect(String(decoding: markdown, as: UTF8.self).contains(report.noThreatsSentence))
    }

    @Test("a condition the plan has by now is named beside the one a criterion was judged by, in all formats")
    func editedPlan() throws {
        let judged = RolloutReport.CriterionReport.judged("p95", .warn, planned: "fail > 50 ms")
        let report = RolloutReport.only([judged])
        #expect(try Self.words(of: page(report)).contains("judged under an earlier plan; it now says fail > 50 ms"))
        let junit = try #require(JUnitReport().render(report).first).bytes()
        #expect(
            String(decoding: junit, as: UTF8.self).contains(
                "judged under an earlier plan, which now says: fail &gt; 50 ms"
            )
        )
        let markdown = try #require(MarkdownReport().render(report).first).bytes()
        #expect(String(decoding: markdown, as: UTF8.self).contains("it now says fail &gt; 50 ms"))
    }

    @Test("what is left out of a page is counted on it, and never what does not pass")
    func leftOut() throws {
        let report = RolloutReport.large(criteria: 80, rounds: 30)
        var limits = PageLimits(for: report)
        limits.criteria = 5
        limits.logLines = 10
        let library = try TemplateLibrary()
        let page = try library.render(Page(report, for: .engineer, in: Dress(library), limits: limits))
        #expect(page.contains("20 earlier lines are left out of this page; report.json has all."))
        // Of 20 criteria a phase, 14 pass and 5 of them are shown.
        #expect(page.contains("9 criteria that pass or were never weighed are left out of this page"))
        for criterion in report.phases.flatMap(\.criteria) where criterion.finding?.outcome != .pass {
            #expect(page.contains("<bdi>\(criterion.name)</bdi><span class=\"role\">"))
        }
    }

    @Test("one value cannot blow up the page")
    func hugeValue() throws {
        let value = String(repeating: "x<\u{301}", count: 1_000_000)
        let criterion = RolloutReport.CriterionReport.make(
            "c",
            .success,
            "sql",
            "must = 0",
            [],
            [],
            .fail,
            value,
            value
        )
        let page = try page(RolloutReport.sample.with(phases: [.coreInfrastructure.with(criteria: [criterion])]))
        #expect(page.utf8.count < 1_000_000)
        #expect(page.contains("bytes left out ..."))
        #expect(page.contains("too many for a page: see report.json"))
    }

    @Test("a risk nobody has measured is hollow and says so")
    func unmeasured() throws {
        let page = try page(.sample)
        #expect(
            page.contains(
                "<span class=\"cell-risk is-unmeasured\"><a href=\"#risk-6\"><bdi>R009</bdi></a> not measured</span>"
            )
        )
        #expect(page.contains("<span class=\"level rank-none is-unmeasured\"><bdi>LOW</bdi></span>"))
        #expect(page.contains("Nothing that points at R004, R009 has been measured"))
        // Nowhere, the first screens included, does one have a level's colour.
        for page in try [page, programmePage(.sample)] {
            #expect(!page.contains(/rank-[0-9] is-unmeasured/))
            #expect(page.contains("rank-none is-unmeasured"))
        }
        let measured = RolloutReport.sample.risks.filter(\.isMeasured)
        #expect(try !self.page(RolloutReport.sample.with(risks: measured)).contains("is-unmeasured\""))
    }

    @Test("more than four risks in a cell are a number")
    func crowded() throws {
        let risk = try #require(RolloutReport.sample.risks.first { $0.id == "R009" })
        let four = try page(RolloutReport.sample.with(risks: Array(repeating: risk, count: 4)))
        #expect(four.components(separatedBy: "<span class=\"cell-risk ").count == 5)
        let five = try page(RolloutReport.sample.with(risks: Array(repeating: risk, count: 5)))
        #expect(five.contains("<b>5 risks</b> <span>5 not measured</span>"))
        #expect(!five.contains("<span class=\"cell-risk "))
    }

    @Test("waivers that have ended, notices nobody got and answers nobody gave are told")
    func people() throws {
        let text = Self.words(of: try page(.sample))
        for words in [
            "expired", "void: the plan has changed", "given up", "410 gone", "dropped", "by nobody yet", "m.okafor",
        ] {
            #expect(text.contains(words), "the page lacks '\(words)'")
        }
    }

    @Test("a notice whose matter is over waits for nobody, on the page as in the summary and the reviews")
    func resolvedNotices() throws {
        func answers(_ report: RolloutReport) throws -> [NoticeSection.Line] {
            NoticeSection(report, for: .lead, limits: PageLimits(for: report)).lines
        }
        let report = RolloutReport.reviewed()
        let waiting = try answers(report).filter(\.isUnanswered).map(\.id.renderText)
        #expect(waiting == ["quantumleap.7"])
        #expect(waiting == report.outstandingNotices.map(\.notice.id.rawValue))
        let line = try #require(try answers(report).first { $0.id.renderText == "quantumleap.5" })
        #expect(line.resolvedUnanswered.map(\.text.renderText) == ["2026-11-19 03:10:00"])
        #expect(Self.words(of: try page(report)).contains("resolved without an answer 2026-11-19 03:10:00"))
        // Without its resolution it still waits.
        let unresolved = try answers(.reviewed(without: "quantumleap.6"))
        #expect(unresolved.filter(\.isUnanswered).map(\.id.renderText) == ["quantumleap.5", "quantumleap.7"])
    }

    @Test("a programme leads to each of its rollouts and shows their first screens")
    func programme() throws {
        let page = try programmePage(.sample)
        #expect(page.contains("<a href=\"../quantumleap/report.html\">"))
        #expect(page.contains("<a href=\"../ledger-archive/report.html\">"))
        for report in ProgrammeReport.sample.rollouts {
            #expect(Self.words(of: page).contains(report.headline.isEmpty ? "Nothing is known yet" : report.headline))
        }
        #expect(page.contains("2 held") || page.contains("1 running, 1 held, 1 finished"))
        let nothing = ProgrammeReport(
            title: "",
            generatedAt: RolloutReport.sample.generatedAt,
            version: "",
            rollouts: []
        )
        #expect(try programmePage(nothing).contains("nothing that could pass"))
    }

    @Test("a programme's links go where its rollouts' reports are, and nowhere for one that has none")
    func programmeLinks() throws {
        let paths: [String?] = ["reports/50 % \"ours\"/report.html", nil, "ledger-archive/report.html"]
        let file = try #require(try HTMLReport().render(ProgrammeReport.sample, linkingTo: paths).first)
        let page = String(decoding: try file.bytes(), as: UTF8.self)
        let links = MarkupScanner(page).tags.compactMap { $0.attributes["href"] }.filter { !$0.hasPrefix("#") }
        #expect(links.contains("reports/50%20%25%20%22ours%22/report.html"))
        #expect(links.contains("ledger-archive/report.html"))
        #expect(
            links.allSatisfy {
                $0.hasPrefix("reports/50%20%25%20%22ours%22/report.html") || $0.hasPrefix("ledger-archive/report.html")
            }
        )
        #expect(page.components(separatedBy: "There was no report of it to link to").count == 2)
    }

    @Test("the highest risks are ordered by level before all, and what is left out is counted")
    func highestRisks() throws {
        let grid = RiskGrid.sample
        func risk(_ id: RiskID, level: Int, isRaised: Bool = false, isMeasured: Bool = true) -> RiskAppraisal {
            RiskAppraisal(
                id: id,
                title: "",
                declared: RiskAppraisal.samples[0].declared,
                derivedLevel: nil,
                level: level < 0 ? "nowhere" : grid.levels[level],
                disagreement: nil,
                raisedBy: isRaised ? ["c"] : [],
                phases: [],
                isMeasured: isMeasured
            )
        }
        let top = grid.levels.count - 1
        let first = RolloutReport.sample.with(
            risks: [
                risk("low-raised", level: 0, isRaised: true), risk("high", level: top - 1),
                risk("high-unmeasured", level: top - 1, isMeasured: false),
            ]
        )
        let second = RolloutReport.sample.with(
            rollout: "second",
            risks: [
                risk("low", level: 0), risk("off-grid", level: -1), risk("top", level: top),
                risk("high-raised", level: top - 1, isRaised: true), risk("high-2", level: top - 1),
            ] + (0..<4).map { risk(RiskID(rawValue: "lowest-\($0)"), level: 0) }
        )
        let programme = ProgrammeReport(
            title: "",
            generatedAt: first.generatedAt,
            version: "",
            rollouts: [first, second]
        )
        let page = try ProgrammePage(programme, in: Dress(TemplateLibrary()))
        #expect(
            page.risks.map(\.id.renderText) == [
                "off-grid", "top", "high-raised", "high-unmeasured", "high", "high-2", "low-raised", "low", "lowest-0",
                "lowest-1",
            ]
        )
        #expect(page.risks[1].href.renderText == "../second/report.html#risk-3")
        #expect(try programmePage(programme).contains("2 risks more are in the reports."))
        #expect(TopRisk.ordered(in: first, atMost: 2).map(\.number) == [3, 2])
    }

    @Test("a report twice as large is a page twice as large, in at most five megabytes", .timeLimit(.minutes(2)))
    func size() throws {
        let sizes = try [250, 500, 1_000].map { try page(.large(criteria: $0, rounds: 200)).utf8.count }
        #expect(sizes[2] < 5_000_000)
        #expect(Double(sizes[2] - sizes[1]) < 2.2 * Double(sizes[1] - sizes[0]))
    }
}

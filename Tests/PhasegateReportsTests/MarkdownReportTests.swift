import Foundation
import PhasegateCore
import Testing

@testable import PhasegateReports

@Suite("Markdown report")
struct MarkdownReportTests {
    private func summary(_ report: RolloutReport, limit: Int = 900_000) throws -> String {
        let files = try MarkdownReport(limit: limit).render(report)
        #expect(files.map(\.name) == ["summary.md"])
        return String(decoding: try #require(files.first).bytes(), as: UTF8.self)
    }

    @Test("says the answer and the one reason first, then what would stop us, then the rest")
    func order() throws {
        let text = try summary(.reviewed())
        let parts = [
            "## ✋ held: QuantumLeap", "last gate says ✋ hold", "**Not yet: 25 % of users stay",
            "Reason: 'p95-regression'",
            "### What would stop us", "| `error-rate` | `query-optimisation` | ⚠️ warn | 38 % of the way left |",
            "### What runs out or waits for people", "| approvals | `gate-at-25%` | 1 of 2 | no deadline |",
            "### Phases", "| 2 | Query optimisation | ▶️ present |", "### Criteria that do not pass",
            "| ❌ fail | `p95-regression` | `query-optimisation` | 54.6 ms | fail &gt; 1.2 x baseline |",
            "| ❔ unknown | `replica-lag` | `query-optimisation` | not measured |", "(waived by l.brandt)",
            "Not weighed yet: 1 criterion of 6.", "### Notices outstanding", "| `quantumleap.7` | fired | HIGH |",
            "channel-1: dead after 2 attempts (503)", "The full report is `report.html`",
        ]
        var rest = text[...]
        for part in parts {
            let range = try #require(rest.range(of: part), "'\(part)' is missing or out of order")
            rest = rest[range.upperBound...]
        }
    }

    @Test("a notice that was answered, resolved or only a test is not outstanding")
    func outstanding() {
        let report = RolloutReport.reviewed()
        #expect(report.outstandingNotices.map(\.notice.id) == ["quantumleap.7"])
        // Without its resolution the third was still answered, and the fifth was not.
        let unresolved = RolloutReport.reviewed(without: "quantumleap.4")
        #expect(unresolved.outstandingNotices.map(\.notice.id) == ["quantumleap.7"])
        let unanswered = RolloutReport.reviewed(without: "quantumleap.6")
        #expect(unanswered.outstandingNotices.map(\.notice.id) == ["quantumleap.5", "quantumleap.7"])
    }

    @Test("every verdict has the word of the page beside its sign", arguments: GateOutcome.allCases)
    func verdicts(_ verdict: GateOutcome) throws {
        let text = try summary(RolloutReport.sample.with(verdict: verdict))
        let word = verdict.rawValue.replacing("-", with: " ")
        #expect(text.firstMatch(of: try Regex("last gate says \\S+ \(word)\\.")) != nil)
    }

    @Test("every status has its word beside its sign", arguments: RolloutStatus.allCases)
    func statuses(_ status: RolloutStatus) throws {
        let text = try summary(RolloutReport.sample.with(status: status))
        let word = status.rawValue.replacing("-", with: " ")
        #expect(text.firstMatch(of: try Regex("^## \\S+ \(word): ")) != nil)
    }

    @Test("a report without anything says so instead of looking fine")
    func empty() throws {
        let text = try summary(.empty)
        for part in [
            "no gate has been weighed yet", "No headline is recorded", "No reason is recorded",
            "nothing that could pass", "what is not measured does not pass", "No notice was raised",
        ] {
            #expect(text.contains(part), "'\(part)' is missing")
        }
        #expect(!text.contains("✅"))
    }

    @Test("names and texts from outside stay text", arguments: poisons + markdownPoisons)
    func hostile(_ poison: String) throws {
        expectInert(try summary(.reviewed(poison)), like: try summary(.reviewed("x")))
    }

    @Test("what is left out for size is counted, and the answer stays")
    func size() throws {
        let criterion = RolloutReport.CriterionReport.make(
            "c",
            .success,
            "latency",
            "must = 0",
            [],
            [],
            .fail,
            "1",
            String(repeating: "&", count: 10_000_000)
        )
        let phase = try #require(RolloutReport.sample.phases.first)
            .with(criteria: Array(repeating: criterion, count: 3_000))
        let text = try summary(RolloutReport.sample.with(phases: [phase]))
        #expect(text.utf8.count <= 900_000)
        #expect(text.utf8.count > 800_000)
        let rows = text.matches(of: /\n\| ❌ fail \| `c`/).count
        // The table is the last but one: after it come a heading and a sentence on notices.
        let leftOut = try #require(text.firstMatch(of: /Left out for size: ([0-9\u{202F}]+) lines/))
        let count = Int(leftOut.output.1.filter { $0 != "\u{202F}" })
        #expect(count == 3_000 - rows + 2)
        #expect(text.contains("**Not yet: 25 % of users"))
        #expect(text.contains("The full report is `report.html`"))
    }

    @Test("a small limit still names the full report")
    func smallLimit() throws {
        let text = try summary(.reviewed(), limit: 9_000)
        #expect(text.utf8.count <= 9_000)
        #expect(text.contains("Left out for size"))
        #expect(text.contains("The full report is `report.html`"))
    }

    @Test(
        "signs that a host reads are broken up, and nothing else is",
        arguments: [
            ("@okafor and #12", "@\u{2060}okafor and \\#\u{2060}12"), ("GH-12", "GH-\u{2060}12"),
            ("https://x.example", "https:\u{2060}//x.example"), ("www.x.example", "www\u{2060}.x.example"),
            ("a | b", "a &#124; b"), ("1. one", "1\\. one"), ("1.5 ms", "1.5 ms"), ("12) x", "12\\) x"),
            ("- one", "\\- one"), ("a - b. c", "a - b. c"),
            ("[x](javascript:y)", "\\[x\\](javascript:\u{2060}y)"), ("a\n\n# b", "a \\# b"),
            ("*a*_b_`c`", "\\*a\\*\\_b\\_\\`c\\`"),
            ("hot-path: 54.6 ms", "hot-path: 54.6 ms"), ("07:33:59", "07:33:59"), (":tada:", ":\u{2060}tada:"),
            ("\\", "\\\\"), ("", ""),
        ]
    )
    func inert(_ text: String, _ expected: String) {
        #expect(MarkdownText.inert(text) == expected)
    }

    @Test("a long text is cut with a sign, without reading all of it")
    func cut() {
        #expect(MarkdownText.inert(String(repeating: "a", count: 10_000_000), atMost: 5) == "aaaa\u{2026}")
        #expect(MarkdownText.inert("aaaaa", atMost: 5) == "aaaaa")
    }
}

/// What texts try in Markdown.
let markdownPoisons = [
    "| a | b |\n|---|---|\n| c | d |", "\\| x \\\\| y", "`code` ``` fence\n```",
    "[a](javascript:alert(1)) ![b](http://x/y.png)",
    "[a]: http://x\n[^1] [[wiki]]", "@octocat @org/team a@b.example #1 GH-1 org/repo#1 !1",
    "https://x.example http://x www.x.example ftp://x mailto:a@b.example",
    "\n\n# heading\n\n- list\n1. one\n> quote\n\n    code",
    "\n===\n---\n***\n", "**bold** _em_ ~~gone~~ :tada: $x$ $$y$$", "<details><summary>x</summary>",
    "&amp;&#64;octocat &commat;octocat",
    "\\", "trailing  \n", "- [ ] task", "|\u{301}|\u{200D}|", "<https://x.example>", "<a@b.example>",
]

/// Checks that a document has the same shape as one with harmless texts, and nothing in it fires.
func expectInert(_ text: String, like harmless: String, sourceLocation: SourceLocation = #_sourceLocation) {
    func shape(_ text: String) -> [String] {
        text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            let start = String(String.UnicodeScalarView(line.prefix { "#-|*".unicodeScalars.contains($0) }))
            // Characters, not clusters: a combining mark would hide a bar.
            return "\(start) \(line.count { $0 == "|" })"
        }
    }
    #expect(shape(text) == shape(harmless), sourceLocation: sourceLocation)
    #expect(!text.unicodeScalars.contains { $0 == "<" || $0 == ">" }, sourceLocation: sourceLocation)
    #expect(!text.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" }, sourceLocation: sourceLocation)
    #expect(!text.unicodeScalars.contains { (0x202A...0x202E).contains($0.value) }, sourceLocation: sourceLocation)
    for pattern in [
        "[@][A-Za-z0-9_]", "(^|[^&])#[0-9]", "(?i)gh-[0-9]", "://", "(?i)www\\.", "(?i)(mailto|javascript|xmpp):[a-z]",
        "(^|[^\\\\])(\\\\\\\\)*[\\[\\]~$]", "&(?!(amp|lt|gt|#124);)",
    ] {
        let match = (try? Regex(pattern).matchingSemantics(.unicodeScalar)).flatMap { text.firstMatch(of: $0) }
        #expect(
            match == nil,
            "\(pattern) fires at '\(match.map { String(text[$0.range]) } ?? "")'",
            sourceLocation: sourceLocation
        )
    }
}

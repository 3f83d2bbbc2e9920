import Foundation
import PhasegateCore
import Testing

@testable import PhasegateReports

@Suite("HTML report")
struct HTMLReportTests {
    private func page(_ report: RolloutReport) throws -> String {
        let files = try HTMLReport().render(report)
        #expect(files.map(\.name) == ["report.html"])
        return String(decoding: try #require(files.first).bytes, as: UTF8.self)
    }

    @Test("needs nothing from outside and runs nothing")
    func selfContained() throws {
        let page = try page(.sample)
        #expect(page.contains("default-src 'none'"))
        for word in ["http://", "https://", "url(", "@import", "<script", " style=", " src="] {
            #expect(!page.contains(word), "the page contains \(word)")
        }
        #expect(page.utf8.count < 150_000)
    }

    @Test("every link leads to one element of the page")
    func links() throws {
        let tags = MarkupScanner(try page(.sample)).tags
        let identifiers = tags.compactMap { $0.attributes["id"] }
        #expect(Set(identifiers).count == identifiers.count)
        for tag in tags {
            for key in ["href", "aria-labelledby"] {
                guard let target = tag.attributes[key] else { continue }
                let identifier = key == "href" ? String(target.dropFirst()) : target
                #expect(identifiers.contains(identifier), "\(key)=\"\(target)\" leads nowhere")
            }
        }
    }

    @Test("headings go down one level at a time, tables have captions and scopes")
    func structure() throws {
        let tags = MarkupScanner(try page(.sample)).tags
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
        #expect(
            tags.filter { $0.name == "svg" }.allSatisfy {
                $0.attributes["role"] == "img" || $0.attributes["aria-hidden"] == "true"
            }
        )
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
        let row = CriterionRow(criterion, anchor: "c", at: RolloutReport.sample.generatedAt)
        #expect(row.badge.tone.renderText == "wait")
        #expect(row.badge.word.renderText == "not weighed yet")
        #expect(row.noQuery.renderText == "not measured yet")
    }
}

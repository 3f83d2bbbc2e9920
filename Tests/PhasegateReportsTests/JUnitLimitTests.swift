import PhasegateCore
import PhasegateReports
import Testing

@Suite("JUnit limits")
struct JUnitLimitTests {
    private func bytes(_ report: RolloutReport, _ profile: JUnitProfile = .xunit, limit: Int?) throws -> [UInt8] {
        try #require(JUnitReport(profile: profile, limit: limit).render(report).first).bytes()
    }

    /// Cases with long texts: half of them red.
    private func long(_ count: Int, bytes: Int) -> RolloutReport {
        .only(
            (0..<count).map {
                .judged(
                    "criterion-\($0)",
                    $0.isMultiple(of: 2) ? .pass : .fail,
                    notes: [String(repeating: "<evidence> ", count: bytes / 11) + "END"]
                )
            }
        )
    }

    private func note(_ root: XMLNode) -> String? {
        root.all("property").first { $0.attributes["name"] == "phasegate.shortened" }?.attributes["value"]
    }

    @Test("a text beyond 64 KiB keeps head and tail and says what is missing")
    func longText() throws {
        let report = RolloutReport.only([
            .judged("p95", .fail, notes: ["HEAD" + String(repeating: "\u{E9}", count: 5_000_000) + "TAIL"])
        ])
        for profile in JUnitProfile.allCases {
            let root = try XMLNode(parsing: bytes(report, profile, limit: nil))
            let text = try #require(root.all("failure").first).text
            #expect(text.utf8.count <= 65_536)
            #expect(text.hasPrefix("54.6 ms it is\nobserved: 54.6 ms\n"))
            #expect(text.contains("note: HEAD") && text.contains("TAIL\nquery: SELECT 1 < 2"))
            #expect(text.contains(/\[\.\.\. \d+ bytes left out \.\.\.\]/) && !text.contains("\u{FFFD}"))
            #expect(note(root) == nil)
        }
    }

    @Test("a file stays below its limit and says what it cost", arguments: JUnitProfile.allCases)
    func fileLimit(_ profile: JUnitProfile) throws {
        let report = long(100, bytes: 30_000)
        let all = try bytes(report, profile, limit: nil)
        let whole = try XMLNode(parsing: all)
        for limit in [5_000_000, 3_000_000, 1_000_000, 300_000, 80_000] {
            let bytes = try bytes(report, profile, limit: limit)
            #expect(bytes.count <= limit)
            let root = try XMLNode(parsing: bytes)
            #expect(root.all("testcase").map(\.attributes) == whole.all("testcase").map(\.attributes))
            #expect(root.children.map(\.attributes) == whole.children.map(\.attributes))
            guard all.count > limit else { continue }
            #expect(note(root)?.contains("below \(limit) bytes") == true)
            #expect(note(root)?.contains("no case is left out") == true)
            let shortened = (root.all("failure") + root.all("system-out")).filter { $0.text.contains("bytes left out") }
            #expect(!shortened.isEmpty)
            #expect(root.all("failure").allSatisfy { $0.text.hasPrefix("54.6 ms it is\n") })
        }
    }

    @Test("texts of cases that are not red go first")
    func order() throws {
        let report = long(100, bytes: 30_000)
        let root = try XMLNode(parsing: bytes(report, limit: 3_000_000))
        let red = root.all("failure").map(\.text.utf8.count)
        let green = root.all("system-out").map(\.text.utf8.count)
        #expect(red.allSatisfy { $0 > 30_000 })
        #expect(green.allSatisfy { $0 < 20_000 })
        let tight = try XMLNode(parsing: bytes(report, limit: 100_000))
        #expect(tight.all("system-out").allSatisfy { $0.text.split(separator: "\n").count == 2 })
        #expect(tight.all("failure").allSatisfy { $0.text.utf8.count <= 1_024 })
    }

    @Test("no more is cut than has to be: twice the limit would not have fitted")
    func thrift() throws {
        let report = long(60, bytes: 60_000)
        for limit in [4_000_000, 2_000_000] {
            let count = try bytes(report, limit: limit).count
            #expect(count > limit / 5)
        }
        let whole = try bytes(report, limit: nil)
        let roomy = try bytes(report, limit: whole.count * 3 / 2)
        #expect(roomy == whole)
    }

    @Test("cases that need more than the limit by their mere number are all written, and the file says so")
    func tooMany() throws {
        let bytes = try bytes(.many(2_000), limit: 100_000)
        let root = try XMLNode(parsing: bytes)
        #expect(bytes.count > 100_000 && root.all("testcase").count == 2_001)
        #expect(root.attributes["tests"] == "2001")
        #expect(note(root)?.hasSuffix("and their bare number needs more") == true)
        for result in root.all("failure") + root.all("error") + root.all("skipped") {
            let message = try #require(result.attributes["message"])
            #expect(result.text.hasPrefix(message))
        }
    }

    @Test("warnings that do not fit into Ant's one text are counted")
    func antWarnings() throws {
        let report = RolloutReport.only((0..<3_000).map { .judged("criterion-\($0)", .warn) })
        let text = try #require(
            try XMLNode(parsing: bytes(report, .ant, limit: nil)).children.first?.all("system-out").first
        ).text
        let lines = text.split(separator: "\n")
        #expect(text.utf8.count <= 65_536)
        let leftOut = try #require(lines.last?.firstMatch(of: /^\[\.\.\. (\d+) more warnings left out \.\.\.\]$/)?.1)
        #expect(lines.count - 1 + (Int(leftOut) ?? 0) == 3_000)
    }

    @Test("many cases of one name cost no more than others")
    func sameNames() throws {
        let clock = ContinuousClock()
        let report = RolloutReport.only(Array(repeating: .judged("p95", .pass), count: 20_000))
        let took = try clock.measure { _ = try bytes(report, limit: nil) }
        // Looking for a free number from 2 on each time takes minutes.
        #expect(took < .seconds(20))
    }
}

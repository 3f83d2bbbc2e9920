import Foundation
import Testing

/// A source document and the rollout that answers it.
struct SourceDocument: Sendable, CustomTestStringConvertible {
    /// What its items begin with, as `S4`.
    let prefix: String
    /// How many items it has.
    let itemCount: Int
    /// How many of them have to be live.
    let minimum: Int
    /// The files whose `source` names them.
    let files: [String]

    var testDescription: String { prefix }

    /// Every item, as `S4-07`.
    var items: [String] {
        (1...itemCount).map { "\(prefix)-" + ($0 < 10 ? "0" : "") + String($0) }
    }

    static let all = [
        SourceDocument(
            prefix: "S4",
            itemCount: 82,
            minimum: 60,
            files: ["phases/programmes/quantumleap/rollout.yaml", "phases/programmes/quantumleap/risks.yaml"]
        ),
        SourceDocument(
            prefix: "S2",
            itemCount: 124,
            minimum: 100,
            files: ["phases/replyx/rollout.yaml", "phases/replyx/risks.yaml"]
        ),
        SourceDocument(
            prefix: "S0",
            itemCount: 62,
            minimum: 45,
            files: [
                "phases/trading-mariadb/rollout.yaml", "phases/trading-mariadb/risks.yaml",
                "phases/trading-mariadb/all-at-once.yaml", "phases/trading-mariadb/all-at-once-risks.yaml",
                "phases/decisions/trading-migration.yaml",
            ]
        ),
    ]
}

/// What docs/coverage.md says, held against the rollouts.
@Suite struct CoverageTests {
    private func kind(of item: String, in coverage: String) -> String? {
        let rows = coverage.split(separator: "\n").filter { $0.hasPrefix("| \(item) |") }
        #expect(rows.count == 1, "\(item)")
        return rows.first?.split(separator: "|").dropFirst().first.map { $0.trimmingCharacters(in: .whitespaces) }
    }

    /// Every item is cited by its rollout or accounted for, and none twice.
    @Test(arguments: SourceDocument.all)
    func everyItemIsAccountedFor(document: SourceDocument) throws {
        let rollout = try document.files.map { try Repository.text(of: $0) }.joined(separator: "\n")
        // S2-1 is not S2-10, and a comment cites nothing.
        let cited = Set(
            rollout.split(separator: "\n").filter { !$0.drop(while: \.isWhitespace).hasPrefix("#") }.flatMap { line in
                line.split { !$0.isLetter && !$0.isNumber && $0 != "-" }.map(String.init)
            }
        )
        let coverage = try Repository.text(of: "docs/coverage.md")
        var live = 0
        for item in document.items {
            let isCited = cited.contains(item)
            switch kind(of: item, in: coverage) {
            case "criterion":
                live += 1
                #expect(isCited, "\(item) is said to be live by a criterion, but none cites it")
            case "feature": live += 1
            case "not yet": #expect(!isCited, "\(item) is cited and said to be not yet")
            case let other: Issue.record("\(item): '\(other ?? "")' is neither criterion, feature nor not yet")
            }
        }
        #expect(live >= document.minimum)
        #expect(coverage.contains("**\(live) of \(document.itemCount) are live"), "the sum is another one: \(live)")
    }
}

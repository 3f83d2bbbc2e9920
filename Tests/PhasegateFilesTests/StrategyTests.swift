import PhasegateCore
import PhasegateFiles
import PhasegateRisk
import Testing

/// The decisions that come with phasegate, and mistakes in such files.
@Suite struct StrategyTests {
    private static let folder =
        #filePath.replacing("Tests/PhasegateFilesTests/StrategyTests.swift", with: "") + "phases/decisions/"

    private func load(_ name: String) throws -> StrategyQuestion {
        try RolloutLoader(
            probes: Samples.probes,
            channels: Samples.channels,
            sinks: Samples.sinks,
            sources: Samples.sources
        )
        .loadStrategy(Self.folder + name + ".yaml")
    }

    @Test func theTradingDecisionIsAsTheDocumentRecommends() throws {
        let comparison = StrategyComparison(of: try load("trading-migration"))
        #expect(comparison.disagrees == false)
        let verdicts = try #require(comparison.contests.first).verdicts
        #expect(verdicts.map(\.dominates) == [true, true])
        #expect(verdicts.map(\.flipWeight) == [16, 2.75])
        let staging = try #require(comparison.staging)
        #expect(staging.favoursStaging && abs((staging.breakEvenDelay ?? 0) - 18.1) < 0.1)
    }

    @Test func theVariantsTurnRoundWhenDowntimeIsReckoned() throws {
        let variants = StrategyComparison(of: try load("journal-variants")).variants
        #expect(variants.sorted { $0.plainReturn > $1.plainReturn }.map(\.name) == ["V3", "V2", "V1"])
        #expect(variants.sorted { $0.adjustedReturn > $1.adjustedReturn }.map(\.name) == ["V2", "V3", "V1"])
        #expect(zip(variants, [12_062.5, 69_312.5, 268_750]).allSatisfy { abs($0.meanNet - $1) < 1e-6 })
        // 1.2 s and 6 s against 1 s, 300 ms and more against 100 ms; 5 s is not below 5 s.
        #expect(variants[0].unreached.count == 3)
        #expect(variants[2].unreached.isEmpty)
    }

    private static let sample = """
        phasegate: 1
        decision: lunch
        title: What for lunch?
        options: [{name: soup, title: Soup}, {name: cake, title: Cake}]
        declared: soup
        levels: [Good, Bad]
        impacts: [Low, High]
        versions:
          - name: only
            title: the menu
            factors:
              - {name: health, impact: High, levels: {soup: Good, cake: Bad}}

        """

    @Test(arguments: [
        ("decision: lunch", "decision: lunch"),
        ("declared: soup", "declared: «unknown-word»salad"),
        ("cake: Bad", "cake: «unknown-word»Worse"),
        ("cake: Bad", "«unknown-word»pie: Bad, cake: Bad"),
        ("impact: High", "impact: «unknown-word»Huge"),
        ("levels: {soup: Good, cake: Bad}", "levels: «missing-key»{soup: Good}"),
        ("levels: [Good, Bad]", "«duplicate-name»levels: [Good, Bad, Bad]"),
        ("phasegate: 1", "phasegate: «unsupported-version»9"),
        ("title: What", "titel«unknown-key,missing-key»: What"),
    ])
    func oneMistakeIsReportedWhereItIs(right: String, wrong: String) throws {
        let sample = Self.sample.replacing(right, with: wrong, maxReplacements: 1)
        let (text, expected) = unmarked(sample, file: "d.yaml")
        var found: [Diagnostic] = []
        do throws(Diagnostics) {
            _ = try Samples.loader(["d.yaml": text]).loadStrategy("d.yaml")
        } catch {
            found = error.all
        }
        #expect(found.isEmpty == expected.isEmpty, "\(found)")
        // A key that is missing is reported where its map begins.
        if !wrong.contains("titel") { #expect(expected.isSubset(of: Set(found.map(short))), "\(found)") }
    }
}

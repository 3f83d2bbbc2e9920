import PhasegateCore
import Testing

@testable import PhasegateRisk

/// The worked numbers of a decision for phases, and of three variants, as they were reckoned in another language.
@Suite("Strategies compared")
struct StrategyTests {
    private static let words = ["Low", "Medium", "High"]

    private func version(_ rows: [(String, String, String, String)]) -> StrategyQuestion.Version {
        StrategyQuestion.Version(
            name: "v",
            title: "v",
            factors: rows.map {
                StrategyQuestion.Factor(name: $0.0, impact: $0.3, levels: ["at-once": $0.1, "phased": $0.2])
            }
        )
    }

    private func verdict(
        _ rows: [(String, String, String, String)],
        favouring favoured: String = "phased",
        over other: String = "at-once"
    ) throws -> FactorVerdict {
        let question = StrategyQuestion(name: "q", title: "q", levels: Self.words, impacts: Self.words)
        return try #require(weigh(version(rows), of: question, favouring: favoured, over: other))
    }

    private static let matrix = [
        ("complexity", "High", "Low", "High"), ("measurement", "Medium", "Low", "Medium"),
        ("testing", "Medium", "Low", "High"), ("rollback", "Medium", "Low", "High"),
        ("load", "Medium", "Low", "Medium"), ("time", "Low", "Medium", "Low"),
    ]

    private static let prose = [
        ("complexity", "Medium", "Low", "High"), ("measurement", "Medium", "Low", "Medium"),
        ("testing", "Medium", "Low", "High"), ("rollback", "Medium", "Low", "High"), ("load", "Low", "Low", "Medium"),
        ("time", "Low", "Medium", "Low"), ("coordination", "Low", "Medium", "High"),
    ]

    @Test func phasesWinByTheMatrixWhateverTheScale() throws {
        let verdict = try verdict(Self.matrix)
        #expect(verdict.dominates && verdict.favours)
        #expect(abs(verdict.otherScore - 2.14) < 0.005 && abs(verdict.favouredScore - 1.07) < 0.005)
        #expect(verdict.flipWeight == 16)
        #expect(verdict.drawbacks == ["time"] && verdict.decisive.isEmpty)
        #expect(abs(verdict.shareOfWeightings - 0.978) < 0.005)
    }

    @Test func phasesWinByTheProseToo() throws {
        let verdict = try verdict(Self.prose)
        #expect(verdict.dominates && verdict.favours)
        #expect(abs(verdict.otherScore - 1.65) < 0.005 && abs(verdict.favouredScore - 1.24) < 0.005)
        #expect(verdict.flipWeight == 2.75)
        #expect(verdict.drawbacks == ["time", "coordination"])
        #expect(abs(verdict.shareOfWeightings - 0.809) < 0.01)
    }

    @Test func allAtOnceDominatesByNothing() throws {
        let verdict = try verdict(Self.matrix, favouring: "at-once", over: "phased")
        #expect(!verdict.dominates && !verdict.favours)
    }

    @Test func whatWinsByItsScoreOnlyDoesNotDominate() throws {
        // Better where it matters much and worse where it matters little: a scale that tells Medium from High only turns it.
        let rows = [("a", "High", "Low", "Medium"), ("b", "Low", "Medium", "High"), ("c", "Medium", "Low", "Low")]
        let verdict = try verdict(rows)
        #expect(verdict.favours && !verdict.dominates)
        #expect(verdict.decisive == ["a"])
    }

    @Test("dominance is what all scales and weightings that keep the order agree on")
    func dominanceBySearch() throws {
        let draws = PortableDraws("scales", seed: 5)
        var number = 0
        func next() -> Double {
            number += 1
            return draws[number]
        }
        for _ in 0..<60 {
            let rows = (0..<3).map { row in
                (
                    "\(row)", Self.words[Int(next() * 3)], Self.words[Int(next() * 3)], Self.words[Int(next() * 3)]
                )
            }
            let verdict = try verdict(rows)
            // Scales and weights from increments that are 0 or 1, and all others between.
            var isAlwaysAhead = true
            for scale in 1..<4 {
                for weights in 1..<8 {
                    func value(_ word: String, _ bits: Int, from: Int) -> Double {
                        let rank = Self.words.firstIndex(of: word) ?? 0
                        return (0..<3).reduce(0.0) { sum, step in
                            step + from <= rank && (bits >> step) & 1 == 1 ? sum + 1 : sum
                        }
                    }
                    let difference = rows.reduce(0.0) { sum, row in
                        sum + value(row.3, weights, from: 0)
                            * (value(row.1, scale, from: 1) - value(row.2, scale, from: 1))
                    }
                    if difference < 0 { isAlwaysAhead = false }
                }
            }
            if verdict.dominates { #expect(isAlwaysAhead, "\(rows)") }
            if !isAlwaysAhead { #expect(!verdict.dominates, "\(rows)") }
        }
    }

    private func staging(visibility: Double, soak: Double, classes: [StagingModel.DefectClass] = atOnce) -> StagingModel
    {
        StagingModel(
            currency: "USD",
            perHour: .uniform(from: 5000, to: 10_000),
            stages: LossModel.Stages(
                detect: .uniform(from: 0, to: 5),
                respond: .uniform(from: 0, to: 15),
                recover: .uniform(from: 5, to: 60)
            ),
            operationsPerMinute: 10_000,
            visibility: visibility,
            signs: 6,
            steps: [BasisPoints(rawValue: 500), BasisPoints(rawValue: 2500), .all],
            soakMinutes: soak,
            classes: classes,
            defectPercent: 25
        )
    }

    private static let atOnce = [StagingModel.DefectClass(name: "proportional", percent: 100)]

    @Test(
        "harm all at once, in short and in long soaks",
        arguments: [(1e-3, 5388.0, 349.0, 341.0), (1e-4, 6062, 3718, 1014), (1e-5, 12_812, 13_942, 9482)]
    )
    func harm(visibility: Double, allAtOnce: Double, short: Double, long: Double) {
        let (half, day) = (
            weigh(staging(visibility: visibility, soak: 30)), weigh(staging(visibility: visibility, soak: 1440))
        )
        #expect(abs(half.allAtOnce - allAtOnce) <= 1)
        // Theirs were drawn 200,000 times; ours are in closed form.
        #expect(abs(half.staged - short) < 0.002 * short + 1)
        #expect(abs(day.staged - long) < 0.002 * long + 1)
    }

    @Test func theMinimumSoakOfFivePercentIsTwentySixMinutes() throws {
        let verdict = weigh(staging(visibility: 1e-3, soak: 20))
        #expect(abs(verdict.soaks[0].minutes - 26) < 0.05 && !verdict.soaks[0].isLongEnough)
        #expect(abs(verdict.soaks[1].minutes - 9.2) < 0.05 && verdict.soaks[1].isLongEnough)
        let rarer = weigh(staging(visibility: 1e-4, soak: 20)).soaks.map { $0.minutes.rounded() }
        #expect(rarer == [215, 47])
        let rarest = weigh(staging(visibility: 1e-5, soak: 20)).soaks.map { $0.minutes.rounded() }
        #expect(rarest == [2108, 426])
    }

    @Test func byKindOfDefectAndWhatItSaves() {
        let kinds = [
            StagingModel.DefectClass(name: "proportional", percent: 60),
            StagingModel.DefectClass(name: "slow", percent: 20, onsetMinutes: 96 * 60),
            StagingModel.DefectClass(name: "under load", percent: 20, needsFullLoad: true),
        ]
        let verdict = weigh(staging(visibility: 1e-3, soak: 1440, classes: kinds))
        let ratios = verdict.classes.map { $0.staged / $0.allAtOnce }
        #expect(abs(ratios[0] - 0.063) < 0.001 && abs(ratios[1] - 0.58) < 0.005 && abs(ratios[2] - 1) < 0.002)
        #expect(abs(verdict.staged - 1908) < 10 && abs(verdict.allAtOnce - 5387.5) < 1)
        #expect(abs(verdict.saving - 869) < 3 && abs((verdict.breakEvenDelay ?? 0) - 18.1) < 0.1)
    }

    private static func variant(
        _ name: String,
        _ cost: Double,
        _ migration: Double,
        _ benefit: Double,
        _ downtime: Spread,
        _ rollback: Spread,
        _ failure: Double
    ) -> VariantComparison.Variant {
        VariantComparison.Variant(
            name: name,
            title: name,
            cost: cost,
            migrationCost: migration,
            benefit: benefit,
            downtime: downtime,
            rollback: rollback,
            failurePercent: failure
        )
    }

    private static let variants = VariantComparison(
        currency: "USD",
        perHour: .uniform(from: 5000, to: 10_000),
        variants: [
            variant("V1", 15_000, 5000, 50_000, .uniform(from: 2, to: 4), .uniform(from: 0, to: 1), 5),
            variant("V2", 40_000, 10_000, 160_000, .uniform(from: 4, to: 8), .uniform(from: 2, to: 4), 17.5),
            variant("V3", 125_000, 25_000, 700_000, .uniform(from: 24, to: 48), .uniform(from: 8, to: 24), 25),
        ],
        benchmarks: [
            VariantComparison.Benchmark(
                name: "daily",
                values: ["V1": Quantity(300, .milliseconds), "V2": Quantity(50, .milliseconds)]
            )
        ],
        targets: [
            VariantComparison.Target(
                title: "p95 below 100 ms",
                bound: Bound(.less, .value(Quantity(100, .milliseconds))),
                benchmarks: ["daily"]
            )
        ]
    )

    @Test func netsAndReturns() {
        let verdicts = weigh(Self.variants)
        #expect(verdicts.map(\.meanNet) == [12_062.5, 69_312.5, 268_750])
        #expect(verdicts.map { ($0.plainReturn * 100).rounded() } == [233, 300, 460])
        #expect(verdicts.map { ($0.adjustedReturn * 1000).rounded() / 10 } == [31.8, 76.4, 62.3])
        #expect(verdicts.map { ($0.breakEvenHour ?? 0).rounded() } == [11_488, 18_123, 14_219])
        #expect(verdicts.map { ($0.benefitNeeded * 100).rounded() } == [76, 57, 62])
        for (verdict, low) in zip(verdicts, [332.0, 33_332, 72_483]) {
            #expect(abs(verdict.lowNet - low) < 0.02 * max(low, 12_000), "\(verdict.name)")
        }
        for (verdict, chance) in zip(verdicts, [0.045, 0.001, 0.018]) {
            #expect(abs(verdict.chanceOfLoss - chance) < 0.003, "\(verdict.name)")
        }
    }

    @Test func aTargetIsOutOfReachOrNotMeasuredNeverAssumed() {
        let verdicts = weigh(Self.variants, worlds: 1000)
        #expect(verdicts[0].unreached.first?.benchmarks == ["daily 300 ms"])
        #expect(verdicts[1].unreached.isEmpty)
        #expect(verdicts[2].unreached.first?.unmeasured == ["daily"])
    }
}

import PhasegateCore
import Testing

@testable import PhasegateRisk

/// The losses of the ReplyX programme, as worked out in another language from the same model and seed.
@Suite("What risks may cost")
struct LossTests {
    private static let model = LossModel(
        currency: "USD",
        perHour: .uniform(from: 5000, to: 10_000),
        stages: LossModel.Stages(
            detect: .uniform(from: 0, to: 5),
            respond: .uniform(from: 0, to: 15),
            recover: .uniform(from: 5, to: 60)
        ),
        outages: probabilities.map { LossModel.Outage(RiskID(rawValue: $0.0), percent: $0.1) },
        scenarios: [
            LossModel.Scenario(name: "A", title: "as written"),
            LossModel.Scenario(name: "B", title: "a way back for each", outages: ways),
            LossModel.Scenario(
                name: "C",
                title: "measured every minute, half the likelihood of three",
                like: "B",
                stages: LossModel.Stages(detect: .uniform(from: 0, to: 1)),
                outages: [("R002", 15), ("R003", 12.5), ("R005", 10)].map {
                    LossModel.Outage(RiskID(rawValue: $0.0), percent: $0.1)
                }
            ),
        ],
        downtimeLimits: [
            LossModel.DowntimeLimit(title: "phase 1 below 5 min", minutes: 5, risks: ["R001", "R002", "R005"])
        ]
    )

    private static let probabilities = [
        ("R001", 10.0), ("R002", 30), ("R003", 25), ("R004", 60), ("R005", 20), ("R006", 25),
    ]

    private static let ways = [
        ("R001", Spread.uniform(from: 30, to: 60)), ("R002", .uniform(from: 5, to: 10)),
        ("R003", .uniform(from: 5, to: 15)), ("R004", .uniform(from: 5, to: 15)), ("R005", .exactly(0)),
        ("R006", .uniform(from: 5, to: 15)),
    ]
    .map { LossModel.Outage(RiskID(rawValue: $0.0), stages: LossModel.Stages(recover: $0.1)) }

    private func assumptions(_ number: Int) -> LossAssumptions {
        LossAssumptions(Self.model.scenarios[number], of: Self.model, risks: [])
    }

    @Test func theFirstDrawsOfALabelAreTheSameInAnyLanguage() {
        let draws = PortableDraws("A/R001/occur", seed: 20_250_825)
        #expect([draws[0], draws[1], draws[2]] == [0.0754834341673517, 0.36150908119947767, 0.4795281030852192])
    }

    @Test(arguments: [(0, 9031.25), (1, 4343.75), (2, 3246.875)])
    func closedForms(number: Int, mean: Double) {
        #expect(abs(assumptions(number).meanLoss - mean) < 1e-9)
    }

    @Test func closedFormsOfNothingAndOfDowntime() {
        #expect(abs(assumptions(0).chanceOfNothing - 0.1134) < 1e-9)
        #expect(abs(assumptions(0).meanDowntime - 72.25) < 1e-9)
    }

    @Test func aMillionDrawsGiveWhatTheyGaveElsewhere() {
        let worlds = LossWorlds(assumptions(0), count: 200_000, seed: 20_250_825)
        #expect(abs(worlds.mean - 9066.712499) < 1e-6)
        let quantiles = [0.5, 0.9, 0.95, 0.99].map { Int(worlds.quantile($0).rounded()) }
        #expect(quantiles == [8174, 17_786, 21_109, 27_808])
        #expect(Int(worlds.meanOfWorst(0.05)) == 25_290)
        for (loss, chance) in [(5000.0, 0.71), (10_000, 0.39), (20_000, 0.063), (30_000, 0.006)] {
            #expect(abs(worlds.chance(ofMoreThan: loss) - chance) < 0.005, "\(loss)")
        }
        let again = LossWorlds(assumptions(0), count: 200_000, seed: 20_250_825)
        #expect(worlds.losses == again.losses && worlds.downtime == again.downtime)
    }

    @Test(arguments: [(1, [3678, 8814, 10_911, 15_360], 13_602), (2, [2617, 7105, 9249, 13_194], 11_655)])
    func theOtherScenarios(number: Int, quantiles: [Int], worst: Int) {
        let worlds = LossWorlds(assumptions(number), count: 200_000, seed: 20_250_825)
        for (share, loss) in zip([0.5, 0.9, 0.95, 0.99], quantiles) {
            #expect(abs(worlds.quantile(share) - Double(loss)) < 1, "\(share)")
        }
        #expect(abs(worlds.meanOfWorst(0.05) - Double(worst)) < 1)
    }

    @Test func oneMoreRiskLeavesTheDrawsOfTheOthersAlone() {
        var more = assumptions(0)
        let before = LossWorlds(more, count: 2000, seed: 1).downtime
        more.outages.append(
            LossAssumptions.Outage(
                risk: "R099",
                probability: 0.5,
                detect: .exactly(0),
                respond: .exactly(0),
                recover: .exactly(1000)
            )
        )
        let after = LossWorlds(more, count: 2000, seed: 1).downtime
        // Half of the worlds have a thousand minutes more, the others are what they were.
        #expect(zip(before, after).allSatisfy { $0 == $1 || abs($1 - $0 - 1000) < 1e-9 })
        #expect((900...1100).contains(zip(before, after).count { $0 != $1 }))
    }

    @Test func phaseOneKeepsItsPromiseWithTheChanceThatNothingHappens() throws {
        let forecast = try #require(forecast(worlds: 20_000).first)
        let limit = try #require(forecast.downtimeLimits.first)
        // 0.9 · 0.7 · 0.8: any way back takes five minutes at least.
        #expect(abs(limit.chanceKept - 0.504) < 0.012)
    }

    @Test func theTornadoOfTheDocumentsFigures() throws {
        let swings = try #require(forecast(worlds: 5000).first).swings
        let expected = [
            ("recovery", 3187.5, 14_875.0), ("an hour", 6020.833, 12_041.667), ("response", 7437.5, 10_625),
            ("detection", 8500, 9562.5),
        ]
        for (input, low, high) in expected {
            let swing = try #require(swings.first { $0.input == input })
            #expect(abs(swing.meanAtLow - low) < 0.001 && abs(swing.meanAtHigh - high) < 0.001, "\(input)")
            #expect(swing.p95AtLow < swing.p95AtHigh)
        }
        #expect(swings.map(\.input).first == "recovery")
    }

    @Test func theCurveNeverRisesAndMilderAssumptionsLieBelow() {
        let forecasts = forecast(worlds: 20_000)
        for forecast in forecasts {
            let chances = forecast.exceedance.map(\.chance)
            #expect(zip(chances, chances.dropFirst()).allSatisfy { $0 >= $1 })
        }
        // The same worlds, with a probability halved and nothing else: no quantile is larger.
        var milder = assumptions(0)
        for index in milder.outages.indices { milder.outages[index].probability /= 2 }
        let worlds = LossWorlds(assumptions(0), count: 20_000, seed: 3)
        let mild = LossWorlds(milder, count: 20_000, seed: 3)
        #expect(zip(mild.losses, worlds.losses).allSatisfy { $0 <= $1 })
    }

    @Test(
        "draws of a spread have its mean and lie where they should",
        arguments: [
            Spread.uniform(from: 2, to: 6), .triangular(from: 1, likely: 2, to: 9),
            .triangular(from: 3, likely: 3, to: 3),
            .lognormal(low: 2, high: 30), .exactly(4),
        ]
    )
    func spreads(spread: Spread) {
        let values = SpreadDraws(spread, label: "x", seed: 9).values(of: 40_000)
        let mean = values.reduce(0, +) / 40_000
        #expect(abs(mean - spread.mean) < 0.02 * spread.mean)
        if case .lognormal = spread {
            #expect(abs(Double(values.count { $0 < spread.low }) / 40_000 - 0.05) < 0.006)
            #expect(abs(Double(values.count { $0 > spread.high }) / 40_000 - 0.05) < 0.006)
        } else {
            #expect(values.allSatisfy { $0 >= spread.low && $0 <= spread.high })
        }
    }

    @Test func lossesAreSortedAsByComparing() {
        let draws = PortableDraws("sort", seed: 4)
        for count in [0, 1, 2, 3, 1000] {
            var losses = (0..<count).map { $0 % 3 == 0 ? 0 : 1e5 * draws[$0] * draws[$0 + 7000] }
            let expected = losses.sorted()
            sortLosses(&losses)
            #expect(losses == expected)
        }
    }

    @Test(arguments: [(0.0, 0.6), (0.25, 0.497), (0.5, 0.368), (0.75, 0.205), (1, 0)])
    func whatIsLeftOfARisk(done: Double, left: Double) {
        #expect(abs(remaining(of: 0.6, after: done) - left) < 0.0005)
    }

    private func forecast(worlds: Int) -> [LossForecast] {
        forecastLosses(
            of: RiskRegister(grid: RiskRegister.empty.grid, risks: [], loss: Self.model),
            worlds: worlds
        )
    }
}

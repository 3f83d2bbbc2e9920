import Foundation
import PhasegateCore
import PhasegateRisk

/// Draws the losses of fifteen risks and says what that cost, as one line of JSON.
///
///     lossbench WORLDS ROUNDS
///
/// The time is that of one forecast without swings: drawing, sorting, quantiles, curve.
@main
enum LossBench {
    struct Cost: Encodable {
        /// Of each round.
        let seconds: [Double]
        let mean: Double
        let exactMean: Double
        let standardError: Double
        /// Whether all rounds gave the same bits.
        let isRepeated: Bool
    }

    /// As in Benchmarks/losses.py.
    static let percents = [10.0, 30, 25, 60, 20, 25, 30, 10, 60, 30, 10, 60, 30, 10, 30]

    static func main() throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 3, let worlds = Int(arguments[1]), let rounds = Int(arguments[2]), rounds > 0 else {
            throw CocoaError(.featureUnsupported)
        }
        let model = LossModel(
            currency: "USD",
            perHour: .uniform(from: 5000, to: 10_000),
            stages: LossModel.Stages(
                detect: .uniform(from: 0, to: 5),
                respond: .uniform(from: 0, to: 15),
                recover: .uniform(from: 5, to: 60)
            ),
            outages: percents.enumerated().map {
                LossModel.Outage(RiskID(rawValue: "R\($0.offset + 1)"), percent: $0.element)
            },
            scenarios: [LossModel.Scenario(name: "A", title: "as written")]
        )
        let register = RiskRegister(grid: RiskRegister.empty.grid, risks: [], loss: model)
        let clock = ContinuousClock()
        var seconds: [Double] = []
        var forecasts: [LossForecast] = []
        for _ in 0..<rounds {
            let begin = clock.now
            forecasts += forecastLosses(of: register, worlds: worlds, swings: false)
            seconds.append((clock.now - begin) / .seconds(1))
        }
        guard let first = forecasts.first else { return }
        let cost = Cost(
            seconds: seconds,
            mean: first.mean,
            exactMean: first.exactMean,
            standardError: first.standardError,
            isRepeated: forecasts.allSatisfy { $0 == first }
        )
        print(String(decoding: try JSONEncoder().encode(cost), as: UTF8.self))
    }
}

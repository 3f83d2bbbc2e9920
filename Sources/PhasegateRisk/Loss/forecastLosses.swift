public import PhasegateCore

/// Forecasts what a programme may lose, for each scenario of its register's model.
///
/// Means and the chance of no loss are given in closed form beside the
/// simulation, so that either can be held against the other.
///
/// - Parameters:
///   - register: the register; without a loss model there is nothing to forecast.
///   - only: the name of one scenario; all of them where nothing is said.
///   - worlds: how many worlds are drawn, at least 1,000 so that tails mean something.
///   - seed: the same worlds for the same seed, on any machine.
///   - wantsSwings: whether it is also asked what moves the result most, which takes twenty simulations more.
/// - Returns: one forecast for each scenario, in the order of the file.
public func forecastLosses(
    of register: RiskRegister,
    scenario only: String? = nil,
    worlds: Int = 200_000,
    seed: UInt64 = 20_250_825,
    swings wantsSwings: Bool = true
) -> [LossForecast] {
    guard let model = register.loss else { return [] }
    let count = max(1000, worlds)
    return model.scenarios.filter { only == nil || $0.name == only }.map { scenario in
        let assumptions = LossAssumptions(scenario, of: model, risks: register.risks)
        let sample = LossWorlds(assumptions, count: count, seed: seed)
        return LossForecast(
            scenario: scenario.name,
            title: scenario.title,
            currency: model.currency,
            worlds: count,
            seed: seed,
            exactMean: assumptions.meanLoss,
            mean: sample.mean,
            standardError: sample.standardError,
            exactChanceOfNothing: assumptions.chanceOfNothing,
            chanceOfNothing: 1 - sample.chance(ofMoreThan: 0),
            exactDowntimeMinutes: assumptions.meanDowntime,
            quantiles: [0.5, 0.9, 0.95, 0.99].map { LossForecast.Quantile(share: $0, loss: sample.quantile($0)) },
            meanOfWorst: sample.meanOfWorst(0.05),
            exceedance: exceedance(of: sample),
            tolerances: model.tolerances.map {
                LossForecast.Tolerance(declared: $0, chance: sample.chance(ofMoreThan: $0.loss))
            },
            downtimeLimits: model.downtimeLimits.map { limit in
                chance(ofKeeping: limit, assumptions, sample, seed: seed)
            },
            swings: wantsSwings ? swings(of: assumptions, count: count, seed: seed) : []
        )
    }
}

/// Sixty points from no loss to the one that a thousandth of the worlds exceeds.
private func exceedance(of sample: LossWorlds) -> [LossForecast.Point] {
    let end = sample.quantile(0.999)
    guard end > 0 else { return [LossForecast.Point(loss: 0, chance: 0)] }
    return (0...60).map { number in
        let loss = end * Double(number) / 60
        return LossForecast.Point(loss: loss, chance: sample.chance(ofMoreThan: loss))
    }
}

private func chance(
    ofKeeping limit: LossModel.DowntimeLimit,
    _ assumptions: LossAssumptions,
    _ sample: LossWorlds,
    seed: UInt64
) -> LossForecast.DowntimeLimit {
    var outages = assumptions.outages
    var downtime = sample.downtime
    if !limit.risks.isEmpty {
        outages = outages.filter { limit.risks.contains($0.risk) }
        downtime = LossWorlds.downtime(assumptions, outages, count: downtime.count, seed: seed)
    }
    let kept = downtime.reduce(0) { $0 + ($1 < limit.minutes ? 1 : 0) }
    return LossForecast.DowntimeLimit(
        declared: limit,
        risks: outages.map(\.risk),
        chanceKept: Double(kept) / Double(downtime.count)
    )
}

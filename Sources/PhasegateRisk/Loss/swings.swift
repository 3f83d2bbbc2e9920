import PhasegateCore

/// How far a probability that somebody states may be off, in either direction: ours, where a register gives a point only.
private let assumedDoubt = 0.10

/// How much each input moves the loss, all others left as they are; the ten that move the mean most.
///
/// The worlds are the same ones throughout, so that what differs is the input and not the dice.
func swings(of assumptions: LossAssumptions, count: Int, seed: UInt64) -> [LossForecast.Swing] {
    var inputs = [LossInput("an hour", assumptions.perHour) { $0.perHour = .exactly($1) }]
    inputs += stage("detection", \.detect, of: assumptions)
    inputs += stage("response", \.respond, of: assumptions)
    inputs += stage("recovery", \.recover, of: assumptions)
    inputs += assumptions.outages.indices.map { probability(of: $0, assumptions) }
    let moved = inputs.map { Moved($0, assumptions) }.filter { $0.swing != 0 }.sorted { $0.swing > $1.swing }
    return moved.prefix(10).map { moved in
        LossForecast.Swing(
            input: moved.input.name,
            low: moved.input.low,
            high: moved.input.high,
            meanAtLow: moved.low.meanLoss,
            meanAtHigh: moved.high.meanLoss,
            p95AtLow: LossWorlds(moved.low, count: count, seed: seed).quantile(0.95),
            p95AtHigh: LossWorlds(moved.high, count: count, seed: seed).quantile(0.95)
        )
    }
}

/// Assumptions with one input at its lowest and at its highest value.
private struct Moved {
    let input: LossInput
    var low: LossAssumptions
    var high: LossAssumptions

    init(_ input: LossInput, _ assumptions: LossAssumptions) {
        self.input = input
        low = assumptions
        high = assumptions
        input.set(&low, false)
        input.set(&high, true)
    }

    var swing: Double { abs(high.meanLoss - low.meanLoss) }
}

private func probability(of index: Int, _ assumptions: LossAssumptions) -> LossInput {
    let stated = assumptions.outages[index].probability
    let low = max(0, stated - assumedDoubt)
    let high = min(1, stated + assumedDoubt)
    return LossInput(
        name: "probability of \(assumptions.outages[index].risk)",
        low: "\(shortDecimal(100 * low)) %",
        high: "\(shortDecimal(100 * high)) %"
    ) { assumptions, isHigh in assumptions.outages[index].probability = isHigh ? high : low }
}

/// One input of a forecast, and how it is set to its lowest or highest value.
private struct LossInput {
    let name: String
    let low: String
    let high: String
    let set: (inout LossAssumptions, _ isHigh: Bool) -> Void

    init(name: String, low: String, high: String, set: @escaping (inout LossAssumptions, Bool) -> Void) {
        self.name = name
        self.low = low
        self.high = high
        self.set = set
    }

    init(_ name: String, _ spread: Spread, set: @escaping (inout LossAssumptions, Double) -> Void) {
        self.init(name: name, low: shortDecimal(spread.low), high: shortDecimal(spread.high)) {
            set(&$0, $1 ? spread.high : spread.low)
        }
    }
}

/// A stage of all outages at once, from the lowest value of each to its highest.
private func stage(
    _ name: String,
    _ stage: WritableKeyPath<LossAssumptions.Outage, Spread>,
    of assumptions: LossAssumptions
) -> [LossInput] {
    let spreads = assumptions.outages.map { $0[keyPath: stage] }
    guard let low = spreads.map(\.low).min(), let high = spreads.map(\.high).max() else { return [] }
    return [
        LossInput(name: name, low: "\(shortDecimal(low)) min", high: "\(shortDecimal(high)) min") {
            assumptions,
            isHigh in
            for index in assumptions.outages.indices {
                let spread = assumptions.outages[index][keyPath: stage]
                assumptions.outages[index][keyPath: stage] = .exactly(isHigh ? spread.high : spread.low)
            }
        }
    ]
}

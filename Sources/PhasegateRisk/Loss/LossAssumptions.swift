import PhasegateCore

/// What one scenario assumes of each outage, with everything resolved that it shares with others.
struct LossAssumptions: Hashable, Sendable {
    /// One outage.
    struct Outage: Hashable, Sendable {
        let risk: RiskID
        /// How probable it is, from 0 to 1.
        var probability: Double
        /// Minutes.
        var detect: Spread
        var respond: Spread
        var recover: Spread

        /// Mean minutes from the beginning to the end.
        var meanMinutes: Double { detect.mean + respond.mean + recover.mean }
    }

    let name: String
    var perHour: Spread
    var outages: [Outage]

    /// Resolves a scenario.
    ///
    /// - Parameters:
    ///   - scenario: one of the model's.
    ///   - model: the model, whose scenarios refer to earlier ones only.
    ///   - risks: the register's risks, for probabilities.
    init(_ scenario: LossModel.Scenario, of model: LossModel, risks: [Risk]) {
        name = scenario.name
        perHour = model.perHour
        var ancestry = [scenario]
        while let like = ancestry.last?.like, ancestry.count <= model.scenarios.count,
            let next = model.scenarios.first(where: { $0.name == like })
        { ancestry.append(next) }
        let stated = Dictionary(risks.map { ($0.id, $0.declared.percent) }) { first, _ in first }
        let zero = Spread.exactly(0)
        outages = model.outages.map { outage in
            let own = ancestry.compactMap { scenario in scenario.outages.first { $0.risk == outage.risk } }
            // What is said of a risk goes before what is said of all; what is said later, before what was said earlier.
            let layers = own.map(\.stages) + [outage.stages] + ancestry.map(\.stages) + [model.stages]
            let stages = layers.reduce(LossModel.Stages()) { $0.falling(backTo: $1) }
            let percent = own.compactMap(\.percent).first ?? outage.percent ?? (stated[outage.risk] ?? nil)
            return Outage(
                risk: outage.risk,
                probability: (percent ?? 0) / 100,
                detect: stages.detect ?? zero,
                respond: stages.respond ?? zero,
                recover: stages.recover ?? zero
            )
        }
    }

    /// Mean loss, in closed form: E[$ an hour] · Σ p · E[minutes] / 60.
    var meanLoss: Double { perHour.mean * meanDowntime / 60 }

    /// Mean minutes of downtime, in closed form.
    var meanDowntime: Double { outages.reduce(0) { $0 + $1.probability * $1.meanMinutes } }

    /// The chance that nothing happens, in closed form.
    var chanceOfNothing: Double { outages.reduce(1) { $0 * (1 - $1.probability) } }
}

import PhasegateCore

/// What became of one criterion over all rounds it was weighed in.
struct CriterionHistory {
    /// Rounds it was weighed in.
    private(set) var rounds = 0
    /// Rounds in which it did not pass.
    private(set) var failures = 0
    /// Its last finding.
    private(set) var last: Finding?
    /// How long its last measuring took, in milliseconds.
    private(set) var tookMilliseconds: Int64?
    /// What the last finding rests on; nothing where the probe came back without a value.
    private(set) var measurement: Measurement?
    /// The criterion as it was last judged; the plan may have another by now.
    private(set) var judged: Criterion?
    /// What it was held against then, where it was held against a baseline.
    private(set) var baseline: Measurement?
    /// The last measurement that knew how its observations are distributed.
    private(set) var distribution: (measurement: Measurement, at: Moment)?
    /// Measured numbers in one unit, in the order of the ledger.
    private(set) var samples: [RolloutReport.Sample] = []
    /// Their unit; nothing before the first.
    private(set) var unit: Unit?
    /// Adds a round.
    ///
    /// - Parameters:
    ///   - finding: what the gate found.
    ///   - reading: what it found it by, if anything was read.
    ///   - criterion: what it was judged by.
    ///   - baseline: what it was held against, if anything.
    ///   - moment: when the round was weighed.
    mutating func add(
        _ finding: Finding,
        _ reading: Reading?,
        by criterion: Criterion?,
        against baseline: Measurement?,
        at moment: Moment
    ) {
        rounds += 1
        if finding.outcome != .pass { failures += 1 }
        last = finding
        judged = criterion
        self.baseline = baseline
        tookMilliseconds = reading?.tookMilliseconds
        measurement = reading?.measurement
        guard let measurement else { return }
        if measurement.quantiles?.isEmpty == false { distribution = (measurement, moment) }
        if measurement.parts.count == 1 { add(measurement.parts[0].quantity, at: moment) }
    }

    /// Its phase is begun anew: what was found says nothing of the new attempt, what was measured stays history.
    mutating func beginAnew() {
        last = nil
        judged = nil
        baseline = nil
        tookMilliseconds = nil
        measurement = nil
        distribution = nil
    }

    /// A probe that answers in another unit goes on in the first one; in another dimension it begins anew.
    private mutating func add(_ quantity: Quantity, at moment: Moment) {
        guard quantity.number != nil else { return }
        if let unit, let value = quantity.number(in: unit) {
            samples.append(RolloutReport.Sample(at: moment, value: value))
        } else if let number = quantity.number {
            unit = quantity.unit
            samples = [RolloutReport.Sample(at: moment, value: number)]
        }
    }
}

extension Quantity {
    /// The number in another unit; nothing for a word and for a unit of another dimension.
    func number(in other: Unit) -> Double? {
        guard let number, unit.dimension == other.dimension else { return nil }
        return unit == other ? number : number * unit.scale / other.scale
    }
}

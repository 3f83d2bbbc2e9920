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
    /// The last measurement; older than the last finding where that rests on none.
    private(set) var measurement: Measurement?
    /// The last measurement that knew how its observations are distributed.
    private(set) var distribution: (measurement: Measurement, at: Moment)?
    /// Measured numbers in one unit, in the order of the ledger.
    private(set) var samples: [RolloutReport.Sample] = []
    /// Their unit; nothing before the first.
    private(set) var unit: Unit?
    /// Whether all this was before its phase was begun anew.
    var isOfEarlierAttempt = false

    /// Adds a round.
    ///
    /// - Parameters:
    ///   - finding: what the gate found.
    ///   - reading: what it found it by, if anything was read.
    ///   - moment: when the round was weighed.
    mutating func add(_ finding: Finding, _ reading: Reading?, at moment: Moment) {
        rounds += 1
        if finding.outcome != .pass { failures += 1 }
        last = finding
        isOfEarlierAttempt = false
        tookMilliseconds = reading?.tookMilliseconds
        guard let measurement = reading?.measurement else { return }
        self.measurement = measurement
        if measurement.quantiles?.isEmpty == false { distribution = (measurement, moment) }
        if measurement.parts.count == 1 { add(measurement.parts[0].quantity, at: moment) }
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

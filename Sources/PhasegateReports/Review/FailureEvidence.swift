import PhasegateCore

/// Whether a criterion failed in a span of time, as far as the record knows.
enum FailureEvidence: Hashable {
    case failed(at: Moment)
    /// It was measured and did not fail.
    case held
    /// Why the record cannot tell.
    case unknown(String)
}

extension RolloutReport.CriterionReport {
    /// Whether it failed in a span of time, ends included.
    ///
    /// Numbers are judged by the bounds with their boundary rules. What a
    /// history does not hold (words, values of several parts, numbers thinned
    /// out, rounds without a number) is never taken for a pass.
    ///
    /// - Parameters:
    ///   - start: when the span begins; what was weighed last before it stands when it begins.
    ///   - end: when it ends.
    ///   - changedAt: when bounds or baseline were changed last; earlier numbers cannot be held against them.
    /// - Returns: that it failed and when, that it did not, or why the record cannot tell.
    func failure(between start: Moment, and end: Moment, changedAt: Moment?) -> FailureEvidence {
        if let finding, finding.outcome == .fail, let at = finding.observedAt, at <= end {
            return .failed(at: at)
        }
        let before = history.lastIndex { $0.at <= start }
        let samples = history.indices.filter { index in
            index == before || start < history[index].at && history[index].at <= end
        }.map { history[$0] }
        let judge = SampleJudge(self)
        let verdicts = samples.map { sample -> Bool? in
            changedAt.map { sample.at < $0 } ?? false ? nil : judge?.fails(at: sample.value)
        }
        if let index = verdicts.firstIndex(of: true) { return .failed(at: samples[index].at) }
        guard rounds > 0 else { return .unknown("'\(name)' was never weighed") }
        // Every round is counted, also those whose numbers are not kept.
        guard failures > 0 else { return .held }
        guard !samples.isEmpty else { return .unknown("no number of '\(name)' is kept from that time") }
        guard history.count >= rounds else {
            return .unknown("of \(counted(rounds, "round")) of '\(name)' \(grouped(history.count)) numbers are kept")
        }
        guard !verdicts.contains(nil) else {
            return .unknown("the numbers of '\(name)' from that time cannot be held against its bound")
        }
        return .held
    }
}

/// Judges a number by the bounds of a criterion, as they stand in the report.
struct SampleJudge {
    private let bounds: [(bound: Bound, isDemand: Bool)]
    private let limits: [Double]
    private let ceilings: [Double]
    private let floors: [Double]
    private let unit: Unit
    /// Whether the limits hold those of bounds that refer to the baseline.
    private let hasBaselineLimits: Bool

    /// Reads the bounds; nothing for words that are no bounds, and for an unknown unit.
    init?(_ criterion: RolloutReport.CriterionReport) {
        guard let unit = Unit(rawValue: criterion.unit) else { return nil }
        self.unit = unit
        var bounds: [(bound: Bound, isDemand: Bool)] = []
        for part in criterion.bound.split(separator: ", ") {
            guard let blank = part.firstIndex(of: " "), let bound = try? Bound(String(part[blank...])) else {
                return nil
            }
            switch part[..<blank] {
            case "must", "should": bounds.append((bound, true))
            case "fail": bounds.append((bound, false))
            case "warn": break
            default: return nil
            }
        }
        self.bounds = bounds
        // A single bound has no limits without its baseline.
        hasBaselineLimits = bounds.count == 1 || criterion.finding?.baseline != nil
        let failing = criterion.limits.filter { $0.kind == .fail }
        limits = failing.map(\.value)
        ceilings = failing.filter(\.isCeiling).map(\.value)
        floors = failing.filter { !$0.isCeiling }.map(\.value)
    }

    /// Whether a number breaks a bound; nothing where that cannot be told.
    func fails(at value: Double) -> Bool? {
        guard let observed = Quantity(real: value, unit) else { return nil }
        let verdicts = bounds.map { bound, isDemand in
            bound.needsBaseline
                ? fails(at: value, bound, isDemand: isDemand)
                : bound.holds(for: observed, baseline: nil).map { $0 != isDemand }
        }
        if verdicts.contains(true) { return true }
        return verdicts.contains(nil) ? nil : false
    }

    /// A bound that refers to the baseline, by the numbers it came to; the comparison says what happens at them.
    private func fails(at value: Double, _ bound: Bound, isDemand: Bool) -> Bool? {
        // A band that fails lies between its limits instead of beyond them.
        guard hasBaselineLimits, !limits.isEmpty, !bounds.contains(where: { !$0.isDemand && $0.bound.isBand }) else {
            return nil
        }
        if ceilings.contains(where: { value > $0 }) || floors.contains(where: { value < $0 }) { return true }
        // A condition on all values but one has no limit that they could lie beyond.
        guard bound.comparison != (isDemand ? .notEqual : .equal) else { return nil }
        guard limits.contains(value) else { return false }
        let holdsAtEdge =
            switch bound.comparison {
            case .atMost, .atLeast, .equal: true
            case .less, .greater, .notEqual: false
            }
        if holdsAtEdge == isDemand { return false }
        // With other bounds beside it, it may be their number.
        return bounds.count == 1 ? true : nil
    }
}

extension Bound {
    /// Whether it is about all values between two.
    fileprivate var isBand: Bool {
        switch limit {
        case .between, .nearBaseline: true
        case .value, .baseline, .control: false
        }
    }
}

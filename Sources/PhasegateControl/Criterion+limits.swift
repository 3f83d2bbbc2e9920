import PhasegateCore

// The numbers a criterion is held against.
extension Criterion {
    /// The edges of all its conditions, as lines in a drawing.
    ///
    /// Where only one value is good it is there twice, as floor and as ceiling. Where only one is bad there is no line,
    /// and neither is there one for a word, for a baseline that is not frozen, or for a share on top of the control's.
    ///
    /// - Parameters:
    ///   - unit: what the lines are drawn in; conditions of another dimension are left out.
    ///   - baseline: the frozen value, where there is one.
    /// - Returns: in the order demand, failure, warning; none twice.
    func limits(in unit: Unit, baseline: Quantity?) -> [RolloutReport.Limit] {
        var limits: [RolloutReport.Limit] = []
        func add(_ bound: Bound?, _ kind: RolloutReport.Limit.Kind, isDemand: Bool) {
            for edge in bound?.edges(isDemand: isDemand, baseline: baseline) ?? [] {
                guard let value = edge.quantity.number(in: unit), value.isFinite else { continue }
                let limit = RolloutReport.Limit(
                    kind: kind,
                    value: value,
                    // Where a demand holds is where a failure does not.
                    isCeiling: isDemand ? !edge.holdsAbove : edge.holdsAbove
                )
                if !limits.contains(limit) { limits.append(limit) }
            }
        }
        add(bounds.demand, .fail, isDemand: true)
        add(bounds.failure, .fail, isDemand: false)
        add(bounds.warning, .warn, isDemand: false)
        return limits
    }
}

extension Bound {
    /// A value at which a condition begins or ceases to hold.
    struct Edge: Hashable {
        /// The value.
        let quantity: Quantity
        /// Whether the condition holds above it.
        let holdsAbove: Bool
    }

    /// Where the condition begins or ceases to hold; none for words, and where the baseline is missing.
    ///
    /// - Parameters:
    ///   - isDemand: whether values for which it holds are the good ones.
    ///   - baseline: the frozen value, where there is one.
    /// - Returns: lower edge first for a band.
    func edges(isDemand: Bool, baseline: Quantity?) -> [Edge] {
        if let band = band(baseline: baseline) {
            return [Edge(quantity: band.low, holdsAbove: true), Edge(quantity: band.high, holdsAbove: false)]
        }
        guard let point = point(baseline: baseline), point.number != nil else { return [] }
        let above = Edge(quantity: point, holdsAbove: true)
        let below = Edge(quantity: point, holdsAbove: false)
        return switch comparison {
        case .less, .atMost: [below]
        case .greater, .atLeast: [above]
        // One good value has two bad sides; one bad value has none.
        case .equal: isDemand ? [above, below] : []
        case .notEqual: isDemand ? [] : [below, above]
        }
    }

    /// The one value a condition is about; nothing for a band, where the baseline is missing, and for a share that is allowed on
    /// top of the control's: which ratio that comes to depends on the control.
    func point(baseline: Quantity?) -> Quantity? {
        switch limit {
        case .value(let quantity): quantity
        case .baseline(let times): baseline?.scaled(by: times)
        case .nearBaseline, .between: nil
        case .control(let times, let percent): percent == 0 ? Quantity(real: times, .times) : nil
        }
    }

    /// Both ends of a band, included; nothing for other conditions and where the baseline is missing.
    func band(baseline: Quantity?) -> (low: Quantity, high: Quantity)? {
        switch limit {
        case .value, .baseline, .control:
            return nil
        case .between(let low, let high):
            return (low, high)
        case .nearBaseline(let percent):
            // As `Bound.holds` has it, so that what is drawn is what is judged.
            guard let baseline, let reference = baseline.number,
                let low = Quantity(real: reference - abs(reference) * percent / 100, baseline.unit),
                let high = Quantity(real: reference + abs(reference) * percent / 100, baseline.unit)
            else { return nil }
            return (low, high)
        }
    }
}

import PhasegateCore

// What happens exactly at the bounds of a criterion.
extension Criterion {
    /// What a value exactly at each bound comes to, as `exactly 100 ms passes`; found by judging it.
    ///
    /// - Parameter baseline: the frozen value, where there is one; without it a bound that refers to it speaks for
    ///   itself alone.
    /// - Returns: one part a bound, in the order of the file; empty where there is no bound.
    func boundaryRule(baseline: Quantity?) -> String {
        var parts: [String] = []
        func add(_ bound: Bound?, _ words: (holds: String, fails: String), isDemand: Bool) {
            guard let bound else { return }
            for part in rule(for: bound, words, isDemand: isDemand, baseline) where !parts.contains(part) {
                parts.append(part)
            }
        }
        add(bounds.demand, ("does not fail", "fails"), isDemand: true)
        add(bounds.failure, ("fails", "does not fail"), isDemand: false)
        add(bounds.warning, ("warns", "does not warn"), isDemand: false)
        return parts.joined(separator: "; ")
    }

    private func rule(
        for bound: Bound,
        _ words: (holds: String, fails: String),
        isDemand: Bool,
        _ baseline: Quantity?
    ) -> [String] {
        if let word = bound.word {
            let only = bound.comparison == (isDemand ? .equal : .notEqual) ? "only " : ""
            return verb(at: Quantity(word: word), baseline).map { ["\(only)'\(word)' \($0)"] } ?? []
        }
        if let band = bound.band(baseline: baseline) {
            return [band.low, band.high].compactMap { edge in
                verb(at: edge, baseline).map { "exactly \(edge) \($0)" }
            }
        }
        let isOnlyOne = bound.comparison == (isDemand ? .equal : .notEqual)
        if let point = bound.point(baseline: baseline) {
            let name = bound.needsBaseline ? "\(bound.subject) (\(point))" : "\(point)"
            return verb(at: point, baseline).map { ["\(isOnlyOne ? "only " : "")exactly \(name) \($0)"] } ?? []
        }
        let holds =
            switch bound.comparison {
            case .atMost, .atLeast, .equal: true
            case .less, .greater, .notEqual: false
            }
        return ["exactly \(bound.subject) \(holds ? words.holds : words.fails)"]
    }

    /// What a value comes to by all conditions; nothing where that cannot be told.
    private func verb(at value: Quantity, _ baseline: Quantity?) -> String? {
        if let demand = bounds.demand {
            guard let holds = demand.holds(for: value, baseline: baseline) else { return nil }
            if !holds { return "fails" }
        }
        if let failure = bounds.failure {
            guard let holds = failure.holds(for: value, baseline: baseline) else { return nil }
            if holds { return "fails" }
        }
        if let warning = bounds.warning {
            guard let holds = warning.holds(for: value, baseline: baseline) else { return nil }
            if holds { return "warns" }
        }
        return "passes"
    }
}

extension Bound {
    /// What the condition is about where it refers to a baseline, as `1.2 x baseline`.
    fileprivate var subject: String {
        switch limit {
        case .value(let quantity): "\(quantity)"
        case .between(let low, let high): "\(low) and \(high)"
        case .baseline(let times): times == 1 ? "the baseline" : "\(shortDecimal(times)) x baseline"
        case .nearBaseline(let percent): "\(shortDecimal(percent)) % from the baseline"
        case .control(let times, _): times == 1 ? "the control" : "\(shortDecimal(times)) x control"
        }
    }
}

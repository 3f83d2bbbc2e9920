import PhasegateCore

/// Values a probe could come out with, sorted by what a criterion says of them.
struct EvidenceSamples {
    /// A value that satisfies every bound.
    private(set) var passing: Quantity?
    /// A value that breaks a `must`, `should` or `fail`.
    private(set) var failing: Quantity?
    /// A value that only meets the warning.
    private(set) var warning: Quantity?

    init(_ criterion: Criterion, _ domain: ProbeOutput) {
        let baseline = criterion.needsBaseline ? Self.baselineValue(for: criterion) : nil
        for candidate in Self.candidates(for: criterion, domain) {
            switch Self.verdict(on: candidate, criterion.bounds, baseline) {
            case .pass: passing = passing ?? candidate
            case .fail: failing = failing ?? candidate
            case .warn: warning = warning ?? candidate
            case .unknown: break
            }
        }
    }

    /// A frozen measurement that bounds of a criterion can be held against.
    static func baseline(for criterion: Criterion) -> Measurement { Measurement(baselineValue(for: criterion)) }

    private static func baselineValue(for criterion: Criterion) -> Quantity {
        // Content hashes are words; everything else that has a baseline is a number.
        if criterion.probe.kind == "content-hash" { return Quantity(word: "baseline") }
        return Quantity(100, criterion.bounds.all.compactMap(\.unit).first ?? .none)
    }

    private static func verdict(on value: Quantity, _ bounds: Criterion.Bounds, _ baseline: Quantity?) -> Finding.Outcome {
        if let demand = bounds.demand {
            guard let holds = demand.holds(for: value, baseline: baseline) else { return .unknown }
            if !holds { return .fail }
        }
        if let failure = bounds.failure {
            guard let holds = failure.holds(for: value, baseline: baseline) else { return .unknown }
            if holds { return .fail }
        }
        if let warning = bounds.warning {
            guard let holds = warning.holds(for: value, baseline: baseline) else { return .unknown }
            if holds { return .warn }
        }
        return .pass
    }

    /// Values around every limit that lie within what the probe can say.
    private static func candidates(for criterion: Criterion, _ domain: ProbeOutput) -> [Quantity] {
        switch domain {
        case .words(let words):
            return words.map { Quantity(word: $0) }
        case .number(_, let range):
            return numbers(around: criterion).filter { quantity in
                quantity.number.map { range.contains($0 * quantity.unit.scale) } ?? false
            }
        case .scalar:
            let words = criterion.bounds.all.compactMap { bound -> String? in
                if case .value(let quantity) = bound.limit, case .word(let word) = quantity.value { word } else { nil }
            }
            if !words.isEmpty || criterion.probe.kind == "content-hash" {
                return (words + ["baseline", "something-else"]).map { Quantity(word: $0) }
            }
            return numbers(around: criterion)
        }
    }

    private static func numbers(around criterion: Criterion) -> [Quantity] {
        var found: [Quantity] = []
        for bound in criterion.bounds.all {
            let limits: [Quantity] =
                switch bound.limit {
                case .value(let quantity): [quantity]
                case .between(let low, let high): [low, high]
                case .baseline(let times): [baselineValue(for: criterion).scaled(by: times)].compactMap(\.self)
                case .nearBaseline: [baselineValue(for: criterion)]
                }
            for limit in limits {
                guard let number = limit.number else { continue }
                let step = max(abs(number) / 2, 1)
                for candidate in [number, number - step, number + step, number - 1, number + 1, 0, number * 10 + 10] {
                    if let whole = Int64(exactly: candidate) {
                        found.append(Quantity(whole, limit.unit))
                    } else if let real = Quantity(real: candidate, limit.unit) {
                        found.append(real)
                    }
                }
            }
        }
        return found
    }
}

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

    private static func verdict(on value: Quantity, _ bounds: Criterion.Bounds, _ baseline: Quantity?)
        -> Finding.Outcome
    {
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
            return numbers(around: criterion).filter { lies($0, in: range) }
        case .scalar:
            let words = criterion.bounds.all.compactMap(\.word)
            guard words.isEmpty, criterion.probe.kind != "content-hash" else {
                return (words + ["baseline", "something-else"]).map { Quantity(word: $0) }
            }
            return numbers(around: criterion)
        }
    }

    // Swift 6.3.1's optimiser crashes in "CopyPropagation" when it inlines the
    // switch over the value into the filter above.
    @inline(never)
    private static func lies(_ quantity: Quantity, in range: ClosedRange<Double>) -> Bool {
        guard let number = quantity.number else { return false }
        return range.contains(number * quantity.unit.scale)
    }

    private static func numbers(around criterion: Criterion) -> [Quantity] {
        criterion.bounds.all.flatMap { limits(of: $0, for: criterion) }.flatMap(neighbours)
    }

    private static func limits(of bound: Bound, for criterion: Criterion) -> [Quantity] {
        switch bound.limit {
        case .value(let quantity): [quantity]
        case .between(let low, let high): [low, high]
        case .baseline(let times): [baselineValue(for: criterion).scaled(by: times)].compactMap(\.self)
        case .nearBaseline: [baselineValue(for: criterion)]
        case .control(let times, _): [Quantity(real: times, .times)].compactMap(\.self)
        }
    }

    private static func neighbours(of limit: Quantity) -> [Quantity] {
        guard let number = limit.number else { return [] }
        let step = max(abs(number) / 2, 1)
        return [number, number - step, number + step, number - 1, number + 1, 0, number * 10 + 10].compactMap { value in
            Int64(exactly: value).map { Quantity($0, limit.unit) } ?? Quantity(real: value, limit.unit)
        }
    }
}

/// A condition on one measured value, as the rollout file writes it.
///
/// The comparison is the boundary rule: `> 100 ms` leaves 100 ms itself
/// outside, `>= 100 ms` takes it in. Nothing is closed by convention.
public struct Bound: Hashable, Codable, Sendable {
    /// How the observed value stands to the limit.
    public enum Comparison: String, Codable, Sendable, CaseIterable {
        case atMost = "<="
        case atLeast = ">="
        case notEqual = "!="
        case less = "<"
        case greater = ">"
        case equal = "="

        func holds(_ order: Int) -> Bool {
            switch self {
            case .atMost: order <= 0
            case .atLeast: order >= 0
            case .notEqual: order != 0
            case .less: order < 0
            case .greater: order > 0
            case .equal: order == 0
            }
        }
    }

    /// What the observed value is held against.
    public enum Limit: Hashable, Codable, Sendable {
        /// A fixed value or word.
        case value(Quantity)
        /// A multiple of the frozen baseline.
        case baseline(times: Double)
        /// A band of so many percent on both sides of the frozen baseline, edges included.
        case nearBaseline(percent: Double)
        /// A band between two values, edges included.
        case between(Quantity, Quantity)
        /// A multiple of what the control shows at the same time, and a share on top of it (0 for none).
        case control(times: Double, plusPercent: Double)
    }

    /// The comparison; `.equal` for bands, read as "lies within".
    public let comparison: Comparison
    /// The limit.
    public let limit: Limit

    /// Puts a bound together.
    public init(_ comparison: Comparison, _ limit: Limit) {
        self.comparison = comparison
        self.limit = limit
    }

    /// Whether a frozen baseline is needed to judge.
    public var needsBaseline: Bool {
        switch limit {
        case .value, .between: false
        case .baseline, .nearBaseline: true
        case .control: false
        }
    }

    /// Whether it refers to a control group at the same time.
    public var needsControl: Bool { if case .control = limit { true } else { false } }

    /// The unit the bound is written in; nothing where it follows the baseline.
    public var unit: Unit? {
        switch limit {
        case .value(let quantity), .between(let quantity, _): quantity.unit
        case .baseline, .nearBaseline, .control: nil
        }
    }

    /// The word the bound demands or refuses; nothing for numbers.
    public var word: String? {
        switch limit {
        case .value(let quantity): quantity.word
        case .baseline, .nearBaseline, .between, .control: nil
        }
    }

    /// Whether the condition holds.
    ///
    /// - Parameters:
    ///   - observed: the measured value.
    ///   - baseline: the frozen value of the same part, where there is one.
    /// - Returns: nothing when it cannot be told: no baseline, or units that do not compare.
    public func holds(for observed: Quantity, baseline: Quantity?) -> Bool? {
        switch limit {
        case .value(let quantity):
            return observed.compared(with: quantity).map(comparison.holds)
        case .baseline(let times):
            guard let scaled = baseline?.scaled(by: times) else { return nil }
            return observed.compared(with: scaled).map(comparison.holds)
        case .nearBaseline(let percent):
            guard let baseline, let reference = baseline.number,
                let low = Quantity(
                    real: reference - abs(reference) * percent / 100,
                    baseline.unit
                ),
                let high = Quantity(real: reference + abs(reference) * percent / 100, baseline.unit)
            else { return nil }
            return Self.lies(observed, between: low, and: high)
        case .between(let low, let high):
            return Self.lies(observed, between: low, and: high)
        case .control(let times, _):
            return Quantity(real: times, .times).flatMap { observed.compared(with: $0) }.map(comparison.holds)
        }
    }

    private static func lies(_ observed: Quantity, between low: Quantity, and high: Quantity) -> Bool? {
        guard let above = observed.compared(with: low), let below = observed.compared(with: high) else { return nil }
        return above >= 0 && below <= 0
    }
}

extension Bound: CustomStringConvertible {
    /// The condition as the rollout file writes it.
    public var description: String {
        switch limit {
        case .value(let quantity):
            if case .word(let word) = quantity.value, comparison == .equal {
                word
            } else {
                "\(comparison.rawValue) \(quantity)"
            }
        case .baseline(let times):
            times == 1 ? "\(comparison.rawValue) baseline" : "\(comparison.rawValue) \(shortDecimal(times)) x baseline"
        case .nearBaseline(let percent): "within \(shortDecimal(percent)) % of baseline"
        case .between(let low, let high): "between \(low) and \(high)"
        case .control(let times, let percent):
            (times == 1 ? "\(comparison.rawValue) control" : "\(comparison.rawValue) \(shortDecimal(times)) x control")
                + (percent == 0 ? "" : " + \(shortDecimal(percent)) %")
        }
    }
}

extension Bound {
    /// Why a text is no bound.
    public struct SyntaxError: Error, Hashable {
        /// What is wrong, as a sentence part in lower case.
        public let problem: String
        /// What to write instead.
        public let hint: String
    }

    /// Reads a condition.
    ///
    /// Forms: `> 100 ms` · `= baseline` · `<= 1.2 x baseline` · `within 1 % of baseline` · `<= 1.2 x control` ·
    /// `between 30 % and 50 %` · a bare word as `verified`.
    ///
    /// - Parameter text: the condition.
    /// - Throws: `SyntaxError` with the remedy.
    public init(_ text: String) throws(SyntaxError) {
        let trimmed = text.trimmingBlanks()
        guard !trimmed.isEmpty else {
            throw SyntaxError(problem: "is empty", hint: "write a condition such as '<= 50 ms' or 'verified'")
        }
        if trimmed.hasPrefix("within ") {
            self = try Self.nearBaseline(trimmed)
        } else if trimmed.hasPrefix("between ") {
            self = try Self.band(trimmed)
        } else if let comparison = Comparison.allCases.first(where: { trimmed.hasPrefix($0.rawValue) }) {
            let rest = trimmed.dropFirst(comparison.rawValue.count).trimmingBlanks()
            self.init(comparison, try Self.limit(rest))
        } else if Self.isWord(trimmed) {
            self.init(.equal, .value(Quantity(word: trimmed)))
        } else {
            throw SyntaxError(
                problem: "'\(trimmed)' has no comparison",
                hint: "begin with one of = != < <= > >=, as in '<= \(trimmed)', or write one bare word"
            )
        }
    }

    private static func nearBaseline(_ text: String) throws(SyntaxError) -> Bound {
        let body = text.dropFirst("within ".count)
        guard body.hasSuffix("of baseline"),
            let share = Quantity(String(body.dropLast("of baseline".count))), share.unit == .percent,
            let percent = share.number, percent >= 0
        else {
            throw SyntaxError(problem: "'\(text)' is not a band", hint: "write 'within 1 % of baseline'")
        }
        return Bound(.equal, .nearBaseline(percent: percent))
    }

    private static func band(_ text: String) throws(SyntaxError) -> Bound {
        let sides = text.dropFirst("between ".count).split(separator: " and ", omittingEmptySubsequences: false)
        guard sides.count == 2, let low = Quantity(String(sides[0])), let high = Quantity(String(sides[1])),
            let order = low.compared(with: high)
        else {
            throw SyntaxError(problem: "'\(text)' is not a band", hint: "write 'between 30 % and 50 %'")
        }
        guard order <= 0 else {
            throw SyntaxError(
                problem: "'\(text)' has its edges the wrong way round",
                hint: "write the smaller edge first"
            )
        }
        return Bound(.equal, .between(low, high))
    }

    private static func limit(_ text: String) throws(SyntaxError) -> Limit {
        if text == "baseline" { return .baseline(times: 1) }
        if text.hasSuffix("x baseline") {
            let factor = text.dropLast("x baseline".count).trimmingBlanks()
            guard let times = Double(factor), times.isFinite, times > 0 else {
                throw SyntaxError(problem: "'\(factor)' is not a factor", hint: "write '1.2 x baseline'")
            }
            return .baseline(times: times)
        }
        if let limit = try control(text) { return limit }
        if let quantity = Quantity(text) { return .value(quantity) }
        if isWord(text) { return .value(Quantity(word: text)) }
        throw SyntaxError(
            problem: "'\(text)' is neither a number with a unit, a word, nor a multiple of the baseline",
            hint: "units are \(Unit.allCases.dropFirst().map(\.rawValue).joined(separator: " "))"
        )
    }

    /// `control`, `1.2 x control`, `1.5 x control + 0.5 %`; nothing where the control is not spoken of.
    private static func control(_ text: String) throws(SyntaxError) -> Limit? {
        let sides = text.split(separator: "+", maxSplits: 1, omittingEmptySubsequences: false)
        guard let multiple = sides.first.map({ String($0).trimmingBlanks() }),
            multiple == "control" || multiple.hasSuffix("x control")
        else { return nil }
        let factor = multiple.dropLast("x control".count).trimmingBlanks()
        let share = sides.count == 2 ? Quantity(String(sides[1])) : Quantity(0, .percent)
        guard let times = multiple == "control" ? 1 : Double(factor), times.isFinite, times > 0,
            let share, share.unit == .percent, let percent = share.number, (0..<100).contains(percent)
        else {
            throw SyntaxError(
                problem: "'\(text)' is not a multiple of the control",
                hint: "write '1.2 x control', or '1.5 x control + 0.5 %' for shares"
            )
        }
        return .control(times: times, plusPercent: percent)
    }

    private static func isWord(_ text: String) -> Bool {
        guard let first = text.first, first.isASCII, first.isLetter else { return false }
        return text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "._:-".contains($0)) }
    }
}

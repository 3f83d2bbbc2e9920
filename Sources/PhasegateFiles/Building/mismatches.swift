import PhasegateCore

/// What keeps a bound from ever being compared with what a probe says.
///
/// - Parameters:
///   - bound: the condition.
///   - output: what the probe can come out with.
///   - user: the criterion, for people.
///   - place: where the condition stands.
/// - Returns: one diagnostic for each value of the bound that cannot be compared.
func mismatches(of bound: Bound, with output: ProbeOutput, for user: String, at place: Place) -> [Diagnostic] {
    switch bound.limit {
    case .value(let quantity):
        return [mismatch(of: quantity, in: bound, with: output, for: user, at: place)].compactMap(\.self)
    case .between(let low, let high):
        let problems = [low, high].compactMap { mismatch(of: $0, in: bound, with: output, for: user, at: place) }
        return Array(problems.prefix(1))
    case .baseline(let times):
        guard case .words = output, times != 1 || !bound.comparison.fitsWords else { return [] }
        return [noOrder(bound, for: user, at: place)]
    case .nearBaseline:
        guard case .words = output else { return [] }
        return [noOrder(bound, for: user, at: place)]
    case .control:
        guard output.dimension != .ratio else { return [] }
        return [
            Diagnostic(
                rule: "bad-bound",
                "'\(bound)' of \(user) refers to a control, and nothing compares it with one",
                hint: "add 'compare: control' to the criterion",
                at: place
            )
        ]
    }
}

private func mismatch(
    of quantity: Quantity,
    in bound: Bound,
    with output: ProbeOutput,
    for user: String,
    at place: Place
) -> Diagnostic? {
    switch (output, quantity.value) {
    case (.words(let words), .word(let word)):
        if !words.contains(word) {
            return Diagnostic(
                rule: "bad-word",
                "the probe of \(user) never says \(quoted(word))",
                hint: nearest(to: word, among: words).map { "did you mean '\($0)'?" }
                    ?? "it says \(words.joined(separator: ", "))",
                at: place
            )
        }
        return bound.comparison.fitsWords ? nil : noOrder(bound, for: user, at: place)
    case (.words(let words), .whole), (.words(let words), .real):
        return Diagnostic(
            rule: "bad-word",
            "the probe of \(user) says words, but '\(bound)' has a number",
            hint: "it says \(words.joined(separator: ", "))",
            at: place
        )
    case (.number(let dimension, _), .word(let word)):
        return Diagnostic(
            rule: "bad-word",
            "the probe of \(user) says a number, but '\(bound)' has the word \(quoted(word))",
            hint: "write a number\(dimension == .count ? "" : " with its unit"), as '<= 50\(dimension.exampleUnit)'",
            at: place
        )
    case (.scalar, .word):
        return bound.comparison.fitsWords ? nil : noOrder(bound, for: user, at: place)
    case (.number(let dimension, _), .whole), (.number(let dimension, _), .real), (.scalar(let dimension), .whole),
        (.scalar(let dimension), .real):
        return mismatch(of: quantity, in: bound, dimension: dimension, for: user, at: place)
    }
}

private func mismatch(
    of quantity: Quantity,
    in bound: Bound,
    dimension: Unit.Dimension,
    for user: String,
    at place: Place
) -> Diagnostic? {
    guard quantity.unit.dimension != dimension else { return nil }
    if quantity.unit == .none {
        return Diagnostic(
            rule: "missing-unit",
            "'\(bound)' of \(user) has no unit, and the probe measures a \(dimension.rawValue)",
            hint: "did you mean '\(bound)\(dimension.exampleUnit)'?",
            at: place
        )
    }
    let units = Unit.allCases.filter { $0.dimension == dimension && $0 != .none }.map(\.rawValue)
    return Diagnostic(
        rule: "wrong-unit",
        "'\(bound)' of \(user) is a \(quantity.unit.dimension.rawValue), but the probe measures a \(dimension.rawValue)",
        hint: "its units are \(units.joined(separator: " "))" + (dimension == .count ? ", or none" : ""),
        at: place
    )
}

private func noOrder(_ bound: Bound, for user: String, at place: Place) -> Diagnostic {
    Diagnostic(
        rule: "bad-bound",
        "'\(bound)' of \(user) orders words, which have no order",
        hint: "compare words with '=' or '!='",
        at: place
    )
}

extension Bound.Comparison {
    fileprivate var fitsWords: Bool { self == .equal || self == .notEqual }
}

extension Unit.Dimension {
    /// A unit to show in an example, with the blank before it.
    fileprivate var exampleUnit: String {
        switch self {
        case .count: ""
        case .share: " %"
        case .ratio: " x"
        case .time: " ms"
        case .size: " MB"
        case .rate: "/s"
        }
    }
}

extension ProbeOutput {
    /// What its numbers are; nothing for words.
    fileprivate var dimension: Unit.Dimension? {
        switch self {
        case .number(let dimension, _), .scalar(let dimension): dimension
        case .words: nil
        }
    }
}

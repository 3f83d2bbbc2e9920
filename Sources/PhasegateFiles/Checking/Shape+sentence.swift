import PhasegateCore

extension Shape {
    /// What the shape asks for, as the end of a sentence.
    var sentence: String {
        switch self {
        case .text: "text"
        case .name: "a name"
        case .whole(let range): "a whole number" + Self.span(range.lowerBound, range.upperBound, Int64.min, Int64.max)
        case .number(let range):
            "a number"
                + Self.span(
                    range.lowerBound,
                    range.upperBound,
                    -Double.greatestFiniteMagnitude,
                    .greatestFiniteMagnitude
                )
        case .truth: "'true' or 'false'"
        case .duration: "a duration with its unit"
        case .quantity: "a number with its unit"
        case .bound: "a condition such as '<= 50 ms'"
        case .moment: "a date, or a date and time in UTC"
        case .timeOfDay: "a time of day such as '07:30'"
        case .utcOffset: "an offset from UTC such as '+01:00'"
        case .oneOf(let words): words.count == 1 ? "'\(words[0])'" : "one of " + words.joined(separator: ", ")
        case .scalar: "a single value"
        case .list(let element, let orOne):
            orOne ? "a list, or \(element.sentence)" : "a list"
        case .map: "a map"
        case .named: "a map from names"
        case .either(let first, let second): "\(first.sentence) or \(second.sentence)"
        case .probe: "a probe with its 'kind'"
        case .channel: "a channel with its 'name' and 'kind'"
        case .sink: "a flag sink with its 'name' and 'kind'"
        case .source: "a source of observations with its 'kind'"
        }
    }

    private static func span<Number: Comparable>(_ low: Number, _ high: Number, _ least: Number, _ most: Number)
        -> String
    {
        func text(_ number: Number) -> String {
            if let number = number as? Double { shortDecimal(number) } else { "\(number)" }
        }
        switch (low > least, high < most) {
        case (true, true): return low == high ? " equal to \(text(low))" : " from \(text(low)) to \(text(high))"
        case (true, false): return " of at least \(text(low))"
        case (false, true): return " of at most \(text(high))"
        case (false, false): return ""
        }
    }
}

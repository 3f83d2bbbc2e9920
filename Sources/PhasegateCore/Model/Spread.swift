/// A value that is not known, with what is known of it.
public enum Spread: Hashable, Codable, Sendable {
    /// Anything between two values alike: for a range without a reason to prefer a part of it.
    case uniform(from: Double, to: Double)
    /// Between two values, most likely a third: for a range with a usual value.
    case triangular(from: Double, likely: Double, to: Double)
    /// A positive value of which an expert says what it is below and above of with a chance of 5 % each.
    case lognormal(low: Double, high: Double)

    /// A value that is known.
    public static func exactly(_ value: Double) -> Spread { .uniform(from: value, to: value) }

    /// What is reckoned with as the lowest value: the lower edge, or what is undercut with a chance of 5 %.
    public var low: Double {
        switch self {
        case .uniform(let low, _), .triangular(let low, _, _), .lognormal(let low, _): low
        }
    }

    /// What is reckoned with as the highest value: the upper edge, or what is exceeded with a chance of 5 %.
    public var high: Double {
        switch self {
        case .uniform(_, let high), .triangular(_, _, let high), .lognormal(_, let high): high
        }
    }
}

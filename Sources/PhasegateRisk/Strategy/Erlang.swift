/// How long it takes until so many signs have come, at so many a minute: the sum of waits of which each forgets the last.
struct Erlang: Sendable {
    /// How many signs.
    let count: Int
    /// How many come in a minute.
    let rate: Double

    var mean: Double { Double(count) / rate }

    /// The chance that it takes longer.
    func chance(beyond time: Double) -> Double { Self.chance(of: count, beyond: time * rate) }

    /// The mean of the wait, or of a time where that is over before.
    func mean(cutAt time: Double) -> Double {
        guard time > 0 else { return 0 }
        return (1...count).reduce(0) { $0 + 1 - Self.chance(of: $1, beyond: time * rate) } / rate
    }

    /// The time within which the signs come with a chance of 95 %.
    var quantile95: Double {
        var (low, high) = (0.0, 100.0 * Double(count))
        for _ in 0..<100 {
            let middle = (low + high) / 2
            if Self.chance(of: count, beyond: middle) > 0.05 { low = middle } else { high = middle }
        }
        return high / rate
    }

    /// Σ e^-x x^k / k! over k below the count.
    private static func chance(of count: Int, beyond x: Double) -> Double {
        guard x > 0 else { return 1 }
        var term = exponential(-x)
        var sum = 0.0
        for number in 0..<count {
            sum += term
            term *= x / Double(number + 1)
        }
        return min(1, sum)
    }
}

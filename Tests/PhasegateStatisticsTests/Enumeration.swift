import Foundation

// All outcomes of small experiments with their chances, so that expectations are exact.

func isClose(_ first: Double, _ second: Double, within tolerance: Double = 1e-12) -> Bool {
    abs(first - second) <= tolerance * max(1, abs(second))
}

/// The chances of each number of events, from none to all.
func binomial(_ trials: Int, _ chance: Double) -> [Double] {
    (0...trials).map { events in
        var ways = 1.0
        for step in 0..<events { ways = ways * Double(trials - step) / Double(step + 1) }
        return ways * power(chance, events) * power(1 - chance, trials - events)
    }
}

/// All ways to spread `trials` over some cells, with their chances.
func multinomial(_ trials: Int, _ chances: [Double]) -> [(counts: [Int], chance: Double)] {
    guard chances.count > 1 else { return [([trials], power(chances[0], trials))] }
    return (0...trials).flatMap { first in
        var ways = power(chances[0], first)
        for step in 0..<first { ways = ways * Double(trials - step) / Double(step + 1) }
        return multinomial(trials - first, Array(chances.dropFirst())).map { rest in
            ([first] + rest.counts, ways * rest.chance)
        }
    }
}

/// All sequences of the numbers below `count`, of a length.
func sequences(of count: Int, length: Int) -> [[Int]] {
    length == 0 ? [[]] : sequences(of: count, length: length - 1).flatMap { head in (0..<count).map { head + [$0] } }
}

func power(_ base: Double, _ exponent: Int) -> Double {
    (0..<exponent).reduce(1) { product, _ in product * base }
}

/// e to a power, from the library, so that tests do not share the code they test.
func exponentialOf(_ power: Double) -> Double { exp(power) }

/// The number of successes in independent trials, as a table of its distribution.
///
/// Probabilities are built outwards from the most likely number by the ratio
/// of neighbours and divided by their sum, which needs neither logarithms nor
/// factorials and cannot overflow. Numbers less likely than 1e-20 of the most
/// likely one are left out, so the cost grows with the square root of `trials`.
struct Binomial {
    private let lowest: Int
    /// Chance of at most `lowest + index` successes.
    private let cumulative: [Double]

    /// - Precondition: `trials` is not negative and `chance` lies strictly between 0 and 1.
    init(trials: Int, chance: Double) {
        let odds = chance / (1 - chance)
        let mode = min(trials, Int((Double(trials) + 1) * chance))
        let negligible = 1e-20

        var below: [Double] = []
        var weight = 1.0
        var number = mode
        while number > 0 {
            weight *= Double(number) / (Double(trials - number + 1) * odds)
            guard weight > negligible else { break }
            below.append(weight)
            number -= 1
        }
        var above: [Double] = []
        weight = 1.0
        number = mode
        while number < trials {
            weight *= Double(trials - number) / Double(number + 1) * odds
            guard weight > negligible else { break }
            above.append(weight)
            number += 1
        }

        lowest = mode - below.count
        let weights = below.reversed() + [1.0] + above
        let total = weights.reduce(0, +)
        var sum = 0.0
        cumulative = weights.map { weight in
            sum += weight
            return min(1, sum / total)
        }
    }

    /// The chance of at most so many successes.
    func chance(ofAtMost number: Int) -> Double {
        if number < lowest { return 0 }
        let index = number - lowest
        return index < cumulative.count ? cumulative[index] : 1
    }

    /// The smallest number that is not exceeded with at least this chance.
    func smallest(notExceededWith chance: Double) -> Int {
        lowest + (cumulative.firstIndex { $0 >= chance } ?? cumulative.count)
    }
}

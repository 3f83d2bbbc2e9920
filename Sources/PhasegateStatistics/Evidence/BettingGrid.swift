/// The bets that every e-process of this module spreads its capital over.
///
/// Seventeen in equal parts: sixteen that win at different strengths of the
/// effect, and cash, which never wins or loses. The cash keeps an e-value at or
/// above 1/17, without which the products in F5 and F7 would be dragged to
/// zero by the larger arm. Because the cash is known, only sixteen are stored.
enum BettingGrid {
    /// Bets on the logarithm of odds: S of docs/statistics.md without its zero, 0.05 to 4.
    static let steps = SIMD16<Double>.geometric(from: 0.05, times: 80)
    /// e^s - 1 for each step s.
    static let growthAbove = SIMD16<Double>.each { exponential(steps[$0]) - 1 }
    /// e^-s - 1 for each step s.
    static let growthBelow = SIMD16<Double>.each { exponential(-steps[$0]) - 1 }
    /// Bets as a share of the capital: C of docs/statistics.md without its zero, 0.01 to 0.9.
    static let stakes = SIMD16<Double>.geometric(from: 0.01, times: 90)
    /// ln 17.
    static let logarithmOfCount = logarithm(17)

    /// e^s - 1, or e^-s - 1 when the claim is that something is below.
    static func growth(_ direction: Direction) -> SIMD16<Double> {
        switch direction {
        case .above: growthAbove
        case .below: growthBelow
        }
    }

    /// What an event of the candidate adds: s, or -s.
    static func steps(_ direction: Direction) -> SIMD16<Double> {
        switch direction {
        case .above: steps
        case .below: -steps
        }
    }

    /// The logarithm of the mean of all seventeen capitals, given their logarithms.
    static func mix(_ logarithms: SIMD16<Double>, cash: Double = 0) -> Double {
        let largest = Swift.max(logarithms.max(), cash)
        var sum = exponential(cash - largest)
        for index in 0..<16 { sum += exponential(logarithms[index] - largest) }
        return largest + logarithm(sum) - logarithmOfCount
    }
}

extension SIMD16<Double> {
    /// Sixteen numbers by their place.
    static func each(_ number: (Int) -> Double) -> Self {
        var all = Self()
        for index in 0..<16 { all[index] = number(index) }
        return all
    }

    /// ln(1 + x) of each.
    static func logarithmsOfOnePlus(_ numbers: Self) -> Self { each { logarithmOfOnePlus(numbers[$0]) } }

    /// From `first` to `first * factor` in fifteen equal steps of the logarithm.
    fileprivate static func geometric(from first: Double, times factor: Double) -> Self {
        let step = logarithm(factor) / 15
        return each { first * exponential(step * Double($0)) }
    }

    var isFinite: Bool {
        for index in 0..<16 where !self[index].isFinite { return false }
        return true
    }
}

import Glibc
import PhasegateCore

/// Draws of a value that is not known.
struct SpreadDraws: Sendable {
    private let spread: Spread
    private let first: PortableDraws
    private let second: PortableDraws

    init(_ spread: Spread, label: String, seed: UInt64) {
        self.spread = spread
        first = PortableDraws(label, seed: seed)
        second = PortableDraws(label + "/2", seed: seed)
    }

    subscript(number: Int) -> Double {
        let draw = first[number]
        switch spread {
        case .uniform(let low, let high):
            return low + (high - low) * draw
        case .triangular(let low, let likely, let high):
            guard high > low else { return low }
            let turn = (likely - low) / (high - low)
            return draw < turn
                ? low + ((high - low) * (likely - low) * draw).squareRoot()
                : high - ((high - low) * (high - likely) * (1 - draw)).squareRoot()
        case .lognormal:
            // Box and Muller; one of the two normal numbers is enough.
            let radius = (-2 * log(1 - draw)).squareRoot()
            return exp(spread.logMean + spread.logDeviation * radius * cos(2 * .pi * second[number]))
        }
    }
}

extension Spread {
    /// The mean, in closed form.
    var mean: Double {
        switch self {
        case .uniform(let low, let high): (low + high) / 2
        case .triangular(let low, let likely, let high): (low + likely + high) / 3
        case .lognormal: exp(logMean + logDeviation * logDeviation / 2)
        }
    }

    /// Mean of the logarithm.
    fileprivate var logMean: Double { (log(low) + log(high)) / 2 }

    /// Standard deviation of the logarithm: 5 and 95 % lie 1.6449 deviations off the mean.
    fileprivate var logDeviation: Double { (log(high) - log(low)) / (2 * 1.644_853_626_951_472_2) }
}

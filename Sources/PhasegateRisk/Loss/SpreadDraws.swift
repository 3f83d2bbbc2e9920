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

    /// The draws of the first worlds.
    func values(of count: Int) -> [Double] {
        var values = [Double](repeating: 0, count: count)
        add(to: &values, at: 0..<count)
        return values
    }

    /// Adds a draw to each of some worlds; what kind of spread it is, is asked once and not for each of them.
    func add(to values: inout [Double], at worlds: some Collection<Int>) {
        switch spread {
        case .uniform(let low, let high):
            let span = high - low
            for world in worlds { values[world] += low + span * first[world] }
        case .triangular(let low, let likely, let high):
            for world in worlds {
                values[world] += Self.triangular(first[world], low, likely, high)
            }
        case .lognormal:
            let (mean, deviation) = (spread.logMean, spread.logDeviation)
            for world in worlds {
                // Box and Muller; one of the two normal numbers is enough.
                let radius = (-2 * log(1 - first[world])).squareRoot()
                values[world] += exp(mean + deviation * radius * cos(2 * .pi * second[world]))
            }
        }
    }

    private static func triangular(_ draw: Double, _ low: Double, _ likely: Double, _ high: Double) -> Double {
        guard high > low else { return low }
        return draw < (likely - low) / (high - low)
            ? low + ((high - low) * (likely - low) * draw).squareRoot()
            : high - ((high - low) * (high - likely) * (1 - draw)).squareRoot()
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

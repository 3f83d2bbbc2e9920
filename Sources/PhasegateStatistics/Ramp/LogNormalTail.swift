/// How many values lie beyond a multiple of a percentile, where their logarithms are normally distributed.
///
/// For planning only: latencies often look so, and nothing that is decided rests on it.
public struct LogNormalTail: Hashable, Sendable {
    private let quantile: Double
    private let spread: Double

    /// - Parameters:
    ///   - percentile: strictly between 0 and 1; 0.95.
    ///   - spread: standard deviation of the natural logarithm, positive; 0.6 for much of what is measured.
    public init(percentile: Double, spread: Double) {
        self.spread = spread
        var (low, high) = (-8.0, 8.0)
        for _ in 0..<60 {
            let middle = (low + high) / 2
            if Self.normal(middle) < percentile { low = middle } else { high = middle }
        }
        quantile = (low + high) / 2
    }

    /// The share of values beyond so many times the percentile.
    public func share(beyond multiple: Double) -> Double {
        multiple > 0 ? 1 - Self.normal(quantile + logarithm(multiple) / spread) : 1
    }

    /// The normal distribution, by summing its density: planning needs three digits, this has eight.
    private static func normal(_ value: Double) -> Double {
        let low = -8.0
        let steps = 4000
        let width = (min(8, max(low, value)) - low) / Double(steps)
        var sum = 0.0
        for step in 0..<steps {
            let middle = low + (Double(step) + 0.5) * width
            sum += 0.398_942_280_401_432_7 * exponential(-middle * middle / 2) * width
        }
        return min(1, max(0, sum))
    }
}

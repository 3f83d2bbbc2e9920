/// How long a step has to last before silence means something.
///
/// A defect that leaves a countable sign in a share `visibility` of the exposed
/// operations is noticed after `signs` signs. Their number in a given time is
/// Poisson, so that the time to the last of them follows a gamma distribution.
public struct MinimumSoak: Codable, Hashable, Sendable {
    private let loadNumber: PositiveNumber
    private let visibilityShare: OpenShare
    /// How many signs it takes to notice.
    public let signs: Int
    /// How late a sign is seen, at most.
    public let lag: Duration

    /// What is known of the load and of the defects worth waiting for.
    ///
    /// - Parameters:
    ///   - operationsPerSecond: of all users together.
    ///   - visibility: the share of exposed operations that leave a sign, strictly between 0 and 1.
    ///   - signs: how many it takes to notice, 1 to 10 000; 6 where more than five is an alarm.
    ///   - lag: how late a sign is seen, at most.
    /// - Throws: `StatisticsError.notPositive`, `shareOutOfRange` or `impossibleCounts`.
    public init(
        operationsPerSecond: Double,
        visibility: Double,
        signs: Int,
        lag: Duration
    ) throws(StatisticsError) {
        loadNumber = try PositiveNumber(operationsPerSecond)
        visibilityShare = try OpenShare(visibility)
        guard (1...10_000).contains(signs), lag >= .zero, lag <= .seconds(365 * 86_400) else {
            throw .impossibleCounts
        }
        self.signs = signs
        self.lag = lag
    }

    /// The soak after which such a defect has been noticed with a given chance.
    ///
    /// - Parameters:
    ///   - exposure: the share of users who see the change, above 0 and at most 1.
    ///   - confidence: the chance, strictly between 0 and 1; 0.95.
    /// - Returns: the lag and the time in which the signs come together.
    /// - Throws: `StatisticsError.shareOutOfRange`, or `nothingToShow` when it would take longer than a century.
    public func soak(exposure: Double, confidence: Double = 0.95) throws(StatisticsError) -> Duration {
        guard exposure > 0, exposure <= 1 else { throw .shareOutOfRange }
        let expected = gammaQuantile(shape: signs, try OpenShare(confidence).value)
        let seconds = expected / (loadNumber.value * visibilityShare.value * exposure)
        guard seconds < 3.2e9 else { throw .nothingToShow }
        return lag + .seconds(seconds)
    }

    /// The largest share of operations with a sign that a number of operations without one leaves possible, with
    /// 95 % confidence: the rule of three, 3/N.
    ///
    /// - Returns: 1 for no operations.
    public static func visibilityBound(afterSilentOperations operations: Int) -> Double {
        operations > 3 ? 3 / Double(operations) : 1
    }

    /// Reads a soak back.
    ///
    /// - Throws: `StatisticsError` for one that could not have been made.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        try self.init(
            operationsPerSecond: container.decode(PositiveNumber.self, forKey: .loadNumber).value,
            visibility: container.decode(OpenShare.self, forKey: .visibilityShare).value,
            signs: container.decode(Int.self, forKey: .signs),
            lag: container.decode(Duration.self, forKey: .lag)
        )
    }

    private enum CodingKeys: String, CodingKey {
        case loadNumber = "operationsPerSecond"
        case visibilityShare = "visibility"
        case signs, lag
    }
}

/// A quantile of the gamma distribution with a whole shape and scale 1, by bisection.
func gammaQuantile(shape: Int, _ chance: Double) -> Double {
    /// The chance of fewer than `shape` events where `mean` are expected.
    func chanceOfFewer(_ mean: Double) -> Double {
        var logTerm = -mean
        var sum = exponential(logTerm)
        for number in 1..<max(shape, 1) {
            logTerm += logarithm(mean / Double(number))
            sum += exponential(logTerm)
        }
        return sum
    }
    var low = 0.0
    var high = Double(shape) + 10
    while chanceOfFewer(high) > 1 - chance, high < 1e9 { high *= 2 }
    while true {
        let middle = low + (high - low) / 2
        guard middle > low, middle < high else { return high }
        if chanceOfFewer(middle) > 1 - chance { low = middle } else { high = middle }
    }
}

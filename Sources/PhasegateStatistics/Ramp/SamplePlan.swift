/// How many samples a claim will take, said before a ramp starts.
///
/// The floors are exact: below them the claim cannot be shown whatever is
/// observed, because they are computed from the evidence itself in the best case.
/// The needs are estimates of the median: evidence grows by the Kullback-Leibler
/// divergence for each sample, and the mixture costs about 2.5 more.
public enum SamplePlan {
    /// The fewest trials without a single event that show a rate to be below its limit.
    ///
    /// - Throws: `StatisticsError.shareOutOfRange`.
    public static func fewestTrials(rateBelow limit: Double, level: Double) throws(StatisticsError) -> Int {
        let wanted = threshold(at: try OpenShare(level).value)
        let bets = RateBets(limit: try OpenShare(limit).value, direction: .below)
        return try fewest { bets.logEvidence(events: 0, trials: $0) >= wanted }
    }

    /// The fewest perfect answers that show a mean to be above its limit.
    ///
    /// - Throws: `StatisticsError.shareOutOfRange`.
    public static func fewestPerfect(meanAbove limit: Double, level: Double) throws(StatisticsError) -> Int {
        let wanted = threshold(at: try OpenShare(level).value)
        let surplus = 1 / (try OpenShare(limit).value) - 1
        let gains = SIMD16<Double>.logarithmsOfOnePlus(BettingGrid.stakes * surplus)
        return try fewest { BettingGrid.mix(Double($0) * gains) >= wanted }
    }

    /// The fewest requests of both arms that show a percentile to be within its margin, if the candidate has no slow one.
    ///
    /// - Parameters:
    ///   - candidateShare: the candidate's share of the requests.
    ///   - percentile: of the control, whose slow requests are as frequent as that says.
    ///   - level: at which it is to be shown.
    /// - Returns: requests of both arms together.
    /// - Throws: `StatisticsError.shareOutOfRange`.
    public static func fewestRequests(
        candidateShare: Double,
        percentile: Double = 0.95,
        level: Double
    ) throws(StatisticsError) -> Int {
        let share = try OpenShare(candidateShare).value
        let slow = 1 - (try OpenShare(percentile).value)
        let wanted = threshold(at: try OpenShare(level).value)
        let forEvent = SIMD16<Double>.logarithmsOfOnePlus(share * BettingGrid.growthBelow)
        return try fewest { requests in
            BettingGrid.mix(-(Double(requests) * (1 - share) * slow) * forEvent) >= wanted
        }
    }

    /// Samples that it takes to tell a rate from a known limit.
    ///
    /// - Parameters:
    ///   - rate: what the rate is thought to be.
    ///   - limit: what it is held against.
    ///   - level: at which it is to be shown.
    /// - Returns: about as many as it takes in half of all cases.
    /// - Throws: `StatisticsError.shareOutOfRange`, or `nothingToShow` when both are the same.
    public static func samples(
        rate: Double,
        limit: Double,
        level: Double
    ) throws(StatisticsError) -> Int {
        let divergence = divergence(of: try OpenShare(rate).value, from: try OpenShare(limit).value)
        return try samples(growth: divergence, level: level)
    }

    /// Requests of both arms that it takes to tell the candidate's share of slow requests from the control's.
    ///
    /// - Parameters:
    ///   - candidateShare: the candidate's share of the requests.
    ///   - slowCandidate: the share of its requests beyond the control's percentile times 1 + margin.
    ///   - percentile: of the control.
    ///   - level: at which it is to be shown.
    /// - Returns: about as many as it takes in half of all cases.
    /// - Throws: `StatisticsError.shareOutOfRange`, or `nothingToShow` when both are the same.
    public static func requests(
        candidateShare: Double,
        slowCandidate: Double,
        percentile: Double = 0.95,
        level: Double
    ) throws(StatisticsError) -> Int {
        let share = try OpenShare(candidateShare).value
        let ofCandidate = share * (try OpenShare(slowCandidate).value)
        let slow = ofCandidate + (1 - share) * (1 - (try OpenShare(percentile).value))
        return try samples(growth: slow * divergence(of: ofCandidate / slow, from: share), level: level)
    }

    private static func samples(growth: Double, level: Double) throws(StatisticsError) -> Int {
        let wanted = threshold(at: try OpenShare(level).value) + 2.5
        let needed = (wanted / growth).rounded(.up)
        guard growth > 0, needed <= Double(largestCount) else { throw .nothingToShow }
        return Int(needed)
    }

    /// Kullback-Leibler divergence of one coin from another.
    private static func divergence(of rate: Double, from other: Double) -> Double {
        rate * logarithm(rate / other) + (1 - rate) * logarithm((1 - rate) / (1 - other))
    }

    /// The smallest number for which something holds that goes on holding.
    private static func fewest(_ holds: (Int) -> Bool) throws(StatisticsError) -> Int {
        var high = 1
        while !holds(high) {
            guard high < largestCount else { throw .nothingToShow }
            high *= 2
        }
        var low = high / 2
        while high - low > 1 {
            let middle = (low + high) / 2
            if holds(middle) { high = middle } else { low = middle }
        }
        return high
    }
}

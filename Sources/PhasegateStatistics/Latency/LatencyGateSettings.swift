/// What a latency gate is fixed to before its step begins.
public struct LatencyGateSettings: Hashable, Sendable {
    /// Which percentile is compared; 0.95.
    public let percentile: Double
    /// How much slower the candidate may be before it counts as a failure; 0.10.
    public let failMargin: Double
    /// Below what slow-down it has to be shown to lie in order to pass; 0.20.
    public let passMargin: Double
    /// What a look of the control still counts after the next; 0.99.
    public let decay: Double
    /// When the search for late regressions starts anew.
    public let restarts: RestartSchedule

    /// Settings within their ranges.
    ///
    /// A test of "more than 20 % slower" has by construction hardly a chance to fire at exactly 20 %. To catch that much,
    /// fail against less than you tolerate, as by default.
    ///
    /// - Parameters:
    ///   - percentile: strictly between 0 and 1.
    ///   - failMargin: at least 0; rounded up to the next bucket edge.
    ///   - passMargin: at least `failMargin`; rounded down to the next bucket edge.
    ///   - decay: strictly between 0 and 1.
    ///   - restarts: for the failing side only.
    /// - Throws: `StatisticsError.shareOutOfRange` or `marginOutOfRange`.
    public init(
        percentile: Double = 0.95,
        failMargin: Double = 0.10,
        passMargin: Double = 0.20,
        decay: Double = 0.99,
        restarts: RestartSchedule = .none
    ) throws(StatisticsError) {
        self.percentile = try OpenShare(percentile).value
        self.decay = try OpenShare(decay).value
        guard failMargin >= 0, passMargin >= failMargin, passMargin <= 1000 else { throw .marginOutOfRange }
        self.failMargin = failMargin
        self.passMargin = passMargin
        self.restarts = restarts
    }
}

extension LatencyGateSettings {
    /// The edge from which on a candidate counts as slow to the failing side, rounded up.
    ///
    /// - Parameter edge: the control's percentile.
    /// - Returns: the number of an edge, which may lie beyond the last.
    func failEdge(from edge: Int) -> Int {
        let edges = LatencyEdges.microseconds
        return firstEdge(atOrAbove: edges[edge] * (1 + failMargin), in: edges)
    }

    /// The edge from which on a candidate counts as slow to the passing side, rounded down.
    func passEdge(from edge: Int) -> Int {
        let edges = LatencyEdges.microseconds
        return lastEdge(atOrBelow: edges[edge] * (1 + passMargin), in: edges)
    }
}

extension LatencyGateSettings: Codable {
    private enum CodingKeys: String, CodingKey { case percentile, failMargin, passMargin, decay, restarts }

    /// Reads settings back.
    ///
    /// - Throws: `StatisticsError.shareOutOfRange` or `marginOutOfRange`.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        try self.init(
            percentile: container.decode(Double.self, forKey: .percentile),
            failMargin: container.decode(Double.self, forKey: .failMargin),
            passMargin: container.decode(Double.self, forKey: .passMargin),
            decay: container.decode(Double.self, forKey: .decay),
            restarts: container.decode(RestartSchedule.self, forKey: .restarts)
        )
    }
}

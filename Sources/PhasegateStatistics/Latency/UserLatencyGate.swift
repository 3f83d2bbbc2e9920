/// Whether a candidate's tail latency is worse than the control's, with users as the units, for one step of a ramp.
///
/// As `LatencyGate`, for flags that keep a user in its arm: a user brings the
/// share of its requests that were slow (F3u of docs/statistics.md). A request
/// is held against the percentile known when it comes in, which rests on looks
/// before the present one alone.
public struct UserLatencyGate: Codable, Hashable, Sendable {
    /// What the gate was fixed to.
    public let settings: LatencyGateSettings
    /// Evidence that the candidate is slower than the fail margin allows.
    public private(set) var failing: UserShareEvidence
    /// Evidence that it is faster than the pass margin allows.
    public private(set) var passing: UserShareEvidence
    /// The first latency of each user that was judged, for an interval: others of the same user resemble it.
    public private(set) var firsts = LatencyLook()
    private var reference: ControlReference

    /// How often requests of a user were slow, for either side.
    public struct Tally: Codable, Hashable, Sendable {
        /// Requests that were held against a reference.
        public fileprivate(set) var requests = 0
        fileprivate var slowToFail = 0
        fileprivate var slowToPass = 0
        fileprivate var firstMicroseconds: Double?

        /// Nothing counted.
        public init() {}
    }

    /// Nothing seen; takes 50 KB.
    ///
    /// - Parameters:
    ///   - settings: margins, percentile, restarts.
    ///   - candidateShare: the share of users who are to see the candidate.
    /// - Throws: `StatisticsError.shareOutOfRange` for the share.
    public init(_ settings: LatencyGateSettings, candidateShare: Double) throws(StatisticsError) {
        self.settings = settings
        failing = try UserShareEvidence(
            ratio: 1,
            candidateShare: candidateShare,
            direction: .above,
            restarts: settings.restarts
        )
        passing = try UserShareEvidence(ratio: 1, candidateShare: candidateShare, direction: .below)
        reference = ControlReference(
            percentile: try OpenShare(settings.percentile),
            decay: try OpenShare(settings.decay)
        )
    }

    /// Whether there is a percentile of the control to hold requests against.
    public var hasReference: Bool { reference.edge != nil }

    /// Requests of the control that are missing to that percentile; 0 where there are enough of them.
    public var missingControl: Int { reference.missingSamples }

    /// Counts a request of a user; one that comes before there is a reference is not counted.
    ///
    /// A latency that is none is counted against either claim, as in `LatencyGate`.
    public func count(microseconds: Double, of arm: Arm, in tally: inout Tally) {
        guard let edge = reference.edge else { return }
        let edges = LatencyEdges.microseconds
        let isNumber = microseconds >= 0 && microseconds < .infinity
        let limit = edges[edge]
        tally.requests += 1
        switch arm {
        case .candidate:
            let fail = settings.failEdge(from: edge)
            let pass = settings.passEdge(from: edge)
            if isNumber, fail < edges.count, microseconds >= edges[fail] { tally.slowToFail += 1 }
            if !isNumber || microseconds >= edges[pass] { tally.slowToPass += 1 }
        case .control:
            if !isNumber || microseconds >= limit { tally.slowToFail += 1 }
            if isNumber, microseconds >= limit { tally.slowToPass += 1 }
        }
        if tally.firstMicroseconds == nil { tally.firstMicroseconds = isNumber ? microseconds : .nan }
    }

    /// Enters a user whose time is over; one without counted requests says nothing.
    ///
    /// - Throws: `StatisticsError.countTooLarge`, with nothing changed.
    public mutating func enter(_ tally: Tally, of arm: Arm) throws(StatisticsError) {
        guard tally.requests > 0 else { return }
        let toFail = Double(tally.slowToFail) / Double(tally.requests)
        let toPass = Double(tally.slowToPass) / Double(tally.requests)
        switch arm {
        case .candidate:
            try failing.observe(candidate: toFail)
            try passing.observe(candidate: toPass)
            firsts.candidate.record(microseconds: tally.firstMicroseconds ?? .nan)
        case .control:
            try failing.observe(control: toFail)
            try passing.observe(control: toPass)
            firsts.control.record(microseconds: tally.firstMicroseconds ?? .nan)
        }
    }

    /// Closes a look: only now its users show, and its control's latencies become part of the reference.
    ///
    /// - Parameter control: all latencies of the control in the look, of whichever user.
    public mutating func closeLook(control: LatencyHistogram) {
        failing.closeLook()
        passing.closeLook()
        reference.follow(control)
    }

    /// How many times the control's percentile the candidate's is, from one request of each user (F6).
    ///
    /// - Parameter level: for each bound, strictly between 0 and 1.
    /// - Returns: 0, and no upper bound, as long as nothing is known.
    /// - Throws: `StatisticsError.shareOutOfRange` for a level that is none.
    public func ratioBounds(level: Double) throws(StatisticsError) -> RatioBounds {
        try QuantileRatioEvidence(firsts, percentile: settings.percentile).bounds(level: level)
    }
}

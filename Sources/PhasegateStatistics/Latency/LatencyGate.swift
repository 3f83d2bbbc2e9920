/// Whether a candidate's tail latency is worse than the control's, for one step of a ramp.
///
/// The latency form of F3 of docs/statistics.md. An event is a slow request:
/// one of the control beyond the control's recent percentile, one of the
/// candidate beyond that percentile times 1 + margin. If the candidate is just
/// as slow as the margin allows, both are equally frequent. The percentile comes
/// from earlier looks alone. The failing and the passing side have a margin
/// and a count of their own, and buckets are rounded against either claim.
///
/// Observations without a latency are counted against either claim, too: the
/// failing side takes them for fast in the candidate and slow in the control,
/// the passing side the other way round.
///
/// Begin a new gate with each step, following the one before; the histograms
/// behind the interval must not span a change of the split. Before the first
/// step, looks of the control alone give a reference to begin with.
public struct LatencyGate: Codable, Hashable, Sendable {
    /// What the gate was fixed to.
    public let settings: LatencyGateSettings
    /// Evidence that the candidate is slower than the fail margin allows.
    public private(set) var failing: EventShareEvidence
    /// Evidence that it is faster than the pass margin allows.
    public private(set) var passing: EventShareEvidence
    /// All latencies of looks with both arms, judged or not.
    public private(set) var total = LatencyLook()
    /// Whether the last look could be judged: both arms there, and a reference to count from.
    public private(set) var isCurrent = false
    private var reference: ControlReference

    /// Nothing seen; takes 50 KB.
    ///
    /// - Throws: never for settings that could be made.
    public init(_ settings: LatencyGateSettings) throws(StatisticsError) {
        self.settings = settings
        failing = try EventShareEvidence(ratio: 1, direction: .above, restarts: settings.restarts)
        passing = try EventShareEvidence(ratio: 1, direction: .below)
        reference = ControlReference(
            percentile: try OpenShare(settings.percentile),
            decay: try OpenShare(settings.decay)
        )
    }

    /// The gate of the next step, which keeps nothing of this one but what the control's latency was lately.
    public func nextStep() throws(StatisticsError) -> LatencyGate {
        var next = try LatencyGate(settings)
        next.reference = reference
        return next
    }

    /// Microseconds beyond which a request counts as slow in the next look; nothing before there is a reference.
    ///
    /// With these a caller can count a running request as slow as soon as it is that old.
    public var thresholds: (control: Double, candidateToFail: Double, candidateToPass: Double)? {
        guard let edge = reference.edge else { return nil }
        let edges = LatencyEdges.microseconds
        let fail = settings.failEdge(from: edge)
        return (edges[edge], fail < edges.count ? edges[fail] : .infinity, edges[settings.passEdge(from: edge)])
    }

    /// Judges a look, then makes it part of the reference for the next ones.
    ///
    /// A few microseconds, allocates nothing.
    ///
    /// - Throws: `StatisticsError.countTooLarge`, with nothing changed.
    public mutating func observe(_ look: LatencyLook) throws(StatisticsError) {
        guard
            total.candidate.count + total.candidate.invalid + look.candidate.count + look.candidate.invalid
                <= largestCount,
            total.control.count + total.control.invalid + look.control.count + look.control.invalid <= largestCount
        else { throw .countTooLarge }
        isCurrent = false
        if look.hasBothArms {
            if let edge = reference.edge {
                try judge(look, from: edge)
                isCurrent = look.isComplete
            }
            total.candidate.add(look.candidate)
            total.control.add(look.control)
        }
        reference.follow(look.control)
    }

    private mutating func judge(_ look: LatencyLook, from edge: Int) throws(StatisticsError) {
        let candidateTrials = look.candidate.count + look.candidate.invalid
        let controlTrials = look.control.count + look.control.invalid
        let slowControl = look.control.countAtOrAbove(edge: edge)
        try failing.observe(
            LookCounts(
                candidate: ArmCounts(
                    exactly: look.candidate.countAtOrAbove(edge: settings.failEdge(from: edge)),
                    of: candidateTrials
                ),
                control: ArmCounts(exactly: slowControl + look.control.invalid, of: controlTrials)
            )
        )
        try passing.observe(
            LookCounts(
                candidate: ArmCounts(
                    exactly: look.candidate.countAtOrAbove(edge: settings.passEdge(from: edge))
                        + look.candidate.invalid,
                    of: candidateTrials
                ),
                control: ArmCounts(exactly: slowControl, of: controlTrials)
            )
        )
    }

    /// Whether there is a percentile of the control to hold requests against.
    public var hasReference: Bool { reference.edge != nil }

    /// Requests of the control that are missing to that percentile; 0 where there are enough of them.
    public var missingControl: Int { reference.missingSamples }

    /// Makes latencies of the control part of the reference, with nothing judged: before a step, or in its burn-in.
    public mutating func follow(control: LatencyHistogram) { reference.follow(control) }

    /// How the candidate stands for the decision on its step.
    ///
    /// - Parameters:
    ///   - failLevel: this criterion's part of the error budget.
    ///   - passLevel: what a step may be promoted wrongly with.
    /// - Returns: the evidence of either side; no pass where the last look could not be judged.
    public func standing(failLevel: Double, passLevel: Double) -> CriterionStanding {
        CriterionStanding(
            failing: failing,
            failLevel: failLevel,
            passing: passing,
            passLevel: passLevel,
            isCurrent: isCurrent
        )
    }

    /// How many times the control's percentile the candidate's is, with bounds that hold at all looks together (F6).
    ///
    /// Assumes that latencies of the step are independent and alike over time, which the verdict does not. Takes about a
    /// millisecond and allocates: for reports, not for each look.
    ///
    /// - Parameter level: for each bound, strictly between 0 and 1.
    /// - Returns: 0, and no upper bound, as long as nothing is known.
    /// - Throws: `StatisticsError.shareOutOfRange` for a level that is none.
    public func ratioBounds(level: Double) throws(StatisticsError) -> RatioBounds {
        try QuantileRatioEvidence(total, percentile: settings.percentile).bounds(level: level)
    }
}

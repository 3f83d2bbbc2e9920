/// Evidence for one claim that may be looked at any time and as often as wanted.
///
/// While the claim is wrong, the e-value E has an expectation of at most 1 at
/// every moment, so that it ever reaches 1/a has a chance of at most a (Ville's
/// inequality). What is stored is ln E. See docs/statistics.md.
public protocol EProcess: Codable, Hashable, Sendable {
    /// What happened to the evidence so far.
    var course: EvidenceCourse { get }
}

extension EProcess {
    /// ln E now.
    public var logEvidence: Double { course.logEvidence }
    /// The largest ln E there was; a claim that was shown once stays shown.
    public var peakLogEvidence: Double { course.peakLogEvidence }
    /// How many samples further it takes until the claim is shown at a level, at the pace of the last half.
    ///
    /// - Returns: 0 when it is shown now; nothing when the evidence does not grow.
    public func samplesToDecide(at level: Double) -> Double? { course.samplesToDecide(at: level) }
}

/// What ln E has to reach for a claim to be shown at a level: ln(1/level).
///
/// - Returns: infinity for a level that does not lie strictly between 0 and 1, so that nothing is shown at it.
public func threshold(at level: Double) -> Double {
    level > 0 && level < 1 ? -logarithm(level) : .infinity
}

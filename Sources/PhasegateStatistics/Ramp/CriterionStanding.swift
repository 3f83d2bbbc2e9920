/// Where one criterion of a step stands, as far as the decision needs it.
public struct CriterionStanding: Codable, Hashable, Sendable {
    /// The largest ln E there was of the claim that the criterion is violated; nothing where no such claim is tested.
    public var peakFailEvidence: Double?
    /// The level at which the criterion fails.
    public var failLevel: Double
    /// ln E, now, of the claim that the criterion is met; nothing where it is not known now, which never passes.
    public var passEvidence: Double?
    /// The level at which the criterion passes.
    public var passLevel: Double
    /// Samples to go until it fails, and until it passes, at the present pace; nothing where it does not move there.
    public var samplesToFail, samplesToPass: Double?

    /// Evidence as numbers.
    public init(peakFailEvidence: Double?, failLevel: Double, passEvidence: Double?, passLevel: Double) {
        self.peakFailEvidence = peakFailEvidence
        self.failLevel = failLevel
        self.passEvidence = passEvidence
        self.passLevel = passLevel
    }

    /// Where the evidence for either claim has come to.
    ///
    /// - Parameters:
    ///   - failing: evidence that the criterion is violated.
    ///   - failLevel: its part of the error budget.
    ///   - passing: evidence that it is met.
    ///   - passLevel: what a step may be promoted wrongly with.
    ///   - isCurrent: whether all arms were measured in the last look; if not, the criterion does not pass.
    public init(
        failing: some EProcess,
        failLevel: Double,
        passing: some EProcess,
        passLevel: Double,
        isCurrent: Bool
    ) {
        self.init(
            peakFailEvidence: failing.peakLogEvidence,
            failLevel: failLevel,
            passEvidence: isCurrent ? passing.logEvidence : nil,
            passLevel: passLevel
        )
        samplesToFail = failing.samplesToDecide(at: failLevel)
        samplesToPass = passing.samplesToDecide(at: passLevel)
    }

    /// Whether the violation has ever been shown; that stays.
    public var hasFailed: Bool { peakFailEvidence.map { $0 >= threshold(at: failLevel) } ?? false }

    /// Whether the criterion is shown to be met now; that may go away again.
    public var passesNow: Bool { passEvidence.map { $0 >= threshold(at: passLevel) } ?? false }
}

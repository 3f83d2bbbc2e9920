/// What came of asking one criterion's probe once.
public struct Reading: Hashable, Codable, Sendable {
    /// Why there is no measurement.
    ///
    /// None of these is ever read as a pass.
    public enum Unavailability: String, Codable, Sendable, CaseIterable {
        /// The probe came back without data.
        case noData
        /// The value was NaN, infinite, NULL or of the wrong type.
        case notAValue
        /// The probe did not finish before its deadline.
        case timedOut
        /// It was stopped before it measured.
        case cancelled
        /// The database or program could not be reached or refused.
        case unreachable
        /// The probe cannot do this on this engine.
        case unsupported
        /// Anything else that went wrong in measuring.
        case failed
    }

    /// Whether there is a value.
    public enum Outcome: Hashable, Codable, Sendable {
        /// The probe ran and said this.
        case measured(Measurement)
        /// The probe did not measure; says why.
        case unavailable(Unavailability, String)
    }

    /// The criterion that asked.
    public let criterion: CriterionName
    /// What came of it.
    public let outcome: Outcome
    /// When the probe finished.
    public let observedAt: Moment
    /// Until when the reading counts.
    public let validUntil: Moment
    /// How long the probe took, in milliseconds.
    public let tookMilliseconds: Int64

    /// Puts a reading together.
    public init(
        criterion: CriterionName,
        outcome: Outcome,
        observedAt: Moment,
        validUntil: Moment,
        tookMilliseconds: Int64 = 0
    ) {
        self.criterion = criterion
        self.outcome = outcome
        self.observedAt = observedAt
        self.validUntil = validUntil
        self.tookMilliseconds = tookMilliseconds
    }

    /// The measurement, if there is one.
    public var measurement: Measurement? {
        if case .measured(let measurement) = outcome { measurement } else { nil }
    }
}

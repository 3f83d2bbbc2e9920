/// What probes are asked about.
public struct ProbeRequest: Sendable {
    /// The phase the rollout stands in.
    public let phase: PhaseName
    /// The criteria to measure, in order.
    public let criteria: [Criterion]
    /// When the phase was entered.
    public let phaseEnteredAt: Moment
    /// When the gate opened; windows do not reach behind it.
    public let gateOpenedAt: Moment
    /// Statements people have made, for the probes that ask for them.
    public let attestations: [Attestation]

    /// Puts a request together.
    public init(
        phase: PhaseName,
        criteria: [Criterion],
        phaseEnteredAt: Moment,
        gateOpenedAt: Moment,
        attestations: [Attestation]
    ) {
        self.phase = phase
        self.criteria = criteria
        self.phaseEnteredAt = phaseEnteredAt
        self.gateOpenedAt = gateOpenedAt
        self.attestations = attestations
    }
}

/// Takes readings.
///
/// Cannot fail: an error is a reading without a measurement.
public protocol Prober: Sendable {
    /// Measures every criterion of a request in one round.
    ///
    ///
    /// - Returns: one reading per criterion, in the order of the request.
    func readings(for request: ProbeRequest) async -> [Reading]
}

/// What probes are asked about.
public struct ProbeRequest: Sendable {
    /// The phase the rollout stands in.
    public let phase: PhaseName
    /// The gate that asks; nothing where baselines are frozen.
    public let gate: Gate?
    /// The criteria to measure, in order.
    public let criteria: [Criterion]
    /// When the phase was entered.
    public let phaseEnteredAt: Moment
    /// When the gate opened; windows do not reach behind it.
    public let gateOpenedAt: Moment
    /// What the gate said last, by whichever controller; nothing before its first round.
    public let lastVerdict: Verdict?
    /// Statements people have made, for the probes that ask for them.
    public let attestations: [Attestation]

    /// Puts a request together.
    public init(
        phase: PhaseName,
        gate: Gate? = nil,
        criteria: [Criterion],
        phaseEnteredAt: Moment,
        gateOpenedAt: Moment,
        lastVerdict: Verdict? = nil,
        attestations: [Attestation]
    ) {
        self.phase = phase
        self.gate = gate
        self.criteria = criteria
        self.phaseEnteredAt = phaseEnteredAt
        self.gateOpenedAt = gateOpenedAt
        self.lastVerdict = lastVerdict
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

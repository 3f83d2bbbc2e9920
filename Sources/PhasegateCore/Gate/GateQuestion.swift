/// What does not change between the rounds of a gate.
///
/// Kept in the ledger once, when the gate is reached.
public struct GateDefinition: Hashable, Codable, Sendable {
    /// The phase.
    public let phase: PhaseName
    /// The gate.
    public let gate: Gate
    /// Digest of the plan.
    public let planDigest: String
    /// Frozen values that bounds refer to.
    public let baselines: [CriterionName: Measurement]

    /// Puts a definition together.
    public init(phase: PhaseName, gate: Gate, planDigest: String, baselines: [CriterionName: Measurement]) {
        self.phase = phase
        self.gate = gate
        self.planDigest = planDigest
        self.baselines = baselines
    }
}

/// What a gate is asked in one round.
///
/// With the definition, all that the verdict depends on.
public struct GateRound: Hashable, Codable, Sendable {
    /// The readings.
    public let readings: [Reading]
    /// How often in a row each criterion has failed before this round.
    public let streaks: [CriterionName: Int]
    /// Waivers given, in force or not.
    public let waivers: [Waiver]
    /// Approvals given, in force or not.
    public let approvals: [Approval]
    /// When the round is weighed.
    public let at: Moment

    /// Puts a round together.
    public init(
        readings: [Reading],
        streaks: [CriterionName: Int] = [:],
        waivers: [Waiver] = [],
        approvals: [Approval] = [],
        at: Moment
    ) {
        self.readings = readings
        self.streaks = streaks
        self.waivers = waivers
        self.approvals = approvals
        self.at = at
    }
}

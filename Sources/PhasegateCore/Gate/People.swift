/// Somebody allows a gate to open, for one plan and one state of the evidence.
public struct Approval: Hashable, Codable, Sendable {
    /// The phase.
    public let phase: PhaseName
    /// The gate.
    public let gate: StageName
    /// Who.
    public let by: String
    /// Why.
    public let because: String
    /// Digest of the plan it was given for.
    public let planDigest: String
    /// Digest of the findings it was given for.
    public let evidenceDigest: String
    /// When.
    public let at: Moment

    /// Puts an approval together.
    public init(
        phase: PhaseName,
        gate: StageName,
        by: String,
        because: String,
        planDigest: String,
        evidenceDigest: String,
        at: Moment
    ) {
        self.phase = phase
        self.gate = gate
        self.by = by
        self.because = because
        self.planDigest = planDigest
        self.evidenceDigest = evidenceDigest
        self.at = at
    }
}

/// Somebody states that something is so, with evidence and an end.
public struct Attestation: Hashable, Codable, Sendable {
    /// What is stated, by the name the criterion asks for.
    public let statement: String
    /// Who.
    public let by: String
    /// Why it may be believed.
    public let because: String
    /// Reference to the evidence, with its digest where it is a file.
    public let evidence: String?
    /// Until when it counts.
    public let expires: Moment
    /// Digest of the plan it was given for.
    public let planDigest: String
    /// When.
    public let at: Moment

    /// Puts an attestation together.
    public init(
        statement: String,
        by: String,
        because: String,
        evidence: String?,
        expires: Moment,
        planDigest: String,
        at: Moment
    ) {
        self.statement = statement
        self.by = by
        self.because = because
        self.evidence = evidence
        self.expires = expires
        self.planDigest = planDigest
        self.at = at
    }
}

/// Somebody answers for going on in spite of a criterion, until a moment.
public struct Waiver: Hashable, Codable, Sendable {
    /// The phase.
    public let phase: PhaseName
    /// The criterion.
    public let criterion: CriterionName
    /// Who.
    public let by: String
    /// Why.
    public let because: String
    /// Until when it counts.
    public let expires: Moment
    /// Digest of the plan it was given for.
    public let planDigest: String
    /// When.
    public let at: Moment

    /// Puts a waiver together.
    public init(
        phase: PhaseName,
        criterion: CriterionName,
        by: String,
        because: String,
        expires: Moment,
        planDigest: String,
        at: Moment
    ) {
        self.phase = phase
        self.criterion = criterion
        self.by = by
        self.because = because
        self.expires = expires
        self.planDigest = planDigest
        self.at = at
    }
}

public import PhasegateCore

/// What a person has stated.
public struct AttestationProbe: ProbeKind {
    /// `attestation`.
    public static let name: ProbeName = "attestation"
    /// What it measures.
    public static let summary =
        "Whether somebody has stated something, with evidence, for this plan, and not too long ago."
    /// Its keys.
    public static let settings: [Shape.Key] = [
        Shape.Key("statement", .name, required: true, "The statement's name, as given to `phasegate attest`."),
        Shape.Key("evidence", .truth, "Whether evidence has to be named; true by default."),
    ]

    private let statement: String
    private let needsEvidence: Bool

    /// Reads the settings.
    public init(_ settings: Setting) throws(Diagnostic) {
        statement = settings["statement"]?.text ?? ""
        needsEvidence = settings["evidence"]?.truth ?? true
    }

    /// `attested`, `expired` or `without-evidence`; no statement at all is no data.
    public var output: ProbeOutput { .words(["attested", "expired", "without-evidence"]) }

    /// Looks the statement up among those the ledger holds for this plan.
    public func measure(in context: ProbeContext) async throws(ProbeError) -> Measurement {
        guard let found = context.attestations.last(where: { $0.statement == statement }) else {
            throw ProbeError(
                .noData,
                "nobody has attested '\(statement)' for this plan; do it with phasegate attest"
            )
        }
        let word =
            found.expires <= context.now
            ? "expired" : needsEvidence && found.evidence == nil ? "without-evidence" : "attested"
        return Measurement(
            Quantity(word: word),
            samples: 1,
            resolvedQuery: "attestation '\(statement)'",
            notes: [
                "by \(found.by) at \(found.at): \(found.because)",
                "evidence: \(found.evidence ?? "none"); until \(found.expires)",
            ]
        )
    }
}

import PhasegateCore

/// What people signed: approvals, attestations and waivers, with how they stand.
struct SignatureSection {
    /// One signature.
    struct Line {
        let at: Time
        let kind: Shown
        let subject: Shown
        let phase: Shown
        let by: Shown
        let because: Shown
        let evidence: Shown
        let expires: [Time]
        let badge: Badge
    }

    let isEmpty: Bool
    let lines: [Line]

    init(_ report: RolloutReport) {
        isEmpty = report.signatures.isEmpty
        lines = report.signatures.map { signature in
            Line(
                at: Time(signature.at),
                kind: Shown(signature.kind.rawValue),
                subject: Shown(signature.subject),
                phase: Shown(signature.phase?.rawValue ?? ""),
                by: Shown(signature.by),
                because: Shown(signature.because),
                evidence: Shown(signature.evidence ?? ""),
                expires: signature.expires.times,
                badge: signature.standing == "in force"
                    ? Badge(signature.kind == .waiver ? .warn : .pass, signature.standing)
                    : Badge(.unknown, signature.standing)
            )
        }
    }
}

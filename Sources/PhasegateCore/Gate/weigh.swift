extension GateDefinition {
    /// Weighs one round: the gate's answer, a pure function of definition and round.
    ///
    /// First match wins, from the worst: a failed kill criterion → kill; a
    /// failed must → recycle; anything unknown, unconfirmed or unapproved, or
    /// no criteria at all → hold; a failed should, a warning or a waiver →
    /// conditional go; everything passes → go.
    ///
    /// - Parameters:
    ///   - round: what was measured and what people have said.
    ///   - digest: hashes a text; the verdict's evidence digest comes from it.
    /// - Returns: the verdict, the same for the same input for ever.
    public func weigh(_ round: GateRound, digest: (String) -> String) -> Verdict {
        // The last reading of a criterion counts. By name, so that a round costs what its criteria cost and not their square.
        let readings = Dictionary(round.readings.map { ($0.criterion, $0) }) { _, last in last }
        let findings = gate.criteria.map { criterion in
            criterion.judge(
                readings[criterion.name],
                baseline: baselines[criterion.name],
                failedBefore: round.streaks[criterion.name] ?? 0,
                waiver: waiver(for: criterion, in: round),
                at: round.at
            )
        }
        let evidenceDigest = digest(findings.map { "\($0.criterion)=\($0.outcome.rawValue)" }.joined(separator: ";"))
        let approvers = approvers(in: round, evidenceDigest: evidenceDigest)
        let (outcome, reason) = answer(findings, approvers: approvers)
        return Verdict(
            outcome: outcome,
            reason: reason,
            findings: findings,
            conditions: outcome.isOpen ? findings.compactMap(\.condition) : [],
            evidenceDigest: evidenceDigest
        )
    }

    private func answer(_ findings: [Finding], approvers: Set<String>) -> (GateOutcome, String) {
        guard !findings.isEmpty else {
            return (.hold, "the gate has no criteria, and what is not measured does not pass")
        }
        if let finding = findings.first(where: { $0.role == .kill && $0.isConfirmedFailure }) {
            return (.kill, "kill criterion '\(finding.criterion)': \(finding.reason)")
        }
        if let finding = findings.first(where: { $0.closes && $0.isConfirmedFailure }) {
            return (.recycle, "'\(finding.criterion)': \(finding.reason)")
        }
        if let finding = findings.first(where: { $0.isOpenQuestion }) {
            return (.hold, "'\(finding.criterion)': \(finding.reason)")
        }
        if approvers.count < gate.approvals {
            return (
                .hold,
                "waits for \(gate.approvals - approvers.count) of \(gate.approvals) approvals for this plan and evidence"
            )
        }
        if let finding = findings.first(where: { $0.condition != nil }) {
            return (.conditionalGo, "'\(finding.criterion)': \(finding.reason)")
        }
        return (
            .go, findings.count == 1 ? "the one criterion holds" : "all \(findings.count) criteria hold in one round"
        )
    }

    private func waiver(for criterion: Criterion, in round: GateRound) -> Waiver? {
        guard criterion.role != .kill else { return nil }
        return round.waivers.last {
            $0.phase == phase && $0.criterion == criterion.name && $0.planDigest == planDigest && $0.at <= round.at
                && $0.expires > round.at
        }
    }

    /// Distinct people whose approval counts: same plan, same state of every criterion.
    private func approvers(in round: GateRound, evidenceDigest: String) -> Set<String> {
        Set(
            round.approvals.filter {
                $0.phase == phase && $0.gate == gate.name && $0.planDigest == planDigest
                    && $0.evidenceDigest == evidenceDigest && $0.at <= round.at
            }.map(\.by)
        )
    }
}

extension Finding {
    /// A failure that has been seen as often as it has to be.
    public var isConfirmedFailure: Bool { outcome == .fail && !isUnconfirmed }

    /// A must that no waiver covers.
    fileprivate var closes: Bool { strength == .must && waivedBy == nil }

    /// Not known well enough to go on: unknown without a waiver, or a failure still to be confirmed.
    var isOpenQuestion: Bool {
        waivedBy == nil && (outcome == .unknown || (outcome == .fail && isUnconfirmed && strength == .must))
    }

    /// What has to be put right although the gate opens.
    fileprivate var condition: String? {
        if let waivedBy, outcome != .pass { return "'\(criterion)' is waived by \(waivedBy): \(reason)" }
        switch outcome {
        case .pass: return nil
        case .warn, .fail, .unknown: return "'\(criterion)': \(reason)"
        }
    }
}

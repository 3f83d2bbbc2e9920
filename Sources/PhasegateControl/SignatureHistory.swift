import PhasegateCore

/// What people signed, and what made it void since.
struct SignatureHistory {
    private struct Signed {
        let statement: Statement
        var void: String?
    }

    private enum Statement {
        case approval(Approval)
        case attestation(Attestation)
        case waiver(Waiver)
    }

    private var signed: [Signed] = []

    /// Reads one event.
    ///
    /// - Parameters:
    ///   - event: what happened.
    ///   - endsAttempt: whether a resumption now begins the phase anew.
    ///   - phase: where the rollout stood before it.
    mutating func read(_ event: LedgerEvent, endsAttempt: Bool, of phase: PhaseName?) {
        switch event {
        case .approved(let approval):
            signed.append(Signed(statement: .approval(approval)))
        case .attested(let attestation):
            void(because: "replaced by a later one") {
                if case .attestation(let earlier) = $0 { earlier.statement == attestation.statement } else { false }
            }
            signed.append(Signed(statement: .attestation(attestation)))
        case .waived(let waiver):
            void(because: "replaced by a later one") {
                if case .waiver(let earlier) = $0 {
                    earlier.phase == waiver.phase && earlier.criterion == waiver.criterion
                } else {
                    false
                }
            }
            signed.append(Signed(statement: .waiver(waiver)))
        case .planChanged:
            void(because: "void: the plan has changed") { _ in true }
        case .resumed where endsAttempt:
            void(because: "void: the phase was begun anew") {
                if case .approval(let approval) = $0 { approval.phase == phase } else { false }
            }
        case .opened, .entered, .gateDefined, .weighed, .decided, .baselinesFrozen, .intended, .acted, .failed,
            .undoing, .phaseFinished, .settled, .requested, .resumed, .noticed, .raised, .delivered, .acknowledged:
            break
        }
    }

    private mutating func void(because reason: String, where concerns: (Statement) -> Bool) {
        for index in signed.indices where signed[index].void == nil && concerns(signed[index].statement) {
            signed[index].void = reason
        }
    }

    /// All signatures in the order of the ledger, as they stand at a moment.
    ///
    /// - Parameters:
    ///   - state: where the rollout stands, for the plan and the evidence that count.
    ///   - moment: when the report is made.
    /// - Returns: those that count and those that no longer do.
    func signatures(for state: RolloutState, at moment: Moment) -> [RolloutReport.Signature] {
        signed.map { signed in
            switch signed.statement {
            case .approval(let approval):
                RolloutReport.Signature(
                    kind: .approval,
                    subject: approval.gate.rawValue,
                    phase: approval.phase,
                    by: approval.by,
                    because: approval.because,
                    evidence: nil,
                    at: approval.at,
                    expires: nil,
                    standing: signed.void
                        ?? standing(approval.planDigest, state, from: approval.at, to: nil, at: moment)
                        ?? (state.hasOtherEvidence(than: approval) ? "void: the evidence has changed" : "in force")
                )
            case .attestation(let attestation):
                RolloutReport.Signature(
                    kind: .attestation,
                    subject: attestation.statement,
                    phase: nil,
                    by: attestation.by,
                    because: attestation.because,
                    evidence: attestation.evidence,
                    at: attestation.at,
                    expires: attestation.expires,
                    standing: signed.void
                        ?? standing(
                            attestation.planDigest,
                            state,
                            from: attestation.at,
                            to: attestation.expires,
                            at: moment
                        ) ?? "in force"
                )
            case .waiver(let waiver):
                RolloutReport.Signature(
                    kind: .waiver,
                    subject: waiver.criterion.rawValue,
                    phase: waiver.phase,
                    by: waiver.by,
                    because: waiver.because,
                    evidence: nil,
                    at: waiver.at,
                    expires: waiver.expires,
                    standing: signed.void
                        ?? standing(waiver.planDigest, state, from: waiver.at, to: waiver.expires, at: moment)
                        ?? "in force"
                )
            }
        }
    }

    /// Why a signature does not count; nothing when it does.
    private func standing(_ digest: String, _ state: RolloutState, from: Moment, to: Moment?, at moment: Moment)
        -> String?
    {
        if digest != state.planDigest { return "void: given for another plan" }
        if let to, to <= moment { return "expired" }
        return from > moment ? "not yet in force" : nil
    }
}

extension RolloutState {
    /// Whether the rollout stands at the gate of an approval, and the evidence is no longer what was approved.
    fileprivate func hasOtherEvidence(than approval: Approval) -> Bool {
        guard !isAtRest, phase == approval.phase, stage == approval.gate, let verdict = gate?.lastVerdict else {
            return false
        }
        return verdict.evidenceDigest != approval.evidenceDigest
    }
}

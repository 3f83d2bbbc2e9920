public import PhasegateCore

/// Sets beside each risk's declared level what the grid says, and which failing criteria make the risk real.
///
/// Nothing declared is overwritten: where the voices differ the stricter one
/// counts and the difference is stated. A word that is not on the scale counts
/// as the highest level, because what cannot be looked up is not known to be low.
///
/// - Parameters:
///   - register: the risks with their scale.
///   - phases: the phases that may carry them.
///   - evidence: the criteria of all phases, each with its last finding where it has been weighed.
/// - Returns: one appraisal for each risk, in the order of the register.
public func appraise(
    _ register: RiskRegister,
    phases: [Phase],
    evidence: [(criterion: Criterion, finding: Finding?)]
) -> [RiskAppraisal] {
    var raisedBy: [RiskID: [CriterionName]] = [:]
    var measured: Set<RiskID> = []
    for (criterion, finding) in evidence {
        guard let outcome = finding?.outcome else { continue }
        for risk in criterion.risks {
            if outcome != .unknown { measured.insert(risk) }
            if outcome == .fail, raisedBy[risk]?.contains(criterion.name) != true {
                raisedBy[risk, default: []].append(criterion.name)
            }
        }
    }
    return register.risks.map { risk in
        let voices = Voices(of: risk.declared, on: register.grid)
        return RiskAppraisal(
            id: risk.id,
            title: risk.title,
            declared: risk.declared,
            derivedLevel: voices.derived,
            level: voices.strictest,
            disagreement: voices.disagreement,
            raisedBy: raisedBy[risk.id] ?? [],
            phases: risk.isStanding ? [] : phases.filter { $0.risks.contains(risk.id) }.map(\.name),
            isStanding: risk.isStanding,
            inherent: risk.inherent,
            target: risk.target,
            isMeasured: measured.contains(risk.id),
            owner: risk.owner
        )
    }
}

/// The same for findings of one phase, or of phases whose criteria have different names.
///
/// - Parameters:
///   - register: the risks with their scale.
///   - phases: the phases that may carry them.
///   - findings: the last finding of each criterion.
///   - criteria: the criteria the findings belong to, by name.
/// - Returns: one appraisal for each risk, in the order of the register.
public func appraise(
    _ register: RiskRegister,
    phases: [Phase],
    findings: [Finding],
    criteria: [Criterion]
) -> [RiskAppraisal] {
    let last = Dictionary(findings.map { ($0.criterion, $0) }) { _, last in last }
    return appraise(register, phases: phases, evidence: criteria.map { ($0, last[$0.name]) })
}

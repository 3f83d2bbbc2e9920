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
///   - findings: the last finding of each criterion.
///   - criteria: the criteria the findings belong to.
/// - Returns: one appraisal for each risk, in the order of the register.
public func appraise(
    _ register: RiskRegister,
    phases: [Phase],
    findings: [Finding],
    criteria: [Criterion]
) -> [RiskAppraisal] {
    let failing = Set(findings.filter { $0.outcome == .fail }.map(\.criterion))
    return register.risks.map { risk in
        let voices = Voices(of: risk.declared, on: register.grid)
        var raisedBy: [CriterionName] = []
        for criterion in criteria
        where criterion.risks.contains(risk.id) && failing.contains(criterion.name)
            && !raisedBy.contains(criterion.name)
        {
            raisedBy.append(criterion.name)
        }
        return RiskAppraisal(
            id: risk.id,
            title: risk.title,
            declared: risk.declared,
            derivedLevel: voices.derived,
            level: voices.strictest,
            disagreement: voices.disagreement,
            raisedBy: raisedBy,
            phases: risk.isStanding ? [] : phases.filter { $0.risks.contains(risk.id) }.map(\.name)
        )
    }
}

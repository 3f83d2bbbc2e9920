import PhasegateCore

/// One stop on a phase's way.
struct StageItem {
    let name: Shown
    let kind: Shown
    let badge: Badge
    let hasVerdict: Bool
    let verdict: [Badge]
    let sentence: Shown
    let conditions: [Shown]
    let time: [Time]
    let span: Shown
    let rounds: Shown
    let hasEvidence: Bool
    let evidenceSummary: Shown
    let evidence: [Fact]

    init(_ stage: RolloutReport.StageReport, at moment: Moment) {
        name = Shown(stage.name.rawValue)
        badge = Badge(stage.progress)
        verdict = stage.verdict.map { [Badge($0.outcome)] } ?? []
        hasVerdict = stage.verdict != nil
        conditions = stage.verdict?.conditions.map { Shown($0) } ?? []
        switch stage.kind {
        case .gate:
            kind = "gate"
            let reason = stage.verdict?.reason ?? stage.sentence
            // A conditional go gives its first condition as its reason.
            sentence = stage.verdict?.conditions.contains(reason) == true ? "" : Shown(reason)
        case .baselines:
            kind = "frozen readings"
            sentence = Shown(stage.sentence)
        case .step:
            kind = "step"
            sentence = Shown(
                stage.outcome.map { stage.sentence.isEmpty ? $0.observed : "\(stage.sentence): \($0.observed)" }
                    ?? stage.sentence
            )
        }
        time = stage.from.times
        if let from = stage.from {
            let span = (stage.to ?? moment) - from
            self.span = Shown(
                stage.to == nil ? "\(spanForPeople(span)) so far" : span < .seconds(1) ? "" : spanForPeople(span)
            )
        } else {
            span = ""
        }
        rounds = Shown(stage.kind == .gate && stage.rounds > 0 ? counted(stage.rounds, "round") : "")
        evidence = (stage.outcome?.evidence ?? [:]).sorted { $0.key < $1.key }
            .map { Fact($0.key, $0.value, isCode: true) }
        hasEvidence = !evidence.isEmpty
        evidenceSummary = Shown("Evidence, \(counted(evidence.count, "fact"))")
    }
}

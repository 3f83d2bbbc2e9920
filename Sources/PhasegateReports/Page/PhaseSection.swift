import PhasegateCore

/// One phase in full.
struct PhaseSection {
    let number: Shown
    let title: Shown
    let name: Shown
    let badge: Badge
    let facts: [Fact]
    let hasMitigations: Bool
    let mitigations: [MitigationLine]
    let stages: [StageItem]
    let hasCriteria: Bool
    let criteria: [CriterionRow]
    let leftOut: Shown
    let interruptions: [InterruptionLine]

    /// Something planned against the phase's risks.
    struct MitigationLine {
        let text: Shown
        let sources: Shown
    }

    /// A time in which the phase stood still or was taken back.
    struct InterruptionLine {
        let badge: Badge
        let from: Time
        let span: Shown
        let reason: Shown
    }

    init(
        _ phase: RolloutReport.PhaseReport,
        number: Int,
        in report: RolloutReport,
        for audience: Audience,
        limits: PageLimits
    ) {
        self.number = Shown(String(number))
        title = Shown(phase.title.isEmpty ? phase.name.rawValue : phase.title)
        name = Shown(phase.name.rawValue)
        badge = Badge(phase.progress)
        var facts = [
            Fact("Planned", phase.plannedSentence),
            Fact("Actual", phase.actualSentence(at: report.generatedAt)),
            Fact("If it fails", phase.reversibility.sentence),
        ]
        if !phase.risks.isEmpty { facts.append(Fact("Risks", phase.risks.map(\.rawValue).joined(separator: ", "))) }
        if !phase.sources.isEmpty { facts.append(Fact("Sources", phase.sources.joined(separator: ", "))) }
        self.facts = facts
        mitigations = phase.mitigations.map {
            MitigationLine(text: Shown($0.text), sources: Shown($0.sources.joined(separator: ", ")))
        }
        hasMitigations = !phase.mitigations.isEmpty
        stages = phase.stages.map { StageItem($0, at: report.generatedAt) }
        let kept = limits.kept(of: phase.criteria)
        criteria = kept.map {
            CriterionRow(
                phase.criteria[$0],
                anchor: "criterion-\(number)-\($0 + 1)",
                at: report.generatedAt,
                for: audience,
                spanCount: limits.spans
            )
        }
        leftOut = Shown(
            kept.count == phase.criteria.count
                ? ""
                : counted(
                    phase.criteria.count - kept.count,
                    "criterion that passes or was never weighed is",
                    "criteria that pass or were never weighed are"
                ) + " left out of this page; report.json has them all."
        )
        hasCriteria = !phase.criteria.isEmpty
        interruptions = phase.interruptions.map { interruption in
            let end = interruption.to ?? report.generatedAt
            return InterruptionLine(
                badge: interruption.kind == .held ? Badge(.hold, "held") : Badge(.fail, "taken back"),
                from: Time(interruption.from),
                span: Shown(spanForPeople(end - interruption.from) + (interruption.to == nil ? " so far" : "")),
                reason: Shown(interruption.reason)
            )
        }
    }
}

extension Reversibility {
    fileprivate var sentence: String {
        switch self {
        case .reversible: "reversible: rolled back"
        case .compensable: "compensable: made good by forward steps"
        case .irreversible: "irreversible: frozen, and a person is called"
        }
    }
}

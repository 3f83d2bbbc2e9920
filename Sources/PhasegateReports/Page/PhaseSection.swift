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

    /// Something planned against the phase's risks.
    struct MitigationLine {
        let text: Shown
        let sources: Shown
    }

    init(_ phase: RolloutReport.PhaseReport, number: Int, in report: RolloutReport) {
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
        criteria = phase.criteria.enumerated().map {
            CriterionRow($1, anchor: "criterion-\(number)-\($0 + 1)", at: report.generatedAt)
        }
        hasCriteria = !phase.criteria.isEmpty
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

import Mustache
import PhasegateCore

/// One criterion with its last finding.
struct CriterionRow {
    let anchor: Shown
    let name: Shown
    let role: Shown
    let bound: Shown
    let badge: Badge
    let reason: Shown
    let note: Shown
    let observed: Shown
    let baseline: Shown
    let samples: Shown
    let observedAt: [Time]
    let age: Shown
    let sparkline: Drawing
    let history: Shown
    let probe: Shown
    let facts: [Fact]
    let query: Shown
    let noQuery: Shown
    let hasNotes: Bool
    let notes: [Shown]

    init(_ criterion: RolloutReport.CriterionReport, anchor: String, at moment: Moment) {
        self.anchor = Shown(anchor)
        name = Shown(criterion.name.rawValue)
        role = Shown("\(criterion.role.rawValue), \(criterion.strength.rawValue)")
        let finding = criterion.finding
        bound = Shown(criterion.bound.isEmpty ? finding?.bound ?? "" : criterion.bound)
        badge = finding.map { Badge($0.outcome) } ?? Badge(.wait, "not weighed yet")
        reason = Shown(finding?.reason ?? "")
        note = Shown(finding?.note ?? "")
        observed = Shown(finding?.observed ?? "")
        baseline = Shown(finding?.baseline ?? "")
        samples = Shown(finding?.samples.map { counted($0, "sample") } ?? "")
        observedAt = (finding?.observedAt).times
        age = Shown(finding?.observedAt.map { Self.age($0, at: moment) } ?? "")
        sparkline = Drawing(Sparkline(criterion.history.map(\.value)).markup)
        history = Shown(Self.history(criterion))
        probe = Shown(criterion.probe.rawValue)
        var facts: [Fact] = []
        if !criterion.sources.isEmpty { facts.append(Fact("Sources", criterion.sources.joined(separator: ", "))) }
        if !criterion.risks.isEmpty {
            facts.append(Fact("Risks", criterion.risks.map(\.rawValue).joined(separator: ", ")))
        }
        self.facts = facts
        query = Shown(finding?.resolvedQuery ?? "")
        noQuery = finding == nil ? "not measured yet" : "none recorded"
        notes = criterion.notes.map { Shown($0) }
        hasNotes = !notes.isEmpty
    }

    private static func age(_ observed: Moment, at moment: Moment) -> String {
        observed > moment ? "after this report" : "\(spanForPeople(moment - observed)) before this report"
    }

    /// The line in words: how often weighed, how often not passed, between which values.
    private static func history(_ criterion: RolloutReport.CriterionReport) -> String {
        guard criterion.rounds > 0 else { return "" }
        let rounds = counted(criterion.rounds, "round")
        let failures = criterion.failures == 0 ? "all passed" : "\(grouped(criterion.failures)) not passed"
        let values = criterion.history.map(\.value).filter(\.isFinite)
        guard values.count > 1, let low = values.min(), let high = values.max() else { return "\(rounds), \(failures)" }
        let range = low == high ? "always \(shortDecimal(low))" : "\(shortDecimal(low)) to \(shortDecimal(high))"
        return "\(rounds), \(failures), \(range)"
    }
}

extension CriterionRow: MustacheParent {
    /// By name instead of by reflection, which for a gate of a thousand criteria took most of a report's time.
    ///
    /// A name that is forgotten here is nowhere, and `TemplateLibrary` refuses the page.
    func child(named key: String) -> Any? {
        switch key {
        case "anchor": anchor
        case "name": name
        case "role": role
        case "bound": bound
        case "badge": badge
        case "reason": reason
        case "note": note
        case "observed": observed
        case "baseline": baseline
        case "samples": samples
        case "observedAt": observedAt
        case "age": age
        case "sparkline": sparkline
        case "history": history
        case "probe": probe
        case "facts": facts
        case "query": query
        case "noQuery": noQuery
        case "hasNotes": hasNotes
        case "notes": notes
        default: nil
        }
    }
}

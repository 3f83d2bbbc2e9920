import Mustache
import PhasegateCore

/// One criterion with its last finding.
struct CriterionRow {
    let anchor: Shown
    let name: Shown
    let role: Shown
    let bound: Shown
    let plannedBound: Shown
    let badge: Badge
    let reason: Shown
    let note: Shown
    let observed: Shown
    let baseline: Shown
    let samples: Shown
    let observedAt: [Time]
    let age: Shown
    let boundaryRule: Shown
    let interval: Shown
    let sparkline: Drawing
    let evidenceMeter: Drawing
    let evidenceWords: Shown
    let history: Shown
    let limits: Shown
    let hasHistory: Bool
    let isSpanned: Bool
    let historyCaption: Shown
    let historyRows: Drawing
    let probe: Shown
    let facts: [Fact]
    let isEngineer: Bool
    let outcome: Shown
    let query: Shown
    let noQuery: Shown
    let hasNotes: Bool
    let notes: [Shown]

    /// Shows a criterion.
    ///
    /// - Parameters:
    ///   - criterion: what is shown.
    ///   - anchor: its place on the page.
    ///   - moment: the report's time.
    ///   - audience: whether queries and notes are shown.
    ///   - spanCount: how many spans a long history is drawn and listed in.
    init(
        _ criterion: RolloutReport.CriterionReport,
        anchor: String,
        at moment: Moment,
        for audience: Audience,
        spanCount: Int = 24
    ) {
        self.anchor = Shown(anchor)
        name = Shown(criterion.name.rawValue)
        role = Shown("\(criterion.role.rawValue), \(criterion.strength.rawValue)")
        let finding = criterion.finding
        bound = Shown(criterion.bound.isEmpty ? finding?.bound ?? "" : criterion.bound)
        plannedBound = Shown(criterion.plannedBound ?? "")
        badge =
            finding.map { Badge($0.outcome) }
            ?? Badge(.wait, criterion.rounds == 0 ? "not weighed yet" : "not weighed in this attempt")
        reason = Shown(finding?.reason ?? "")
        note = Shown(finding?.note ?? "")
        observed = Shown(finding?.observed ?? "")
        baseline = Shown(finding?.baseline ?? "")
        samples = Shown(finding?.samples.map { counted($0, "sample") } ?? "")
        observedAt = (finding?.observedAt).times
        age = Shown(finding?.observedAt.map { Self.age($0, at: moment) } ?? "")
        boundaryRule = Shown(criterion.boundaryRule)
        let unit = criterion.unit.isEmpty ? "" : "\u{A0}\(criterion.unit)"
        interval = Shown(criterion.interval.map { Self.words($0, unit: unit) } ?? "")
        let spans = HistorySpan.spans(of: criterion.history, atMost: spanCount)
        let words = Self.history(criterion)
        let limits = criterion.limits.map {
            "\($0.kind == .fail ? "fails" : "warns") \($0.isCeiling ? "above" : "below") "
                + "\(shortDecimal($0.value))\(unit)"
        }
        history = Shown(words)
        self.limits = Shown(limits.joined(separator: ", "))
        sparkline = Sparkline(
            spans,
            limits: criterion.limits,
            isCurrent: finding.map { $0.outcome != .unknown } ?? false
        ).drawing(
            title: "\(criterion.name) over time",
            description: words
        )
        let meter = finding?.evidence.map { EvidenceMeter(evidence: $0) }
        evidenceMeter = meter?.drawing(title: "Evidence on \(criterion.name)") ?? Drawing("")
        evidenceWords = Shown(meter?.words ?? "")
        hasHistory = !spans.isEmpty
        isSpanned = spans.contains { $0.count > 1 }
        historyCaption = Shown(
            "\(criterion.name): \(counted(spans.reduce(0) { $0 + $1.count }, "value"))"
                + (criterion.rounds > criterion.history.count ? " kept of \(counted(criterion.rounds, "round"))" : "")
                + (isSpanned
                    ? " in \(spans.count) spans, each with when it begins, its lowest and its highest"
                    : ", each as measured")
                + (criterion.unit.isEmpty ? "" : ", in \(criterion.unit)")
        )
        historyRows = Self.rows(spans, isSpanned: isSpanned, limits: criterion.limits)
        isEngineer = audience == .engineer
        outcome = Shown(finding?.outcome.rawValue ?? "none")
        probe = Shown(criterion.probe.rawValue)
        var facts: [Fact] = []
        if !criterion.sources.isEmpty { facts.append(Fact("Sources", criterion.sources.joined(separator: ", "))) }
        if !criterion.risks.isEmpty {
            facts.append(Fact("Risks", criterion.risks.map(\.rawValue).joined(separator: ", ")))
        }
        if let took = criterion.tookMilliseconds {
            facts.append(Fact("Measuring took", spanForPeople(.milliseconds(took))))
        }
        self.facts = facts
        query = Shown(finding?.resolvedQuery ?? "")
        noQuery = finding == nil ? "not measured yet" : "none recorded"
        notes = criterion.notes.map { Shown($0) }
        hasNotes = !notes.isEmpty
    }

    /// Rows of numbers and times only, without the end tags that HTML lets one leave out.
    private static func rows(
        _ spans: [HistorySpan],
        isSpanned: Bool,
        limits: [RolloutReport.Limit]
    ) -> Drawing {
        var markup = ""
        for span in spans {
            markup += "<tr><th scope=\"row\">\(span.from.forPeople)"
            if isSpanned { markup += "<td>\(shortDecimal(span.low))" }
            markup += "<td>\(shortDecimal(span.high))<td>\(span.breach(of: limits)?.rawValue ?? "")"
        }
        return Drawing(markup)
    }

    private static func words(_ interval: Measurement.Interval, unit: String) -> String {
        let confidence = "with \(shortDecimal(interval.confidence * 100)) % confidence"
        let low = shortDecimal(interval.low)
        if interval.high < 1e300 { return "\(low) to \(shortDecimal(interval.high))\(unit) \(confidence)" }
        return interval.low > 0 ? "at least \(low)\(unit) \(confidence)" : "no bounds known \(confidence)"
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
        case "plannedBound": plannedBound
        case "badge": badge
        case "reason": reason
        case "note": note
        case "observed": observed
        case "baseline": baseline
        case "samples": samples
        case "observedAt": observedAt
        case "age": age
        case "boundaryRule": boundaryRule
        case "interval": interval
        case "sparkline": sparkline
        case "evidenceMeter": evidenceMeter
        case "evidenceWords": evidenceWords
        case "history": history
        case "limits": limits
        case "hasHistory": hasHistory
        case "isSpanned": isSpanned
        case "historyCaption": historyCaption
        case "historyRows": historyRows
        case "isEngineer": isEngineer
        case "outcome": outcome
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

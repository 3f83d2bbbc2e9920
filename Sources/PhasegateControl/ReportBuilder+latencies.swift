import PhasegateCore

// Latency before and now.
extension ReportBuilder {
    private struct Subject: Hashable {
        let name: String
        let percentile: Double
    }

    /// One curve for each workload and percentile whose probe knows how its observations are distributed.
    ///
    /// Criteria that look at the same percentile of the same workload share a curve: their limits are drawn together,
    /// and the newest reading counts.
    func latencyCurves(of phase: Phase, _ state: RolloutState, _ history: LedgerHistory) -> [RolloutReport.LatencyCurve]
    {
        var order: [Subject] = []
        var criteria: [Subject: [Criterion]] = [:]
        for criterion in phase.criteria where criterion.probe.kind == "latency" {
            let subject = Subject(
                name: criterion.probe.settings["workload"]?.text ?? criterion.name.rawValue,
                // The probe's own default.
                percentile: criterion.probe.settings["percentile"]?.number ?? 95
            )
            if criteria[subject] == nil { order.append(subject) }
            criteria[subject, default: []].append(criterion)
        }
        return order.compactMap { curve(of: $0, criteria[$0] ?? [], phase, state, history) }
    }

    private func curve(
        of subject: Subject,
        _ criteria: [Criterion],
        _ phase: Phase,
        _ state: RolloutState,
        _ history: LedgerHistory
    ) -> RolloutReport.LatencyCurve? {
        var now: (measurement: Measurement, at: Moment)?
        var baseline: Measurement?
        var drawn: [Criterion] = []
        for criterion in criteria {
            let record = history.criteria[LedgerHistory.CriterionKey(phase: phase.name, criterion: criterion.name)]
            let frozen = self.baseline(of: criterion, in: phase.name, state)
            let hasFrozen = frozen?.quantiles?.isEmpty == false
            guard record?.distribution != nil || hasFrozen else { continue }
            drawn.append(criterion)
            if hasFrozen, baseline == nil { baseline = frozen }
            if let newer = record?.distribution, now.map({ $0.at < newer.at }) ?? true { now = newer }
        }
        guard let unit = (now?.measurement ?? baseline)?.parts.first?.quantity.unit else { return nil }
        var limits: [RolloutReport.Limit] = []
        for criterion in drawn {
            let record = history.criteria[LedgerHistory.CriterionKey(phase: phase.name, criterion: criterion.name)]
            let judged = record?.judged ?? criterion
            let frozen = (record?.baseline ?? self.baseline(of: judged, in: phase.name, state))?.parts.first?.quantity
            for limit in judged.limits(in: unit, baseline: frozen) where !limits.contains(limit) {
                limits.append(limit)
            }
        }
        return RolloutReport.LatencyCurve(
            name: subject.name,
            phase: phase.name,
            unit: unit.rawValue,
            baseline: baseline?.quantiles(in: unit) ?? [],
            now: now?.measurement.quantiles(in: unit) ?? [],
            limits: limits,
            percentile: subject.percentile
        )
    }
}

extension Measurement {
    /// The quantiles in another unit; none where the dimension is another.
    fileprivate func quantiles(in other: Unit) -> [Quantile] {
        guard let unit = parts.first?.quantity.unit, unit.dimension == other.dimension else { return [] }
        let factor = unit == other ? 1 : unit.scale / other.scale
        return (quantiles ?? []).map { Quantile(percent: $0.percent, value: $0.value * factor) }
    }
}

import PhasegateCore

// Criteria with what was measured and what it is held against.
extension ReportBuilder {
    /// Most points of a history; enough for a drawing as wide as a page.
    private static let longestHistory = 240

    func criterionReport(
        _ criterion: Criterion,
        of phase: PhaseName,
        _ state: RolloutState,
        _ history: LedgerHistory
    ) -> RolloutReport.CriterionReport {
        let record = history.criteria[LedgerHistory.CriterionKey(phase: phase, criterion: criterion.name)]
        // A finding stands beside what it was judged by, whatever the plan says by now.
        let judged = record?.judged ?? criterion
        let frozen = record?.baseline ?? baseline(of: judged, in: phase, state)
        let baseline = (record?.measurement?.singlePart ?? frozen?.singlePart).flatMap { frozen?.quantity(of: $0) }
        let unit = record?.unit ?? baseline?.unit ?? judged.bounds.all.compactMap(\.unit).first ?? .none
        return RolloutReport.CriterionReport(
            name: criterion.name,
            role: judged.role,
            strength: judged.strength,
            probe: judged.probe.kind,
            bound: judged.boundSentence,
            sources: criterion.sources,
            risks: criterion.risks,
            finding: record?.last,
            notes: record?.measurement?.notes ?? [],
            rounds: record?.rounds ?? 0,
            failures: record?.failures ?? 0,
            history: thinned(record?.samples ?? [], to: Self.longestHistory),
            unit: unit.rawValue,
            limits: judged.limits(in: unit, baseline: baseline),
            interval: record?.measurement?.interval(in: unit),
            boundaryRule: rule(of: judged, in: phase, baseline, record?.last?.evidence),
            tookMilliseconds: record?.tookMilliseconds,
            place: places(phase, criterion.name),
            owner: rollout.register.risks.lazy.filter { criterion.risks.contains($0.id) }.compactMap(\.owner).first,
            plannedBound: judged.boundSentence == criterion.boundSentence ? nil : criterion.boundSentence
        )
    }

    /// What happens at the bounds of a criterion, or what is promised of it where it is compared.
    private func rule(
        of criterion: Criterion,
        in phase: PhaseName,
        _ baseline: Quantity?,
        _ evidence: SequentialEvidence?
    ) -> String {
        let ramp = rollout.phase(phase)?.ramp
        guard criterion.comparison != nil else {
            let rule = criterion.boundaryRule(baseline: baseline)
            // Beside comparisons nobody takes a threshold for more than it is.
            guard ramp?.observation != nil, criterion.role == .guarding || criterion.role == .kill else { return rule }
            return (rule.isEmpty ? "" : "\(rule); ") + "a plain threshold, without a guarantee for looking often"
        }
        let guarantee = ramp?.observation?.guarantee ?? ObservationPlan.Guarantee()
        let fails = evidence?.failing?.level ?? guarantee.falseRollback
        let passes = evidence?.passing?.level ?? guarantee.falsePromotion
        return "wrongly fails with a chance of at most \(shortDecimal(fails * 100)) %, wrongly passes with at most "
            + "\(shortDecimal(passes * 100)) %, however often it is looked at"
    }

    /// The frozen measurement a criterion is held against, where it is held against one.
    func baseline(of criterion: Criterion, in phase: PhaseName, _ state: RolloutState) -> Measurement? {
        guard criterion.needsBaseline else { return nil }
        return state.baselines[criterion.baselineOf ?? phase]?[criterion.name]
    }
}

extension Measurement {
    /// Name of the one part there is; nothing where there are several.
    fileprivate var singlePart: String? { parts.count == 1 ? parts[0].name : nil }

    /// The interval of the one value in another unit; nothing where the dimension is another.
    fileprivate func interval(in other: Unit) -> Interval? {
        guard let interval, parts.count == 1, let unit = parts.first?.quantity.unit else { return nil }
        if unit == other { return interval }
        guard unit.dimension == other.dimension else { return nil }
        return Interval(
            low: interval.low * unit.scale / other.scale,
            high: interval.high * unit.scale / other.scale,
            confidence: interval.confidence
        )
    }
}

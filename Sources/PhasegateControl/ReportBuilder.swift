public import PhasegateCore
import PhasegateRisk

/// Makes the one report value out of plan and ledger.
public struct ReportBuilder: Sendable {
    private let rollout: Rollout
    private let planFindings: [Diagnostic]
    private let version: String

    /// Makes a builder.
    ///
    /// - Parameters:
    ///   - rollout: the plan.
    ///   - planFindings: what does not add up in it.
    ///   - version: of phasegate.
    public init(rollout: Rollout, planFindings: [Diagnostic], version: String) {
        self.rollout = rollout
        self.planFindings = planFindings
        self.version = version
    }

    /// Builds the report: a pure function of its arguments.
    ///
    /// - Parameters:
    ///   - state: the fold of the ledger.
    ///   - entries: the ledger.
    ///   - moment: when the report is made.
    /// - Returns: everything the formats show.
    public func report(on state: RolloutState, entries: [LedgerEntry], at moment: Moment) -> RolloutReport {
        var history = LedgerHistory()
        for entry in entries { history.read(entry) }
        let findings = history.criteria.values.compactMap(\.last)
        let verdict = state.gate?.lastVerdict ?? history.lastVerdict
        return RolloutReport(
            rollout: rollout.name,
            title: rollout.title,
            document: rollout.document,
            generatedAt: moment,
            version: version,
            status: state.status,
            verdict: verdict?.outcome,
            headline: headline(state),
            reason: state.restReason ?? state.lastDecision?.reason ?? "nothing has been weighed yet",
            phase: state.status == .finished ? nil : state.phase,
            stage: state.status == .finished ? nil : state.stage,
            openedAt: state.openedAt,
            timeScale: state.opening?.timeScale ?? 1,
            planDigest: state.planDigest,
            ledgerLength: state.sequence,
            ledgerHead: state.head,
            phases: rollout.orderedPhases.map { phaseReport($0, state, history) },
            grid: rollout.register.grid,
            risks: appraise(
                rollout.register,
                phases: rollout.phases,
                findings: findings,
                criteria: rollout.phases.flatMap(\.criteria)
            ),
            planFindings: planFindings,
            exposures: history.exposures,
            log: history.log
        )
    }

    private func headline(_ state: RolloutState) -> String {
        let place = state.phase.map { " in phase '\($0)'" } ?? ""
        return switch state.status {
        case .running:
            state.opening == nil ? "Not begun" : "On its way\(place)"
        case .held: "Held\(place): a person is needed"
        case .stopped: "Stopped before anything was changed\(place)"
        case .rolledBack: "Rolled back\(place): everything this phase did was taken back and verified"
        case .compensated: "Compensated\(place): the forward fix is in place"
        case .frozen: "Frozen\(place): a person is needed"
        case .killed: "Ended for good\(place)"
        case .finished: "Finished"
        }
    }

    private func phaseReport(
        _ phase: Phase,
        _ state: RolloutState,
        _ history: LedgerHistory
    ) -> RolloutReport.PhaseReport {
        let progress = state.phases[phase.name]
        let isPresent = state.phase == phase.name && progress?.finishedAt == nil
        let phaseProgress: RolloutReport.PhaseReport.Progress =
            if progress?.finishedAt != nil {
                .finished
            } else if !isPresent {
                .ahead
            } else {
                switch state.status {
                case .running, .held, .finished: .present
                case .rolledBack: .rolledBack
                case .stopped, .compensated, .frozen, .killed: .failed
                }
            }
        let stages = phase.stages.map { stage in
            stageReport(stage, of: phase, state, history, isPresent: isPresent)
        }
        return RolloutReport.PhaseReport(
            name: phase.name,
            title: phase.title,
            progress: phaseProgress,
            reversibility: phase.reversibility,
            window: phase.window,
            effort: phase.effort,
            from: progress?.enteredAt,
            to: progress?.finishedAt,
            risks: phase.risks,
            mitigations: phase.mitigations,
            sources: phase.sources,
            stages: stages,
            criteria: phase.criteria.map { criterionReport($0, of: phase.name, history) }
        )
    }

    private func stageReport(
        _ stage: Stage,
        of phase: Phase,
        _ state: RolloutState,
        _ history: LedgerHistory,
        isPresent: Bool
    ) -> RolloutReport.StageReport {
        let record = history.stages[LedgerHistory.StageKey(phase: phase.name, stage: stage.name)]
        let isHere = isPresent && state.stage == stage.name
        let hasFailed = isHere && state.isAtRest && state.status != .finished
        let kind: RolloutReport.StageReport.Kind
        let sentence: String
        switch stage {
        case .gate(let gate):
            kind = .gate
            sentence = record?.verdict?.reason ?? "weighs \(gate.criteria.count) criteria"
        case .freezeBaselines:
            kind = .baselines
            sentence = "freezes the readings that later bounds refer to"
        case .act(let step):
            kind = .step
            sentence = record?.failure ?? step.sentence
        }
        return RolloutReport.StageReport(
            name: stage.name,
            kind: kind,
            progress: record == nil
                ? .ahead : record?.isUndone == true ? .undone : hasFailed ? .failed : isHere ? .present : .passed,
            from: record?.from,
            to: record?.to,
            rounds: record?.rounds ?? 0,
            verdict: record?.verdict,
            outcome: record?.outcome,
            sentence: sentence
        )
    }

    private func criterionReport(
        _ criterion: Criterion,
        of phase: PhaseName,
        _ history: LedgerHistory
    ) -> RolloutReport.CriterionReport {
        let record = history.criteria[LedgerHistory.CriterionKey(phase: phase, criterion: criterion.name)]
        return RolloutReport.CriterionReport(
            name: criterion.name,
            role: criterion.role,
            strength: criterion.strength,
            probe: criterion.probe.kind,
            bound: criterion.boundSentence,
            sources: criterion.sources,
            risks: criterion.risks,
            finding: record?.last,
            notes: record?.notes ?? [],
            rounds: record?.rounds ?? 0,
            failures: record?.failures ?? 0,
            history: record?.values ?? []
        )
    }
}

/// The log lines of a ledger, waiting rounds folded together.
///
/// - Parameter entries: the ledger, in order.
/// - Returns: one line per event worth telling.
public func ledgerLog(of entries: [LedgerEntry]) -> [RolloutReport.LogLine] {
    var history = LedgerHistory()
    for entry in entries { history.read(entry) }
    return history.log
}

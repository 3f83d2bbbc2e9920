import PhasegateCore

// Phases and their stages, as planned and as they went.
extension ReportBuilder {
    func phaseReport(_ phase: Phase, _ state: RolloutState, _ history: LedgerHistory) -> RolloutReport.PhaseReport {
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
        return RolloutReport.PhaseReport(
            name: phase.name,
            title: phase.title,
            progress: phaseProgress,
            reversibility: phase.reversibility,
            window: phase.window,
            effort: phase.effort,
            from: progress?.enteredAt,
            to: progress?.finishedAt ?? (isPresent && state.isAtRest ? history.settledAt : nil),
            risks: phase.risks,
            mitigations: phase.mitigations,
            sources: phase.sources,
            stages: phase.stages.map { stageReport($0, of: phase, state, history, isPresent: isPresent) },
            criteria: phase.criteria.map { criterionReport($0, of: phase.name, state, history) },
            needs: phase.needs,
            interruptions: history.interruptions[phase.name]
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
}

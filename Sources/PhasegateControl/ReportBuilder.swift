public import PhasegateCore
import PhasegateRisk

/// Makes the one report value out of plan and ledger.
public struct ReportBuilder: Sendable {
    let rollout: Rollout
    private let planFindings: [Diagnostic]
    private let version: String
    private let planDigest: String?
    let places: @Sendable (PhaseName, CriterionName) -> Place?

    /// Makes a builder.
    ///
    /// - Parameters:
    ///   - rollout: the plan.
    ///   - planFindings: what does not add up in it.
    ///   - version: of phasegate.
    ///   - planDigest: the plan's own digest; where the ledger was written under another, the report says so.
    ///   - places: where a criterion stands in the plan's files; nothing where that is not known.
    public init(
        rollout: Rollout,
        planFindings: [Diagnostic],
        version: String,
        planDigest: String? = nil,
        places: @escaping @Sendable (PhaseName, CriterionName) -> Place? = { _, _ in nil }
    ) {
        self.rollout = rollout
        self.planFindings = planFindings
        self.version = version
        self.planDigest = planDigest
        self.places = places
    }

    /// Builds the report: a pure function of its arguments.
    ///
    /// - Parameters:
    ///   - state: the fold of the ledger.
    ///   - entries: the ledger.
    ///   - moment: when the report is made.
    ///   - previous: an earlier report, to say what changed since; one of another rollout or ledger, or from the future,
    ///     is passed over.
    /// - Returns: everything the formats show.
    public func report(
        on state: RolloutState,
        entries: [LedgerEntry],
        at moment: Moment,
        previous: RolloutReport? = nil
    ) -> RolloutReport {
        let history = LedgerHistory(entries)
        let phases = rollout.orderedPhases.map { phaseReport($0, state, history) }
        let risks = appraise(rollout.register, phases: rollout.phases, evidence: evidence(in: history))
        let signatures = history.signatures.signatures(for: state, at: moment)
        let threats = threats(state, history)
        let countdowns = countdowns(state, history, at: moment)
        let latencies = rollout.orderedPhases.flatMap { latencyCurves(of: $0, state, history) }
        func report(_ changes: RolloutReport.Changes?) -> RolloutReport {
            RolloutReport(
                rollout: rollout.name,
                title: rollout.title,
                document: rollout.document,
                generatedAt: moment,
                version: version,
                status: state.status,
                verdict: (state.gate?.lastVerdict ?? history.lastVerdict)?.outcome,
                headline: headline(state),
                reason: state.restReason ?? history.lastReason
                    ?? (state.opening == nil
                        ? "nothing has been weighed yet" : "nothing has been weighed yet in this attempt"),
                phase: state.status == .finished ? nil : state.phase,
                stage: state.status == .finished ? nil : state.stage,
                openedAt: state.openedAt,
                timeScale: state.opening?.timeScale ?? 1,
                planDigest: state.planDigest,
                ledgerLength: state.sequence,
                ledgerHead: state.head,
                phases: phases,
                grid: rollout.register.grid,
                risks: risks,
                planFindings: planFindings + changedPlan(state),
                exposures: history.exposures,
                log: history.log.lines,
                threats: threats.nearest,
                furtherThreats: threats.further,
                countdowns: countdowns,
                changes: changes,
                latencies: latencies,
                signatures: signatures,
                notices: history.notices.reports
            )
        }
        let present = report(nil)
        guard let previous, let changes = changes(from: previous, to: present) else { return present }
        return report(changes.continuing(previous, of: present))
    }

    /// An edited plan whose ledger is from before the edit.
    private func changedPlan(_ state: RolloutState) -> [Diagnostic] {
        guard let planDigest, !state.planDigest.isEmpty, planDigest != state.planDigest else { return [] }
        return [
            Diagnostic(
                .warning,
                rule: "changed-plan",
                "the plan is not the one the ledger was last written under; what was weighed is shown with the conditions "
                    + "it was weighed by",
                hint: "the next tick takes the edited plan over, and approvals, statements and waivers become void"
            )
        ]
    }

    private func evidence(in history: LedgerHistory) -> [(criterion: Criterion, finding: Finding?)] {
        rollout.phases.flatMap { phase in
            phase.criteria.map { criterion in
                let key = LedgerHistory.CriterionKey(phase: phase.name, criterion: criterion.name)
                return (criterion, history.criteria[key]?.last)
            }
        }
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
}

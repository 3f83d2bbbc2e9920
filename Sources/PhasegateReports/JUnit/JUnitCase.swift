import PhasegateCore

/// One test case: a criterion, a step or the phase itself.
struct JUnitCase {
    /// What the case came to.
    ///
    /// JUnit has no word for a warning; it is a pass that speaks.
    enum Result {
        case passed
        case warned
        /// Evaluated and broken.
        case failure(type: String)
        /// Weighed, but not measured.
        case error(type: String)
        /// Not reached, waiting, waived or taken back.
        case skipped
    }

    /// Stable between runs: no values, times or percentages but those of the plan's own names.
    var name: String
    let result: Result
    /// One sentence: the result's message, and the first line of its text.
    let message: String
    /// Lines behind the message.
    var evidence: [String] = []
    /// Seconds.
    var time: Double = 0

    /// Message and evidence as they are written.
    var body: String { ([PlainText.oneLine(message)] + evidence).joined(separator: "\n") }
}

extension JUnitCase {
    /// A criterion as its last finding has it.
    init(_ criterion: RolloutReport.CriterionReport) {
        name = criterion.name.rawValue
        guard let finding = criterion.finding else {
            result = .skipped
            message = "not weighed yet"
            evidence = ["bound: \(criterion.bound)", "probe: \(criterion.probe)"]
            return
        }
        evidence = Self.evidence(criterion, finding)
        if let person = finding.waivedBy, finding.outcome == .fail || finding.outcome == .unknown {
            result = .skipped
            message = "waived by \(person), stands at \(finding.outcome.rawValue): \(finding.reason)"
            return
        }
        let waiver = finding.waivedBy.map { " (waived by \($0))" } ?? ""
        switch finding.outcome {
        case .pass:
            result = .passed
            message = finding.reason + waiver
        case .warn:
            result = .warned
            message = "WARN \(finding.reason)\(waiver)"
        case .fail where finding.isUnconfirmed:
            result = .failure(type: "phasegate.fail.unconfirmed")
            message = "not confirmed yet: \(finding.reason)"
        case .fail:
            result = .failure(type: "phasegate.fail.\(finding.strength.rawValue)")
            message = finding.reason
        case .unknown:
            result = .error(type: "phasegate.unknown")
            message = "not measured: \(finding.reason)"
        }
    }

    private static func evidence(_ criterion: RolloutReport.CriterionReport, _ finding: Finding) -> [String] {
        var lines = ["observed: \(finding.observed ?? "nothing")", "bound: \(finding.bound)"]
        if let baseline = finding.baseline { lines.append("baseline: \(baseline)") }
        if let samples = finding.samples { lines.append("samples: \(samples)") }
        lines.append("role: \(finding.role.rawValue), \(finding.strength.rawValue)")
        lines.append("probe: \(criterion.probe)")
        lines.append("rounds: \(criterion.rounds), not passed: \(criterion.failures)")
        if let moment = finding.observedAt { lines.append("observed at: \(moment.forPeople) UTC") }
        if !criterion.sources.isEmpty { lines.append("sources: \(criterion.sources.joined(separator: ", "))") }
        if !criterion.risks.isEmpty {
            lines.append("risks: \(criterion.risks.map(\.rawValue).joined(separator: ", "))")
        }
        lines += criterion.notes.map { "note: \($0)" }
        if let query = finding.resolvedQuery { lines.append("query: \(query)") }
        return lines
    }

    /// A step as far as it has come.
    init(step: RolloutReport.StageReport) {
        name = "step: \(step.name)"
        if let from = step.from, let to = step.to { time = max(0, (to - from).inSeconds) }
        if let outcome = step.outcome {
            evidence = ["seen afterwards: \(outcome.observed)"]
            evidence += outcome.evidence.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
        }
        switch step.progress {
        case .ahead:
            result = .skipped
            message = "not reached: \(step.sentence)"
        case .present:
            result = .skipped
            message = "not done yet: \(step.sentence)"
        case .passed:
            result = .passed
            message = "done: \(step.sentence)"
        case .failed:
            result = .failure(type: "phasegate.step.failed")
            message = step.sentence
        case .undone:
            result = .skipped
            message = "taken back: \(step.sentence)"
        }
    }

    /// The phase as a whole, so that no suite is empty and a stop shows although every criterion holds.
    init(_ phase: RolloutReport.PhaseReport, in report: RolloutReport) {
        name = "phase"
        evidence = ["rollout: \(report.status.rawValue)", "headline: \(report.headline)"]
        let isHere = report.phase == phase.name
        switch phase.progress {
        case .ahead:
            result = .skipped
            message = "not reached"
        case .present where isHere && report.status.isBroughtToAnEnd:
            result = .failure(type: "phasegate.phase.\(report.status.rawValue)")
            message = "\(report.status.rawValue): \(report.reason)"
        case .present:
            result = .skipped
            message = isHere ? "not finished: \(report.reason)" : "not finished"
        case .finished where phase.criteria.isEmpty:
            result = .error(type: "phasegate.unknown")
            message = "has no criteria, and what is not measured does not pass"
        case .finished:
            result = .passed
            message = "finished"
        case .rolledBack:
            result = .failure(type: "phasegate.phase.rolled-back")
            message = isHere ? "rolled back: \(report.reason)" : "rolled back"
        case .failed:
            result = .failure(type: "phasegate.phase.failed")
            message = isHere ? "failed: \(report.reason)" : "failed"
        }
    }
}

extension RolloutStatus {
    /// Whether the present phase came to a bad end, as opposed to being on its way or waiting.
    fileprivate var isBroughtToAnEnd: Bool {
        switch self {
        case .running, .held, .finished: false
        case .stopped, .rolledBack, .compensated, .frozen, .killed: true
        }
    }
}

import PhasegateCore

/// What a case came to, in JUnit's words.
///
/// One rule decides what is red: a criterion is a `failure` or an `error` when
/// it alone keeps the gate closed. JUnit has no word for a warning; it is a
/// pass that speaks.
enum JUnitResult: Equatable {
    case passed
    case warned
    /// Measured and broken.
    case failure(type: String)
    /// Weighed, but not measured.
    case error(type: String)
    /// Not reached, waiting, waived or taken back.
    case skipped

    /// Whether the case is red.
    var isRed: Bool {
        switch self {
        case .failure, .error: true
        case .passed, .warned, .skipped: false
        }
    }

    /// Type of what was not measured.
    ///
    /// Types have a dot: GitLab reads `date`, `integer` or `yaml` as the type of the text.
    static let unknown = JUnitResult.error(type: "phasegate.unknown")
}

extension JUnitResult {
    /// A criterion as its last finding has it.
    init(_ criterion: RolloutReport.CriterionReport) {
        guard let finding = criterion.finding else {
            self = .skipped
            return
        }
        switch finding.outcome {
        case .pass: self = .passed
        case .warn: self = .warned
        case .fail where finding.role == .kill && !finding.isUnconfirmed: self = .failure(type: "phasegate.fail.kill")
        case .fail where finding.waivedBy != nil, .unknown where finding.waivedBy != nil: self = .skipped
        case .unknown: self = Self.unknown
        case .fail where finding.strength == .should: self = .warned
        case .fail where finding.isUnconfirmed: self = .failure(type: "phasegate.fail.unconfirmed")
        case .fail: self = .failure(type: "phasegate.fail.must")
        }
    }

    /// A step as far as it has come.
    init(step: RolloutReport.StageReport) {
        switch step.progress {
        case .ahead, .present, .undone: self = .skipped
        case .passed: self = .passed
        case .failed: self = .failure(type: "phasegate.step.failed")
        }
    }

    /// The phase as a whole.
    init(_ phase: RolloutReport.PhaseReport, in report: RolloutReport) {
        switch phase.progress {
        case .ahead: self = .skipped
        case .present where report.phase == phase.name && report.status.isBroughtToAnEnd:
            self = .failure(type: "phasegate.phase.\(report.status.rawValue)")
        case .present: self = .skipped
        case .finished where phase.criteria.isEmpty: self = Self.unknown
        case .finished: self = .passed
        case .rolledBack: self = .failure(type: "phasegate.phase.rolled-back")
        case .failed: self = .failure(type: "phasegate.phase.failed")
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

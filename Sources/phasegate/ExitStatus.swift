import ArgumentParser
import PhasegateCore
import PhasegateReports

/// How the process ends; CI jobs act on it.
enum ExitStatus: Int32 {
    /// Go, conditional go or finished.
    case go = 0
    /// No-go: recycle or kill, rolled back or frozen.
    case noGo = 1
    /// Needs time, evidence or a person.
    case hold = 3
    case usage = 64
    case badInput = 65
    case unreachable = 69
    case internalError = 70
    case cannotWrite = 73
    case leaseHeld = 75
    case notPermitted = 77

    /// For ArgumentParser.
    var code: ExitCode { ExitCode(rawValue) }

    /// How a rollout at rest is told to CI.
    init(_ status: RolloutStatus) {
        switch status {
        case .finished: self = .go
        case .running, .held: self = .hold
        case .stopped, .rolledBack, .compensated, .frozen, .killed: self = .noGo
        }
    }

    /// How a verdict is told to CI.
    init(_ outcome: GateOutcome) {
        switch outcome {
        case .go, .conditionalGo: self = .go
        case .hold: self = .hold
        case .recycle, .kill: self = .noGo
        }
    }
}

/// Why the process ends early: a message for people and a status for machines.
struct Failure: Error {
    let status: ExitStatus
    let message: String

    init(_ status: ExitStatus, _ message: String) {
        self.status = status
        self.message = message
    }

    /// Sorts what was thrown; nothing for what ArgumentParser explains by itself.
    init?(_ error: any Error) {
        switch error {
        case let failure as Failure: self = failure
        case let diagnostics as Diagnostics: self.init(.badInput, diagnostics.description)
        case let diagnostic as Diagnostic: self.init(.badInput, diagnostic.description)
        case let error as LedgerError:
            let status: ExitStatus =
                switch error.code {
                case .leaseHeld, .fencedOff: .leaseHeld
                case .badAddress: .usage
                case .unreachable, .inDoubt, .brokenChain, .unreadableEntry: .unreachable
                }
            self.init(status, error.message)
        case let error as ReportWriteError: self.init(.cannotWrite, error.message)
        case let error as TemplateError: self.init(.badInput, error.description)
        case let error as StepError: self.init(.unreachable, error.message)
        case is ExitCode, is ValidationError, is CleanExit: return nil
        default:
            if String(reflecting: type(of: error)).hasPrefix("ArgumentParser.") { return nil }
            self.init(.internalError, "internal error, please report it: \(error)")
        }
    }
}

import Mustache
import PhasegateCore

/// How something stands: a word, a shape and a colour that always go together.
struct Badge {
    /// The colour and shape; each case has its icon in `icons.mustache`.
    enum Tone: String, CaseIterable {
        case pass
        case warn
        case fail
        case unknown
        case hold
        case wait
        case present
    }

    let tone: Shown
    let word: Shown

    init(_ tone: Tone, _ word: String) {
        self.tone = Shown(tone.rawValue)
        self.word = Shown(word)
    }

    init(_ status: RolloutStatus) {
        switch status {
        case .running: self.init(.present, "running")
        case .held: self.init(.hold, "held")
        case .stopped: self.init(.fail, "stopped")
        case .rolledBack: self.init(.fail, "rolled back")
        case .compensated: self.init(.warn, "compensated")
        case .frozen: self.init(.fail, "frozen")
        case .killed: self.init(.fail, "killed")
        case .finished: self.init(.pass, "finished")
        }
    }

    init(_ outcome: GateOutcome) {
        switch outcome {
        case .go: self.init(.pass, "go")
        case .conditionalGo: self.init(.warn, "conditional go")
        case .hold: self.init(.hold, "hold")
        case .recycle: self.init(.fail, "recycle")
        case .kill: self.init(.fail, "kill")
        }
    }

    init(_ outcome: Finding.Outcome) {
        switch outcome {
        case .pass: self.init(.pass, "pass")
        case .warn: self.init(.warn, "warn")
        case .fail: self.init(.fail, "fail")
        case .unknown: self.init(.unknown, "unknown")
        }
    }

    init(_ progress: RolloutReport.PhaseReport.Progress) {
        switch progress {
        case .ahead: self.init(.wait, "ahead")
        case .present: self.init(.present, "present")
        case .finished: self.init(.pass, "finished")
        case .rolledBack: self.init(.fail, "rolled back")
        case .failed: self.init(.fail, "failed")
        }
    }

    init(_ progress: RolloutReport.StageReport.Progress) {
        switch progress {
        case .ahead: self.init(.wait, "ahead")
        case .present: self.init(.present, "present")
        case .passed: self.init(.pass, "passed")
        case .failed: self.init(.fail, "failed")
        case .undone: self.init(.warn, "taken back")
        }
    }

    init(_ kind: DecisionMark.Kind) {
        switch kind {
        case .proceed: self.init(.pass, kind.rawValue)
        case .hold: self.init(.hold, kind.rawValue)
        case .back: self.init(.fail, kind.rawValue)
        }
    }

    init(_ progress: RolloutReport.NoticeReport.Carrier.Progress) {
        switch progress {
        case .waiting: self.init(.wait, "waiting")
        case .arrived: self.init(.pass, "arrived")
        case .dead: self.init(.fail, "given up")
        case .dropped: self.init(.warn, "dropped")
        }
    }

    init(_ severity: Diagnostic.Severity) {
        switch severity {
        case .error: self.init(.fail, "error")
        case .warning: self.init(.warn, "warning")
        }
    }
}

extension Badge: MustacheParent {
    /// Without reflection, as `CriterionRow`.
    func child(named key: String) -> Any? {
        switch key {
        case "tone": tone
        case "word": word
        default: nil
        }
    }
}

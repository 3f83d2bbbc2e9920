import PhasegateCore

/// How far a phase is from its planned window.
struct PlanDeviation {
    /// Where the window begins, if it can be placed in the calendar.
    let start: Moment?
    /// Where it ends, excluded.
    let end: Moment?

    /// Places a window: dates as they are, `week 3` counted from the rollout's beginning and run at its time scale.
    init(of phase: RolloutReport.PhaseReport, in report: RolloutReport) {
        start = phase.window.flatMap { Self.moment($0.from, isEnd: false, in: report) }
        end = phase.window.flatMap { Self.moment($0.to, isEnd: true, in: report) }
    }

    private static func moment(_ text: String, isEnd: Bool, in report: RolloutReport) -> Moment? {
        if let date = Moment(text) {
            return isEnd && !text.utf8.contains(UInt8(ascii: "T")) ? date + .seconds(86_400) : date
        }
        let words = text.lowercased().split(separator: " ")
        guard words.count == 2, words[0] == "week", let week = Int(words[1]), (1...5_000).contains(week),
            let opened = report.openedAt, report.timeScale.isFinite, report.timeScale > 0
        else { return nil }
        let seconds = Double((isEnd ? week : week - 1) * 7 * 86_400) / report.timeScale
        return opened + .milliseconds(Int64((seconds * 1000).rounded()))
    }

    /// The deviation in words.
    func sentence(of phase: RolloutReport.PhaseReport, at moment: Moment) -> String {
        guard let window = phase.window else { return "no window planned" }
        guard let start, let end else {
            return "not comparable: '\(window.from)' to '\(window.to)' cannot be placed in the calendar"
        }
        guard let from = phase.from else {
            return start <= moment ? "should have begun \(spanForPeople(moment - start)) ago" : "not due yet"
        }
        let begun = from > start ? "begun \(spanForPeople(from - start)) late" : "begun in time"
        if let to = phase.to {
            return to <= end
                ? "\(begun), ended \(spanForPeople(end - to)) before the planned end"
                : "\(begun), ended \(spanForPeople(to - end)) late"
        }
        return moment <= end
            ? "\(begun), \(spanForPeople(end - moment)) left" : "\(begun), \(spanForPeople(moment - end)) over its end"
    }

    /// Whether the phase began or ended later than planned, or is late by now.
    func isLate(_ phase: RolloutReport.PhaseReport, at moment: Moment) -> Bool {
        guard let start, let end else { return false }
        guard let from = phase.from else { return start <= moment }
        return from > start || (phase.to ?? moment) > end
    }
}

import PhasegateCore

/// How far a phase is from its planned window.
struct PlanDeviation {
    /// Where the window begins and where it ends, excluded, if it can be placed in the calendar.
    private let window: (start: Moment, end: Moment)?

    /// Places a window: dates as they are, days, weeks, months and quarters counted from the rollout's beginning and
    /// run at its time scale.
    init(of phase: RolloutReport.PhaseReport, in report: RolloutReport) {
        guard let span = phase.window.flatMap({ PlannedSpan($0) }) else {
            window = nil
            return
        }
        switch span.axis {
        case .dates:
            let beginning = Moment(milliseconds: 0)
            window = (Self.moment(span.from, after: beginning), Self.moment(span.to, after: beginning))
        case .days:
            window = report.openedAt.flatMap { opened in
                guard report.timeScale.isFinite, report.timeScale > 0 else { return nil }
                return (
                    Self.moment(span.from / report.timeScale, after: opened),
                    Self.moment(span.to / report.timeScale, after: opened)
                )
            }
        }
    }

    private static func moment(_ days: Double, after beginning: Moment) -> Moment {
        // Beyond a million years a slow scale is as good as never.
        beginning + .milliseconds(Int64((min(days, 4e8) * 86_400_000).rounded()))
    }

    /// Whether it can be told at all.
    var isPlaced: Bool { window != nil }

    /// The deviation in words.
    func sentence(of phase: RolloutReport.PhaseReport, at moment: Moment) -> String {
        guard let planned = phase.window else { return "no window planned" }
        guard let (start, end) = window else {
            return "not comparable: '\(planned.from)' to '\(planned.to)' cannot be placed in the calendar"
        }
        guard let from = phase.from else {
            return start <= moment ? "should have begun \(spanForPeople(moment - start)) ago" : "not due yet"
        }
        let begun = from > start ? "begun \(spanForPeople(from - start)) late" : "begun in time"
        if let to = phase.endedAt {
            let ending =
                to <= end
                ? "\(begun), \(phase.endingVerb) \(spanForPeople(end - to)) before the planned end"
                : "\(begun), \(phase.endingVerb) \(spanForPeople(to - end)) late"
            return phase.isAtRest && to <= end && end < moment ? "\(ending), not finished by then" : ending
        }
        if phase.isAtRest { return "\(begun), \(phase.endingVerb); when is not on record" }
        return moment <= end
            ? "\(begun), \(spanForPeople(end - moment)) left" : "\(begun), \(spanForPeople(moment - end)) over its end"
    }

    /// Whether the phase began or ended later than planned, or is not finished although its end has passed.
    func isLate(_ phase: RolloutReport.PhaseReport, at moment: Moment) -> Bool {
        guard let (start, end) = window else { return false }
        guard let from = phase.from else { return start <= moment }
        return from > start || (phase.to ?? moment) > end
    }
}

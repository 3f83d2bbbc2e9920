import PhasegateCore

/// How many alerts meant something: firings with a failing criterion or a stopping decision in their episode.
///
/// An episode lasts from its beginning to the notice that resolves it, or to the
/// report. Test notices do not count.
struct AlertPrecision {
    /// An alert with what it coincided with.
    struct Firing {
        let line: RolloutReport.NoticeReport
        /// What happened in its episode; nothing for a false alarm.
        let coincidence: String?
    }

    let firings: [Firing]
    /// Holds and rollbacks that no alert covered.
    let unannounced: [(phase: RolloutReport.PhaseReport, interruption: RolloutReport.Interruption)]

    init(_ report: RolloutReport, in span: ReviewSpan) {
        let fired = report.notices.filter { $0.notice.kind == .fired && span.contains($0.notice.raisedAt) }
        firings = fired.map { Firing(line: $0, coincidence: Self.coincidence(with: $0.notice, in: report, span)) }
        let allFired = report.notices.map(\.notice).filter { $0.kind == .fired }
        unannounced = report.phases.flatMap { phase in
            phase.interruptions.filter { span.contains($0.from) }.filter { interruption in
                !allFired.contains { notice in
                    let end = Self.end(of: notice, in: report, span)
                    return (notice.phase == nil || notice.phase == phase.name) && notice.startedAt <= end
                        && interruption.from <= end && (interruption.to ?? span.until) >= notice.startedAt
                }
            }.map { (phase, $0) }
        }
    }

    /// The share in words.
    var sentence: String {
        guard !firings.isEmpty else { return "Alert precision was not measured: no alert fired in this time." }
        let hits = firings.count { $0.coincidence != nil }
        let percent = shortDecimal((1000 * Double(hits) / Double(firings.count)).rounded() / 10)
        return "Alert precision: \(hits) of \(counted(firings.count, "alert")) (\(percent) %) coincided with a failing "
            + "criterion or a stopping decision."
    }

    /// What no alert announced, in words.
    var unannouncedSentence: String {
        unannounced.isEmpty
            ? "No hold or rollback on record was without an alert."
            : "Without an alert: \(counted(unannounced.count, "hold or rollback", "holds and rollbacks"))."
    }

    private static func end(of notice: Notice, in report: RolloutReport, _ span: ReviewSpan) -> Moment {
        report.notices.map(\.notice).filter {
            $0.kind == .resolved && $0.episode == notice.episode && $0.raisedAt >= notice.raisedAt
        }.map(\.raisedAt).min() ?? span.until
    }

    private static func coincidence(
        with notice: Notice,
        in report: RolloutReport,
        _ span: ReviewSpan
    ) -> String? {
        let start = min(notice.startedAt, notice.raisedAt)
        let end = end(of: notice, in: report, span)
        let phases = report.phases.filter { notice.phase == nil || notice.phase == $0.name }
        for phase in phases {
            for criterion in phase.criteria where notice.criteria.contains(criterion.name) {
                if let failed = criterion.failedAt(between: start, and: end) {
                    return "'\(criterion.name)' failed at \(failed.forPeople)"
                }
            }
        }
        for interruption in phases.flatMap(\.interruptions)
        where interruption.from <= end && (interruption.to ?? span.until) >= start {
            return "\(interruption.kind.word) at \(interruption.from.forPeople): \(interruption.reason)"
        }
        return report.log.first { line in
            (notice.phase == nil || notice.phase == line.phase) && start <= line.at && line.at <= end
                && line.isStop
        }.map { "\($0.kind) at \($0.at.forPeople): \($0.sentence)" }
    }
}

extension RolloutReport.Interruption.Kind {
    /// What happened, for people.
    var word: String {
        switch self {
        case .held: "held"
        case .undoing: "rolled back"
        }
    }
}

extension RolloutReport.CriterionReport {
    /// When it was seen to fail in a span of time, ends included.
    fileprivate func failedAt(between start: Moment, and end: Moment) -> Moment? {
        let ceilings = limits.filter { $0.kind == .fail && $0.isCeiling }.map(\.value)
        let floors = limits.filter { $0.kind == .fail && !$0.isCeiling }.map(\.value)
        let sample = history.first { sample in
            start <= sample.at && sample.at <= end
                && (ceilings.contains { sample.value > $0 } || floors.contains { sample.value < $0 })
        }
        if let sample { return sample.at }
        guard let finding, finding.outcome == .fail, let at = finding.observedAt, start <= at, at <= end else {
            return nil
        }
        return at
    }
}

extension RolloutReport.LogLine {
    /// What a line says before its colon: `recycle → rollback` or `rolled-back`.
    private var lead: [Substring] {
        sentence.prefix(200).prefix { $0 != ":" }.split { !($0.isLetter || $0 == "-") }
    }

    /// What was decided, where the line is a decision that stops or takes back.
    var stoppingAction: Decision.Action? {
        guard kind == "decided", let action = lead.last.flatMap({ Decision.Action(rawValue: String($0)) }),
            action != .wait, action != .advance
        else { return nil }
        return action
    }

    /// Where the rollout came to rest, where the line says so and it did not finish.
    var unhappyStatus: RolloutStatus? {
        guard kind == "settled", let status = lead.first.flatMap({ RolloutStatus(rawValue: String($0)) }),
            status != .finished, status != .running
        else { return nil }
        return status
    }

    /// Whether the line stops the rollout or takes something back.
    var isStop: Bool { stoppingAction != nil || unhappyStatus != nil }
}

import PhasegateCore

/// How many alerts meant something: firings with a failing criterion or a stopping decision in their episode.
///
/// An episode lasts from its beginning to the notice that resolves it, or to the
/// report. Test notices do not count. What the record does not hold is no
/// reason to call an alert false.
struct AlertPrecision {
    /// What an alert coincided with.
    enum Meaning: Hashable {
        case coincided(with: String)
        /// All that it names was measured in its episode, and nothing failed or stopped.
        case falseAlarm
        /// Why the record cannot tell.
        case undetermined(String)
    }

    /// An alert with what it coincided with.
    struct Firing {
        let line: RolloutReport.NoticeReport
        let meaning: Meaning

        var isFalseAlarm: Bool { meaning == .falseAlarm }
    }

    let firings: [Firing]
    /// Holds and rollbacks that no alert covered.
    let unannounced: [(phase: RolloutReport.PhaseReport, interruption: RolloutReport.Interruption)]

    init(_ report: RolloutReport, in span: ReviewSpan) {
        let answers = NoticeAnswers(report.notices)
        let alerts = report.notices.filter { $0.notice.kind == .fired }.map { line in
            (line: line, end: answers.resolution(after: line.notice) ?? span.until)
        }
        let record = AlertRecord(report, span)
        firings = alerts.filter { span.contains($0.line.notice.raisedAt) }.map { alert in
            Firing(line: alert.line, meaning: record.meaning(of: alert.line.notice, until: alert.end))
        }
        let covered = AlertCover(alerts.map { ($0.line.notice, $0.end) })
        unannounced = report.phases.flatMap { phase in
            phase.interruptions.filter { span.contains($0.from) }.filter { interruption in
                !covered.overlaps(interruption.from, interruption.to ?? span.until, in: phase.name)
            }.map { (phase, $0) }
        }
    }

    /// The share in words.
    var sentence: String {
        guard !firings.isEmpty else { return "Alert precision was not measured: no alert fired in this time." }
        let judged = firings.count { if case .undetermined = $0.meaning { false } else { true } }
        let open = firings.count - judged
        guard judged > 0 else {
            return "Alert precision is not determinable from the record: it does not hold what "
                + "\(counted(open, "alert")) coincided with."
        }
        let hits = judged - firings.count(where: \.isFalseAlarm)
        let percent = shortDecimal((1000 * Double(hits) / Double(judged)).rounded() / 10)
        return "Alert precision: \(hits) of \(counted(judged, "alert")) (\(percent) %) coincided with a failing "
            + "criterion or a stopping decision."
            + (open == 0 ? "" : " For \(grouped(open)) more it is not determinable from the record.")
    }

    /// What no alert announced, in words.
    var unannouncedSentence: String {
        unannounced.isEmpty
            ? "No hold or rollback on record was without an alert."
            : "Without an alert: \(counted(unannounced.count, "hold or rollback", "holds and rollbacks"))."
    }
}

/// What alerts are held against, put in order once for all of them.
private struct AlertRecord {
    /// A phase with its interruptions by their beginnings, each with the latest end of those up to it.
    private struct PhaseRecord {
        let phase: RolloutReport.PhaseReport
        let interruptions: [(interruption: RolloutReport.Interruption, latestEnd: Moment)]
        let boundsChangedAt: Moment?
    }

    private let phases: [PhaseRecord]
    /// Stops of each phase and of all together, by their moments.
    private let stops: [PhaseName?: [RolloutReport.LogLine]]

    init(_ report: RolloutReport, _ span: ReviewSpan) {
        let planChangedAt = report.log.last { $0.kind == "plan-changed" }?.at
        var frozenAt: [PhaseName?: Moment] = [:]
        for line in report.log where line.kind == "baselines" { frozenAt[line.phase] = line.at }
        phases = report.phases.map { phase in
            var latest: Moment?
            let interruptions = phase.interruptions.sorted { $0.from < $1.from }.map { interruption in
                let end = interruption.to ?? span.until
                latest = latest.map { max($0, end) } ?? end
                return (interruption, latest ?? end)
            }
            return PhaseRecord(
                phase: phase,
                interruptions: interruptions,
                boundsChangedAt: [planChangedAt, frozenAt[phase.name]].compactMap(\.self).max()
            )
        }
        let stops = report.log.filter(\.isStop).sorted { $0.at < $1.at }
        self.stops = Dictionary(grouping: stops, by: \.phase).merging([nil: stops]) { _, all in all }
    }

    func meaning(of notice: Notice, until end: Moment) -> AlertPrecision.Meaning {
        let start = min(notice.startedAt, notice.raisedAt)
        let concerned = phases.filter { notice.phase == nil || notice.phase == $0.phase.name }
        let named = concerned.flatMap { record in
            record.phase.criteria.filter { notice.criteria.contains($0.name) }.map { criterion in
                (criterion.name, criterion.failure(between: start, and: end, changedAt: record.boundsChangedAt))
            }
        }
        for (name, evidence) in named {
            if case .failed(let moment) = evidence {
                return .coincided(with: "'\(name)' failed at \(moment.forPeople)")
            }
        }
        for record in concerned {
            // The latest end reaches the alert first with the one that lasts into it.
            let index = record.interruptions.firstIndexBySearch { $0.latestEnd >= start }
            guard record.interruptions.indices.contains(index) else { continue }
            let interruption = record.interruptions[index].interruption
            guard interruption.from <= end else { continue }
            return .coincided(
                with: "\(interruption.kind.word) at \(interruption.from.forPeople): \(interruption.reason)"
            )
        }
        if let stops = stops[notice.phase] {
            let index = stops.firstIndexBySearch { $0.at >= start }
            if stops.indices.contains(index), stops[index].at <= end {
                let stop = stops[index]
                return .coincided(with: "\(stop.kind) at \(stop.at.forPeople): \(stop.sentence)")
            }
        }
        for (_, evidence) in named {
            if case .unknown(let why) = evidence { return .undetermined(why) }
        }
        if notice.criteria.isEmpty { return .undetermined("the alert names no criterion") }
        let missing = notice.criteria.first { name in !named.contains { $0.0 == name } }
        return missing.map { .undetermined("the report has no criterion '\($0)'") } ?? .falseAlarm
    }
}

/// Spans of time with an alert, phase by phase, so that looking one up needs not all of them.
private struct AlertCover {
    /// By their beginnings, each with the latest end of those up to it.
    private var spans: [PhaseName?: [(start: Moment, latestEnd: Moment)]] = [:]

    init(_ alerts: [(notice: Notice, end: Moment)]) {
        let lasting = alerts.filter { $0.notice.startedAt <= $0.end }
        for (phase, group) in Dictionary(grouping: lasting, by: \.notice.phase) {
            var latest: Moment?
            spans[phase] = group.sorted { $0.notice.startedAt < $1.notice.startedAt }.map { alert in
                let end = latest.map { max($0, alert.end) } ?? alert.end
                latest = end
                return (alert.notice.startedAt, end)
            }
        }
    }

    /// Whether an alert about the phase, or about none, lies in a span of time, ends included.
    func overlaps(_ from: Moment, _ to: Moment, in phase: PhaseName) -> Bool {
        [phase, nil].contains { name in
            guard let spans = spans[name] else { return false }
            let index = spans.firstIndexBySearch { $0.start > to }
            return index > 0 && spans[index - 1].latestEnd >= from
        }
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

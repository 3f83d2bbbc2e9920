import PhasegateCore

/// What reviews are filled from: the report, and the time they look at.
struct ReviewRecord {
    let report: RolloutReport
    let span: ReviewSpan
    /// What became of the answers that notices ask for.
    let answers: NoticeAnswers

    init(_ report: RolloutReport, _ span: ReviewSpan) {
        self.report = report
        self.span = span
        answers = NoticeAnswers(report.notices)
    }

    typealias Cell = Review.Cell
    typealias Table = Review.Table
    typealias Action = Review.Action

    /// Phases somebody worked on in the span, in their order.
    var activePhases: [RolloutReport.PhaseReport] {
        report.phases.filter { phase in phase.from.map { span.overlaps($0, phase.endedAt) } ?? false }
    }

    /// People who answer for risks, each once; nothing where the register names nobody.
    func owners(of risks: [RiskID]) -> String? {
        var names: [String] = []
        for risk in report.risks where risks.contains(risk.id) {
            if let owner = risk.owner, !owner.isEmpty, !names.contains(owner) { names.append(owner) }
        }
        return names.isEmpty ? nil : names.joined(separator: ", ")
    }

    // MARK: Risks

    /// The register in both voices.
    func registerTable(_ risks: [RiskAppraisal], _ caption: String) -> Table {
        Table(
            caption,
            ["Risk", "Declared level", "Derived level", "Counts as", "Raised by", "Evidence", "Owner"],
            risks.map { risk in
                [
                    Cell("\(risk.id) \(risk.title)"), Cell(risk.declared.level ?? "none given"),
                    Cell(risk.derivedLevel ?? "not on the grid"), Cell(risk.level),
                    risk.raisedBy.isEmpty
                        ? Cell("no failing criterion")
                        : Cell(risk.raisedBy.map { "'\($0)'" }.joined(separator: ", "), tone: .fail),
                    risk.isMeasured ? Cell("measured") : Cell("not measured", tone: .unknown),
                    Cell(risk.owner ?? "nobody named"),
                ]
            }
        )
    }

    /// How many risks count as which level, highest first; levels that are not on the grid come before all.
    func levelsSentence(_ risks: [RiskAppraisal]) -> String {
        let known = report.grid.levels
        let strays = Set(risks.map(\.level)).subtracting(known).sorted()
        let counts = (strays + known.reversed()).compactMap { level -> String? in
            let count = risks.count { $0.level == level }
            return count == 0 ? nil : "\(count) \(level.isEmpty ? "without a level" : level)"
        }
        return "\(counted(risks.count, "risk")): \(counts.joined(separator: ", "))."
    }

    /// Alerts about risks in the span, one sentence a risk.
    func raisingSentences(_ risks: [RiskAppraisal]) -> [String] {
        risks.compactMap { risk in
            let times = report.notices.map(\.notice).filter {
                $0.risk == risk.id && $0.kind == .fired && span.contains($0.raisedAt)
            }.map(\.raisedAt)
            guard let last = times.max() else { return nil }
            return "\(risk.id) was raised \(counted(times.count, "time")) in this time, last at \(last.forPeople)."
        }
    }

    // MARK: Criteria

    /// Whether a criterion was measured in the span.
    func isMeasured(_ criterion: RolloutReport.CriterionReport) -> Bool {
        guard let finding = criterion.finding, finding.outcome != .unknown else { return false }
        return (finding.observedAt ?? criterion.history.last?.at).map { span.contains($0) } ?? false
    }

    /// Values against bounds and baselines.
    func criteriaTable(_ criteria: [RolloutReport.CriterionReport], _ caption: String) -> Table {
        Table(
            caption,
            ["Criterion", "Role", "Condition", "Baseline", "Observed", "Finding", "Reason"],
            criteria.map { criterion in
                [
                    Cell(criterion.name.rawValue), Cell("\(criterion.role.rawValue), \(criterion.strength.rawValue)"),
                    Cell(criterion.bound.isEmpty ? criterion.finding?.bound ?? "none" : criterion.bound),
                    Cell(criterion.finding?.baseline ?? "none"), Cell(criterion.finding?.observed ?? "not measured"),
                    Cell(Badge(finding: criterion.finding?.outcome)),
                    Cell(criterion.finding?.reasonWithNote ?? "never weighed"),
                ]
            }
        )
    }

    /// How criteria stand, counted.
    func tallySentence(_ criteria: [RolloutReport.CriterionReport]) -> String {
        let words: [(Finding.Outcome?, String)] = [
            (.fail, "fail"), (.unknown, "unknown"), (.warn, "warn"), (.pass, "pass"), (nil, "not weighed yet"),
        ]
        let counts = words.compactMap { outcome, word -> String? in
            let count = criteria.count { $0.finding?.outcome == outcome }
            return count == 0 ? nil : "\(count) \(word)"
        }
        return "\(counted(criteria.count, "criterion", "criteria")): \(counts.joined(separator: ", "))."
    }

    // MARK: Mitigations

    /// A mitigation with the criteria that name its source, and how they stand.
    func mitigationRow(_ mitigation: Mitigation, of phase: RolloutReport.PhaseReport) -> (row: [Cell], badge: Badge) {
        let criteria = evidence(for: mitigation, in: phase)
        let badge = standing(of: criteria)
        let names = criteria.map { criterion in
            "'\(criterion.name)' \(Badge(finding: criterion.finding?.outcome).word.renderText)"
        }
        let row = [
            Cell(phase.name.rawValue), Cell(mitigation.text),
            Cell(names.isEmpty ? "no criterion names its source" : names.joined(separator: ", ")), Cell(badge),
        ]
        return (row, badge)
    }

    static let mitigationColumns = ["Phase", "Mitigation", "Criteria of the same source", "Effect"]

    private func evidence(
        for mitigation: Mitigation,
        in phase: RolloutReport.PhaseReport
    ) -> [RolloutReport.CriterionReport] {
        phase.criteria.filter { criterion in criterion.sources.contains { mitigation.sources.contains($0) } }
    }

    /// The worst of the criteria; what was not measured in the span shows nothing about it.
    private func standing(of criteria: [RolloutReport.CriterionReport]) -> Badge {
        let outcomes = criteria.map { $0.finding?.outcome }
        if criteria.isEmpty { return Badge(.unknown, "no evidence") }
        if outcomes.contains(.fail) { return Badge(.fail, "failed") }
        if outcomes.contains(.unknown) { return Badge(.unknown, "not measured") }
        if outcomes.contains(nil) { return Badge(.wait, "not weighed yet") }
        if !criteria.allSatisfy(isMeasured) { return Badge(.unknown, "no evidence from this time") }
        return outcomes.contains(.warn) ? Badge(.warn, "measured, warned") : Badge(.pass, "measured and passed")
    }

    // MARK: Time

    /// Planned windows against what happened.
    func timelineTable(_ phases: [RolloutReport.PhaseReport]) -> Table {
        Table(
            "Planned windows and what happened, as of \(report.generatedAt.forPeople) UTC",
            ["Phase", "State", "Planned", "Actual", "Deviation"],
            phases.map { phase in
                [
                    Cell(phase.title.isEmpty ? phase.name.rawValue : phase.title), Cell(Badge(phase.progress)),
                    Cell(phase.plannedSentence), Cell(phase.actualSentence(at: report.generatedAt)),
                    Cell(PlanDeviation(of: phase, in: report).sentence(of: phase, at: report.generatedAt)),
                ]
            }
        )
    }

    typealias Stop = (phase: RolloutReport.PhaseReport, interruption: RolloutReport.Interruption)

    /// Holds and rollbacks that lie in the span, at least in part.
    func stops(in phases: [RolloutReport.PhaseReport]) -> [Stop] {
        phases.flatMap { phase in
            phase.interruptions.filter { span.overlaps($0.from, $0.to) }.map { (phase, $0) }
        }
    }

    /// Holds and rollbacks with reasons and durations.
    func stopsTable(_ stops: [Stop]) -> Table {
        Table(
            "Holds and rollbacks",
            ["What", "Phase", "From (UTC)", "To (UTC)", "Duration in this time", "Reason"],
            stops.map { phase, stop in
                [
                    Cell(stop.kind.word, tone: stop.kind == .held ? .hold : .fail), Cell(phase.name.rawValue),
                    Cell(stop.from.forPeople), Cell(stop.to?.forPeople ?? "still so"),
                    Cell(spanForPeople(span.duration(stop.from, stop.to))),
                    Cell(stop.reason.isEmpty ? "no reason recorded" : stop.reason),
                ]
            }
        )
    }

    /// How often and how long the phases stood still or were taken back.
    func stopsSentence(_ stops: [Stop]) -> String {
        guard !stops.isEmpty else { return "No hold and no rollback is on record for this time." }
        let parts = [RolloutReport.Interruption.Kind.held, .undoing].compactMap { kind -> String? in
            let those = stops.filter { $0.interruption.kind == kind }
            guard !those.isEmpty else { return nil }
            let total = those.reduce(Duration.zero) { $0 + span.duration($1.interruption.from, $1.interruption.to) }
            return "\(counted(those.count, kind == .held ? "hold" : "rollback")), \(spanForPeople(total)) together"
        }
        return parts.joined(separator: "; ") + "."
    }

    /// Lines of the log in the span that changed the course.
    func courseTable(of phase: PhaseName? = nil) -> Table {
        let kinds: Set<String> = ["resumed", "requested", "plan-changed", "failed"]
        let lines = report.log.filter { line in
            span.contains(line.at) && (phase == nil || line.phase == phase)
                && (kinds.contains(line.kind) || line.isStop)
        }
        return Table(
            "Entries of the log that changed the course",
            ["No.", "Time (UTC)", "Who", "Phase", "What", "In words"],
            lines.map { line in
                [
                    Cell(String(line.sequence)), Cell(line.at.forPeople), Cell(line.actor),
                    Cell(line.phase?.rawValue ?? "none"), Cell(line.kind), Cell(line.sentence),
                ]
            }
        )
    }

    // MARK: People

    /// What the gates and statements wait for.
    var requests: [Action] {
        let hasNotices = report.notices.contains { answers.isUnanswered($0) }
        return report.countdowns.compactMap { countdown in
            switch countdown.kind {
            case .approvals: Action("Approve '\(countdown.label)': \(countdown.left)", due: countdown.deadline)
            case .attestation: Action("Attest '\(countdown.label)': \(countdown.left)", due: countdown.deadline)
            // The notices themselves say more.
            case .acknowledgement where !hasNotices:
                Action("Answer '\(countdown.label)': \(countdown.left)", due: countdown.deadline)
            case .soak, .timeout, .condition, .waiver, .acknowledgement: nil
            }
        } + unansweredActions
    }

    /// Notices nobody has answered.
    var unansweredActions: [Action] {
        report.notices.filter { answers.isUnanswered($0) }.map { line in
            Action(
                "Answer notice \(line.notice.id): \(line.notice.title)",
                owner: line.notice.audience.joined(separator: ", "),
                due: line.notice.acknowledgeBy
            )
        }
    }

    /// Conditions and waivers that are open, of one phase or of all.
    func leftovers(of phase: RolloutReport.PhaseReport? = nil) -> (table: Table, actions: [Action]) {
        var rows: [[Cell]] = []
        var actions: [Action] = []
        // Not what gates once said: a condition that a later round found put right is over.
        for open in report.countdowns where open.kind == .condition && (phase == nil || open.phase == phase?.name) {
            rows.append([
                Cell("condition", tone: .warn), Cell("\(open.phase.map { "\($0) / " } ?? "")\(open.label)"),
                Cell(open.left), Cell("no time recorded"),
            ])
            actions.append(Action("Put right what '\(open.label)' opened under: \(open.left)"))
        }
        for waiver in report.signatures where waiver.kind == .waiver && (phase == nil || waiver.phase == phase?.name) {
            rows.append([
                Cell("waiver, \(waiver.standing)", tone: .warn), Cell(waiver.subject),
                Cell("\(waiver.by): \(waiver.because)"), Cell(waiver.expires?.forPeople ?? "no end"),
            ])
            if waiver.standing == "in force" {
                actions.append(
                    Action(
                        "End the waiver of '\(waiver.subject)' or sign it anew",
                        owner: waiver.by,
                        due: waiver.expires
                    )
                )
            }
        }
        return (Table("Conditions and waivers", ["What", "Where", "In words", "Until (UTC)"], rows), actions)
    }

    // MARK: Notices

    /// Notices in the span with what came of them.
    func noticesTable(_ lines: [RolloutReport.NoticeReport]) -> Table {
        Table(
            "Notices",
            ["Notice", "Kind", "Level", "Raised (UTC)", "Told", "Delivery", "Answer", "Title"],
            lines.map { line in
                [
                    Cell(line.notice.id.rawValue), Cell(line.notice.kind.rawValue), Cell(line.notice.level),
                    Cell(line.notice.raisedAt.forPeople),
                    Cell(line.notice.audience.isEmpty ? "nobody named" : line.notice.audience.joined(separator: ", ")),
                    Cell(line.deliverySentence),
                    answer(to: line),
                    Cell(line.notice.title),
                ]
            }
        )
    }

    private func answer(to line: RolloutReport.NoticeReport) -> Cell {
        switch answers.standing(of: line) {
        case .answered(let answer): Cell("\(answer.by) at \(answer.at.forPeople): \(answer.because)")
        case .awaited: Cell("none yet", tone: .hold)
        case .resolvedWithoutAnswer: Cell("resolved without an answer")
        case .notAskedFor: Cell("none asked for")
        }
    }
}

extension Finding {
    /// Why it stands so, and what else has to be said beside it.
    var reasonWithNote: String { note.isEmpty ? reason : "\(reason) (\(note))" }
}

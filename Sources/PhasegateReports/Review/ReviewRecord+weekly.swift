import PhasegateCore

extension ReviewRecord {
    /// The five points of the weekly agenda, in its order.
    var weeklyAgenda: [Review.Section] {
        [registerUpdate, mitigationEffectiveness, timelineImpact, resourceReallocation, communication]
    }

    private var registerUpdate: Review.Section {
        let risks = report.risks
        guard !risks.isEmpty else {
            return Review.Section(
                "Risk register update",
                ["S2-116"],
                ["There is nothing to update: the rollout names no register of risks."],
                [planFindings],
                []
            )
        }
        let raised = risks.filter { !$0.raisedBy.isEmpty }
        let unmeasured = risks.filter { !$0.isMeasured }
        let disagreeing = risks.compactMap { risk in risk.disagreement.map { "\(risk.id): \($0)" } }
        let sentences =
            [
                levelsSentence(risks),
                raised.isEmpty
                    ? "No failing criterion raises a risk."
                    : "Raised now: \(raised.map(\.id.rawValue).joined(separator: ", ")).",
            ] + raisingSentences(risks) + [
                disagreeing.isEmpty
                    ? "Declared and derived levels agree."
                    : "Declared otherwise than the grid derives; the stricter level counts: "
                        + "\(disagreeing.joined(separator: "; ")).",
                unmeasured.isEmpty
                    ? "Every risk has a criterion that was measured."
                    : "Not measured, and therefore not small: \(unmeasured.map(\.id.rawValue).joined(separator: ", ")).",
            ]
        let actions =
            raised.map { Action("Decide what is done about \($0.id) \($0.title)", owner: $0.owner) }
            + unmeasured.map { Action("Have \($0.id) \($0.title) measured", owner: $0.owner) }
            + risks.filter { $0.disagreement != nil }.map {
                Action("Correct the level of \($0.id) or have the difference signed", owner: $0.owner)
            }
        return Review.Section(
            "Risk register update",
            ["S2-116"],
            sentences,
            [registerTable(risks, "The register as of \(report.generatedAt.forPeople) UTC"), planFindings],
            actions
        )
    }

    private var planFindings: Table {
        Table(
            "What does not add up in the plan",
            ["Severity", "Finding", "Way out"],
            report.planFindings.map { [Cell(Badge($0.severity)), Cell($0.message), Cell($0.hint ?? "none named")] }
        )
    }

    private var mitigationEffectiveness: Review.Section {
        let rows = activePhases.flatMap { phase in
            phase.mitigations.map { (phase: phase, mitigation: $0, standing: mitigationRow($0, of: phase)) }
        }
        var sentences: [String] = []
        if activePhases.isEmpty {
            sentences.append("No mitigation was put to the test: no phase was under way in this time.")
        } else if rows.isEmpty {
            sentences.append(
                "No mitigation can be judged: the phases under way in this time (\(names(activePhases))) plan none."
            )
        } else {
            func count(_ tone: Badge.Tone) -> Int { rows.count { $0.standing.badge.tone.renderText == tone.rawValue } }
            let (passed, warned, failed) = (count(.pass), count(.warn), count(.fail))
            sentences.append(
                "\(counted(rows.count, "mitigation")) of \(names(activePhases)): \(passed) measured and passed, "
                    + "\(warned) measured and warned, \(failed) failed, "
                    + "\(rows.count - passed - warned - failed) without full evidence from this time."
            )
            sentences.append("A mitigation is measured by the criteria that name the same source; nothing else counts.")
        }
        let actions = rows.compactMap { phase, mitigation, standing -> Action? in
            switch Badge.Tone(rawValue: standing.badge.tone.renderText) {
            case .fail, .warn: Action("Improve or replace: \(mitigation.text)", owner: owners(of: phase.risks))
            case .unknown: Action("Show that it works: \(mitigation.text)", owner: owners(of: phase.risks))
            default: nil
            }
        }
        return Review.Section(
            "Mitigation effectiveness",
            ["S2-116"],
            sentences,
            [Table("Mitigations and their evidence", Self.mitigationColumns, rows.map(\.standing.row))],
            actions
        )
    }

    private func names(_ phases: [RolloutReport.PhaseReport]) -> String {
        phases.map { "'\($0.name)'" }.joined(separator: ", ")
    }

    private var timelineImpact: Review.Section {
        guard !report.phases.isEmpty else {
            return Review.Section(
                "Timeline impact",
                ["S2-116", "S2-121"],
                ["There is no timeline: the rollout has no phases."],
                [],
                []
            )
        }
        let stops = stops(in: report.phases)
        let late = report.phases.filter { PlanDeviation(of: $0, in: report).isLate($0, at: report.generatedAt) }
        let unplaced = report.phases.filter { !PlanDeviation(of: $0, in: report).isPlaced }
        let isAnyPlaced = unplaced.count < report.phases.count
        var sentences: [String] = []
        if !late.isEmpty {
            sentences.append("Late against the plan: \(names(late)).")
        } else if isAnyPlaced {
            sentences.append(
                unplaced.isEmpty ? "No phase is late." : "No phase that can be compared with its window is late."
            )
        }
        let unreadable = unplaced.filter { $0.window != nil }
        if !unreadable.isEmpty {
            sentences.append(
                "Whether late cannot be said, because the window cannot be placed in the calendar: \(names(unreadable))."
            )
        }
        let unplanned = unplaced.filter { $0.window == nil }
        if !unplanned.isEmpty { sentences.append("Without a planned window: \(names(unplanned)).") }
        sentences.append(stopsSentence(stops))
        if report.openedAt == nil { sentences.append("The rollout has not begun.") }
        let timeouts = report.countdowns.filter { $0.kind == .soak || $0.kind == .timeout }
        sentences += timeouts.map { countdown in
            let until = countdown.deadline.map { ", until \($0.forPeople) UTC" } ?? ""
            return "Running: \(countdown.kind.rawValue) of '\(countdown.label)', \(countdown.left)\(until)."
        }
        return Review.Section(
            "Timeline impact",
            ["S2-116", "S2-121"],
            sentences,
            [timelineTable(report.phases), stopsTable(stops), courseTable()],
            stops.filter { $0.interruption.to == nil && $0.interruption.kind == .held }.map { phase, stop in
                Action("End the hold of '\(phase.name)': \(stop.reason)", owner: owners(of: phase.risks))
            }
        )
    }

    private var resourceReallocation: Review.Section {
        let raised = report.risks.filter { !$0.raisedBy.isEmpty }
        let requests = requests
        let leftovers = leftovers()
        let unowned = raised.filter { ($0.owner ?? "").isEmpty }
        var sentences = [
            requests.isEmpty
                ? "Nobody is waited for: no approval, attestation or answer is outstanding."
                : "Waiting for people: \(counted(requests.count, "request")).",
            raised.isEmpty
                ? "No risk is raised, so no owner is called."
                : "Owners of raised risks: "
                    + raised.map { "\($0.id) \($0.owner.map { $0.isEmpty ? "nobody named" : $0 } ?? "nobody named")" }
                    .joined(separator: ", ") + ".",
        ]
        if !leftovers.actions.isEmpty {
            sentences.append(
                "To be worked off: \(counted(leftovers.actions.count, "condition or waiver", "conditions and waivers"))."
            )
        }
        return Review.Section(
            "Resource reallocation",
            ["S2-116"],
            sentences,
            [leftovers.table],
            requests + unowned.map { Action("Name an owner of \($0.id) \($0.title)") } + leftovers.actions
        )
    }

    private var communication: Review.Section {
        let lines = report.notices.filter { span.contains($0.notice.raisedAt) }
        let next = report.generatedAt + .seconds(7 * 86_400)
        var sentences: [String] = []
        if lines.isEmpty {
            let older = report.notices.count
            sentences.append(
                older == 0
                    ? "Nobody was told anything: no notice is on record."
                    : "No notice was raised in this time; \(counted(older, "notice")) outside it."
            )
        } else {
            let arrived = lines.count { line in
                !line.carriers.isEmpty && line.carriers.allSatisfy { $0.progress == .arrived }
            }
            let dead = lines.count { line in line.carriers.contains { $0.progress == .dead } }
            sentences.append(
                "\(counted(lines.count, "notice")): \(arrived) delivered on every channel, \(dead) given up on a channel, "
                    + "\(lines.count - arrived - dead) waiting, dropped or without a channel."
            )
        }
        let unanswered = report.notices.filter { answers.isUnanswered($0) }
        sentences.append(
            unanswered.isEmpty
                ? "No notice waits for an answer."
                : "Unanswered: \(unanswered.map(\.notice.id.rawValue).joined(separator: ", "))."
        )
        sentences.append("Next weekly review: \(next.forPeople.prefix(10)).")
        return Review.Section(
            "Communication",
            ["S2-116"],
            sentences,
            [noticesTable(lines)],
            [Action("Hold the next weekly review", due: next)]
                + report.notices.flatMap { line in
                    line.carriers.filter { $0.progress == .dead }.map {
                        Action("Tell people of notice \(line.notice.id) otherwise: channel '\($0.channel)' gave up")
                    }
                }
        )
    }
}

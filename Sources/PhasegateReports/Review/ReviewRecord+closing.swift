import PhasegateCore

extension ReviewRecord {
    /// What is asked when a rollout is over.
    var closingAgenda: [Review.Section] {
        [course, exposure, statistics, incidentSection, alerts, lessons, openEnds]
    }

    private func section(
        _ heading: String,
        _ sentences: [String],
        _ tables: [Table] = [],
        _ actions: [Action] = [],
        source: String = "S2-122"
    ) -> Review.Section {
        Review.Section(heading, [source], sentences, tables, actions)
    }

    private var course: Review.Section {
        guard !report.phases.isEmpty else {
            return section("How it went", ["Nothing went: the rollout has no phases."])
        }
        let finished = report.phases.count { $0.progress == .finished }
        return section(
            "How it went",
            [
                "\(finished) of \(counted(report.phases.count, "phase")) finished.",
                stopsSentence(stops(in: report.phases)),
            ],
            [timelineTable(report.phases)]
        )
    }

    private var exposure: Review.Section {
        let points = report.exposures.filter { span.contains($0.at) }
        guard !points.isEmpty else {
            return section("Exposure history", ["Nobody has been exposed in this time: no flag was moved."])
        }
        var shares: [FlagKey: BasisPoints] = [:]
        var backwards = 0
        let rows = points.map { point -> [Cell] in
            let before = shares[point.flag] ?? .none
            shares[point.flag] = point.share
            if point.share < before { backwards += 1 }
            let change = point.share < before ? Cell("taken back", tone: .fail) : Cell("widened", tone: .present)
            return [
                Cell(point.at.forPeople), Cell(point.flag.rawValue), Cell("\(point.share)"),
                point.share == before ? Cell("unchanged") : change,
            ]
        }
        let last = shares.sorted { $0.key < $1.key }.map { "\($0.value) of users, flag '\($0.key)'" }
        return section(
            "Exposure history",
            [
                "\(counted(points.count, "step")), \(backwards) of them taken back.",
                "In the end: \(last.joined(separator: "; ")).",
            ],
            [Table("Steps of exposure", ["Time (UTC)", "Flag", "Users", "Change"], rows)]
        )
    }

    private var statistics: Review.Section {
        let all = report.phases.flatMap(\.criteria)
        guard !all.isEmpty else {
            return section("Criteria statistics", ["There is nothing to count: the phases have no criteria."])
        }
        let rows = report.phases.map { phase -> [Cell] in
            func count(_ outcome: Finding.Outcome?) -> Cell {
                Cell(grouped(phase.criteria.count { $0.finding?.outcome == outcome }))
            }
            let rounds = phase.criteria.reduce(0) { $0 + $1.rounds }
            let failures = phase.criteria.reduce(0) { $0 + $1.failures }
            return [
                Cell(phase.name.rawValue), count(.pass), count(.warn), count(.fail), count(.unknown), count(nil),
                Cell(grouped(rounds)), Cell(grouped(failures)), Cell(share(failures, of: rounds)),
            ]
        }
        let columns = [
            "Phase", "Pass", "Warn", "Fail", "Unknown", "Not weighed", "Weighings", "Not passed", "Share",
        ]
        return section(
            "Criteria statistics",
            [tallySentence(all)],
            [
                Table("How the criteria stand, by phase", columns, rows),
                roundsTable(all.filter { $0.failures > 0 }),
            ]
        )
    }

    /// A rollback, a kill, a freeze or a stop.
    struct Incident {
        let at: Moment
        let phase: PhaseName?
        let what: String
        let reason: String

        init(at: Moment, phase: PhaseName?, what: String, reason: String) {
            self.at = at
            self.phase = phase
            self.what = what
            // Reasons go on into sentences; cut before they are copied.
            self.reason = shortened(reason, to: 300)
        }
    }

    /// Rollbacks as the phases hold them, and decisions and ends of the log that none of them covers.
    var incidents: [Incident] {
        let undoings = report.phases.flatMap { phase in
            phase.interruptions.filter { $0.kind == .undoing && span.overlaps($0.from, $0.to) }.map { (phase.name, $0) }
        }
        var all = undoings.map { Incident(at: $1.from, phase: $0, what: "rolled back", reason: $1.reason) }
        var decided: PhaseName??
        for line in report.log where span.contains(line.at) {
            let isCovered = undoings.contains { phase, undoing in
                phase == line.phase && undoing.from <= line.at && line.at <= undoing.to ?? span.until
            }
            if let action = line.stoppingAction, action != .hold {
                decided = .some(line.phase)
                if isCovered { continue }
                all.append(Incident(at: line.at, phase: line.phase, what: action.rawValue, reason: line.sentence))
            } else if let status = line.unhappyStatus, status != .held {
                // The decision that led there is on the list already, except that a kill is always named.
                let isNamed = (isCovered || decided == .some(line.phase)) && status != .killed
                decided = nil
                if isNamed { continue }
                let word = Badge(status).word.renderText
                all.append(Incident(at: line.at, phase: line.phase, what: word, reason: line.sentence))
            } else if line.kind == "resumed" {
                decided = nil
            }
        }
        return all.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }.map(\.element)
    }

    private var incidentSection: Review.Section {
        let incidents = incidents
        guard !incidents.isEmpty else {
            return section(
                "Incidents",
                [
                    report.log.isEmpty && report.openedAt == nil
                        ? "None is on record, because nothing has happened yet."
                        : "None is on record: nothing was rolled back, killed, frozen or stopped in this time."
                ]
            )
        }
        return section(
            "Incidents",
            ["\(counted(incidents.count, "incident"))."],
            [
                Table(
                    "Rollbacks, kills, freezes and stops",
                    ["Time (UTC)", "Phase", "What", "Reason"],
                    incidents.map {
                        [
                            Cell($0.at.forPeople), Cell($0.phase?.rawValue ?? "none"), Cell($0.what, tone: .fail),
                            Cell($0.reason.isEmpty ? "no reason recorded" : $0.reason),
                        ]
                    }
                )
            ]
        )
    }

    private var alerts: Review.Section {
        let precision = AlertPrecision(report, in: span)
        return section(
            "Alert precision",
            [precision.sentence, precision.unannouncedSentence],
            [
                Table(
                    "Alerts and what they coincided with",
                    ["Alert", "Phase", "Raised (UTC)", "Coincided with"],
                    precision.firings.map { firing in
                        [
                            Cell("\(firing.line.notice.id): \(firing.line.notice.title)"),
                            Cell(firing.line.notice.phase?.rawValue ?? "none"),
                            Cell(firing.line.notice.raisedAt.forPeople),
                            Cell(firing.meaning),
                        ]
                    }
                )
            ],
            precision.firings.filter(\.isFalseAlarm).map {
                Action(
                    "Tune the alert behind \($0.line.notice.id)",
                    owner: owners(of: $0.line.notice.risk.map { [$0] } ?? [])
                )
            },
            source: "S2-104"
        )
    }

    private var lessons: Review.Section {
        var questions: [String] = []
        for phase in report.phases {
            let deviation = PlanDeviation(of: phase, in: report)
            if deviation.isLate(phase, at: report.generatedAt) {
                let sentence = deviation.sentence(of: phase, at: report.generatedAt)
                questions.append("'\(phase.name)': \(sentence). What had the plan not foreseen?")
            }
        }
        questions += incidents.map {
            "\($0.at.forPeople), \($0.what): \($0.reason.isEmpty ? "no reason recorded" : $0.reason). "
                + "What would have shown it earlier?"
        }
        for criterion in report.phases.flatMap(\.criteria) where criterion.failures > 0 {
            questions.append(
                "'\(criterion.name)' did not pass in \(grouped(criterion.failures)) of "
                    + "\(counted(criterion.rounds, "round")). Was the change wrong, its bound, or the measuring?"
            )
        }
        let precision = AlertPrecision(report, in: span)
        let falseAlarms = precision.firings.count(where: \.isFalseAlarm)
        if falseAlarms > 0 {
            questions.append("\(counted(falseAlarms, "alert")) meant nothing. What would keep such alerts quiet?")
        }
        let undetermined = precision.firings.count { if case .undetermined = $0.meaning { true } else { false } }
        if undetermined > 0 {
            questions.append(
                "What \(counted(undetermined, "alert")) meant is not determinable from the record. "
                    + "What would have to be kept to know?"
            )
        }
        if !precision.unannounced.isEmpty {
            questions.append("\(precision.unannouncedSentence) Who should have been told?")
        }
        questions += report.risks.filter { $0.disagreement != nil }.map {
            "\($0.id): \($0.disagreement ?? ""). Which voice was right?"
        }
        questions += report.risks.filter { !$0.isMeasured }.map {
            "\($0.id) \($0.title) was not measured. How would we have known?"
        }
        questions += report.signatures.filter { $0.kind == .waiver }.map {
            "\($0.by) waived '\($0.subject)': \($0.because). Would we sign it again?"
        }
        return section(
            "Lessons",
            questions.isEmpty ? ["The record raises no question: what do the people say who were there?"] : questions
        )
    }

    private var openEnds: Review.Section {
        let unfinished = report.phases.filter { $0.progress != .finished }
        let open = report.phases.filter { $0.from != nil }.flatMap { phase in
            phase.criteria.filter { $0.finding?.outcome != .pass }.map { (phase: phase, criterion: $0) }
        }
        let leftovers = leftovers()
        let requests = requests
        var sentences: [String] = []
        if !unfinished.isEmpty {
            sentences.append("Not finished: \(unfinished.map { "'\($0.name)'" }.joined(separator: ", ")).")
        }
        if !open.isEmpty {
            sentences.append(
                "\(counted(open.count, "criterion does", "criteria do")) not pass or were never weighed, in phases begun."
            )
        }
        if !requests.isEmpty { sentences.append("\(counted(requests.count, "request")) to people.") }
        if !leftovers.actions.isEmpty {
            sentences.append("\(counted(leftovers.actions.count, "condition or waiver", "conditions and waivers")).")
        }
        if sentences.isEmpty {
            sentences.append(
                report.phases.isEmpty
                    ? "None is on record: the rollout has no phases."
                    : "None: all phases are finished, all criteria pass, nobody is waited for."
            )
        }
        return section(
            "Open ends",
            sentences,
            [leftovers.table],
            open.map { phase, criterion in
                Action(
                    "Settle '\(criterion.name)' of '\(phase.name)': \(criterion.finding?.reason ?? "it was not measured")",
                    owner: owners(of: criterion.risks)
                )
            } + requests + leftovers.actions
        )
    }
}

extension Review.Cell {
    /// What an alert meant.
    fileprivate init(_ meaning: AlertPrecision.Meaning) {
        switch meaning {
        case .coincided(let what): self.init(what)
        case .falseAlarm: self.init("nothing failed or stopped: a false alarm", tone: .warn)
        case .undetermined(let why): self.init("not determinable from the record: \(why)", tone: .unknown)
        }
    }
}

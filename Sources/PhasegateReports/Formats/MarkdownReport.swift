public import PhasegateCore

/// A summary for the page of a CI job: GitHub-flavoured Markdown without HTML, at most 900 kB.
///
/// What has to be known first stands first, because what does not fit is left
/// out from the end, with a count. See `docs/formats/markdown.md`.
public struct MarkdownReport: ReportFormat {
    /// Name on the command line.
    public let name = "markdown"
    private let limit: Int

    /// Makes the format.
    public init() { self.init(limit: 900_000) }

    /// With another size, in bytes.
    init(limit: Int) { self.limit = limit }

    /// Renders the report into `summary.md`.
    ///
    /// - Parameter report: what is shown.
    /// - Returns: one file.
    /// - Throws: never.
    public func render(_ report: RolloutReport) throws -> [ReportFile] {
        var markdown = MarkdownWriter(limit: limit)
        writeAnswer(report, to: &markdown)
        writeThreats(report, to: &markdown)
        writeCountdowns(report, to: &markdown)
        writePhases(report, to: &markdown)
        writeConcerns(report, to: &markdown)
        writeNotices(report, to: &markdown)
        let text = markdown.finished(closing: Self.origin(report), fullReport: Self.fullReport)
        return [ReportFile(name: "summary.md", bytes: [UInt8](text.utf8))]
    }

    static let fullReport =
        "The full report is `report.html`, for programs `report.json`, as written by `phasegate report`."

    private func writeAnswer(_ report: RolloutReport, to markdown: inout MarkdownWriter) {
        let status = Badge(report.status)
        let verdict = report.verdict.map { "last gate says \(Badge($0).markdown)" } ?? "no gate has been weighed yet"
        let title = report.title.isEmpty ? report.rollout.rawValue : report.title
        markdown.heading(2, "\(status.markdown): \(MarkdownText.inert(title))")
        markdown.paragraph("Rollout \(MarkdownText.inert(status.word.renderText)), \(verdict).")
        markdown.paragraph(
            report.headline.isEmpty ? "No headline is recorded." : MarkdownText.bold(report.headline, atMost: 1_000)
        )
        markdown.paragraph(
            report.reason.isEmpty
                ? "No reason is recorded." : "Reason: \(MarkdownText.inert(report.reason, atMost: 1_000))"
        )
    }

    private func writeThreats(_ report: RolloutReport, to markdown: inout MarkdownWriter) {
        markdown.heading(3, "What would stop us")
        guard !report.threats.isEmpty else {
            markdown.paragraph(report.noThreatsSentence)
            return
        }
        markdown.table(
            ["Criterion", "Phase", "Stands", ">Way left to the bound", "What would happen"],
            report.threats.map { threat in
                [
                    MarkdownText.code(threat.criterion.rawValue), MarkdownText.code(threat.phase.rawValue),
                    Badge(finding: threat.outcome).markdown,
                    threat.room.isEmpty ? "no such number" : threat.room,
                    MarkdownText.inert(threat.sentence),
                ]
            }
        )
        if report.furtherThreats > 0 { markdown.paragraph("And \(grouped(report.furtherThreats)) more.") }
    }

    private func writeCountdowns(_ report: RolloutReport, to markdown: inout MarkdownWriter) {
        guard !report.countdowns.isEmpty else { return }
        markdown.heading(3, "What runs out or waits for people")
        markdown.table(
            ["What", "About", "Left", "Until (UTC)"],
            report.countdowns.map { countdown in
                [
                    countdown.kind.rawValue, MarkdownText.code(countdown.label), MarkdownText.inert(countdown.left),
                    countdown.deadline?.forPeople ?? "no deadline",
                ]
            }
        )
    }

    private func writePhases(_ report: RolloutReport, to markdown: inout MarkdownWriter) {
        markdown.heading(3, "Phases")
        guard !report.phases.isEmpty else {
            markdown.paragraph("The rollout has no phases, and nothing that could pass.")
            return
        }
        markdown.table(
            [">No.", "Phase", "State", "Planned", "Actual", "Stages", "Criteria"],
            report.phases.enumerated().map { index, phase in
                let done = phase.stages.count { $0.progress == .passed }
                return [
                    String(index + 1), MarkdownText.inert(phase.title.isEmpty ? phase.name.rawValue : phase.title),
                    Badge(phase.progress).markdown, MarkdownText.inert(phase.plannedSentence),
                    MarkdownText.inert(phase.actualSentence(at: report.generatedAt)),
                    "\(done) of \(phase.stages.count) passed", Self.tally(phase.criteria),
                ]
            }
        )
    }

    private func writeConcerns(_ report: RolloutReport, to markdown: inout MarkdownWriter) {
        markdown.heading(3, "Criteria that do not pass")
        let all = report.phases.flatMap { phase in phase.criteria.map { (phase: phase, criterion: $0) } }
        let rows = all.compactMap { phase, criterion -> [String]? in
            guard let finding = criterion.finding, finding.outcome != .pass else { return nil }
            return [
                Badge(finding.outcome).markdown, MarkdownText.code(criterion.name.rawValue),
                MarkdownText.code(phase.name.rawValue), MarkdownText.inert(finding.observed ?? "not measured"),
                MarkdownText.inert(criterion.conditionSentence),
                MarkdownText.inert(finding.reasonWithNote, atMost: 600),
            ]
        }
        let unweighed = all.count { $0.criterion.finding == nil }
        if rows.isEmpty {
            markdown.paragraph(
                all.isEmpty
                    ? "There are no criteria, and what is not measured does not pass."
                    : unweighed == all.count ? "None has been weighed yet." : "Every criterion that was weighed passes."
            )
        } else {
            markdown.table(["Finding", "Criterion", "Phase", "Observed", "Condition", "Reason"], rows)
        }
        if unweighed > 0 {
            markdown.paragraph("Not weighed yet: \(counted(unweighed, "criterion", "criteria")) of \(all.count).")
        }
    }

    private func writeNotices(_ report: RolloutReport, to markdown: inout MarkdownWriter) {
        markdown.heading(3, "Notices outstanding")
        let outstanding = report.outstandingNotices
        guard !outstanding.isEmpty else {
            markdown.paragraph(
                report.notices.isEmpty ? "No notice was raised." : "None of \(counted(report.notices.count, "notice"))."
            )
            return
        }
        markdown.table(
            ["Notice", "Kind", "Level", "Raised (UTC)", "Answer until (UTC)", "Delivery", "Title"],
            outstanding.map { line in
                [
                    MarkdownText.code(line.notice.id.rawValue), line.notice.kind.rawValue,
                    MarkdownText.inert(line.notice.level), line.notice.raisedAt.forPeople,
                    MarkdownText.inert(line.answerSentence), MarkdownText.inert(line.deliverySentence),
                    MarkdownText.inert(line.notice.title),
                ]
            }
        )
    }

    private static func tally(_ criteria: [RolloutReport.CriterionReport]) -> String {
        guard !criteria.isEmpty else { return "none, so nothing passes" }
        let words: [(Finding.Outcome?, String)] = [
            (.fail, "fail"), (.unknown, "unknown"), (.warn, "warn"), (.pass, "pass"), (nil, "not weighed yet"),
        ]
        return words.compactMap { outcome, word in
            let count = criteria.count { $0.finding?.outcome == outcome }
            return count == 0 ? nil : "\(count) \(word)"
        }.joined(separator: ", ")
    }

    private static func origin(_ report: RolloutReport) -> [String] {
        [
            fullReport,
            "Made \(report.generatedAt.forPeople) UTC by phasegate \(MarkdownText.inert(report.version)) from the ledger "
                + "of \(MarkdownText.code(report.rollout.rawValue)), \(counted(report.ledgerLength, "entry", "entries")), "
                + "head \(MarkdownText.code(report.ledgerHead.isEmpty ? "none" : report.ledgerHead)), "
                + "plan \(MarkdownText.code(report.planDigest.isEmpty ? "none" : report.planDigest)). All times are UTC.",
        ]
    }
}

extension Badge {
    /// A criterion's finding, or that there is none.
    init(finding: Finding.Outcome?) {
        if let finding { self.init(finding) } else { self.init(.wait, "not weighed yet") }
    }
}

extension RolloutReport.CriterionReport {
    /// What it was judged by, and what the plan says by now where that is something else.
    var conditionSentence: String {
        let judged = bound.isEmpty ? finding?.bound ?? "" : bound
        return plannedBound.map { "\(judged) (judged under an earlier plan; it now says \($0))" } ?? judged
    }
}

extension RolloutReport {
    /// Notices that somebody has yet to answer, or that a channel has yet to carry or has given up.
    var outstandingNotices: [NoticeReport] {
        let answers = NoticeAnswers(notices)
        return notices.filter { line in
            answers.isUnanswered(line) || line.carriers.contains { $0.progress == .waiting || $0.progress == .dead }
        }
    }
}

extension RolloutReport.NoticeReport {
    /// By whom it was answered or until when it has to be.
    var answerSentence: String {
        if let acknowledgement { return "answered by \(acknowledgement.by)" }
        return notice.acknowledgeBy?.forPeople ?? "no answer asked for"
    }

    /// What came of it, channel by channel.
    var deliverySentence: String {
        guard !carriers.isEmpty else { return "no channel" }
        return carriers.map { carrier in
            let attempts = carrier.attempts == 0 ? "" : " after \(counted(carrier.attempts, "attempt"))"
            let answer = carrier.progress == .arrived || carrier.answer.isEmpty ? "" : " (\(carrier.answer))"
            return "\(carrier.channel): \(carrier.progress.rawValue)\(attempts)\(answer)"
        }.joined(separator: "; ")
    }
}

import PhasegateCore

/// What people were told, whether it arrived, and who answered.
struct NoticeSection {
    /// One notice.
    struct Line {
        let at: Time
        let kind: Shown
        let level: Shown
        let title: Shown
        let reason: Shown
        let audience: Shown
        let id: Shown
        let body: Shown
        let hasBody: Bool
        let carriers: [CarrierLine]
        let acknowledgement: [AcknowledgementLine]
        let isUnanswered: Bool
        let acknowledgeBy: [Time]
        /// When the matter was over before anybody had answered.
        let resolvedUnanswered: [Time]
    }

    /// One channel.
    struct CarrierLine {
        let channel: Shown
        let badge: Badge
        let at: [Time]
        let answer: Shown
        let attempts: Shown
    }

    /// Who took care of it.
    struct AcknowledgementLine {
        let by: Shown
        let because: Shown
        let at: Time
    }

    let isEmpty: Bool
    let count: Shown
    let leftOut: Shown
    let lines: [Line]

    init(_ report: RolloutReport, for audience: Audience, limits: PageLimits) {
        isEmpty = report.notices.isEmpty
        let carriers = report.notices.flatMap(\.carriers)
        func number(_ progress: RolloutReport.NoticeReport.Carrier.Progress) -> Int {
            carriers.count { $0.progress == progress }
        }
        let words = [
            (number(.arrived), "arrived"), (number(.waiting), "waiting"), (number(.dead), "given up"),
            (number(.dropped), "dropped"),
        ].filter { $0.0 > 0 }.map { "\(grouped($0.0)) \($0.1)" }.joined(separator: ", ")
        count = Shown(
            "\(counted(report.notices.count, "notice")); of \(counted(carriers.count, "delivery", "deliveries")): "
                + (words.isEmpty ? "none" : words)
        )
        let missing = max(0, report.notices.count - limits.notices)
        leftOut = Shown(
            missing == 0
                ? ""
                : counted(missing, "earlier notice is", "earlier notices are")
                    + " left out of this page; report.json has all."
        )
        let answers = NoticeAnswers(report.notices)
        lines = report.notices.suffix(limits.notices).map { Line($0, answers.standing(of: $0), for: audience) }
    }
}

extension NoticeSection.Line {
    fileprivate init(
        _ report: RolloutReport.NoticeReport,
        _ standing: NoticeAnswers.Standing,
        for audience: Audience
    ) {
        let notice = report.notice
        at = Time(notice.raisedAt)
        kind = Shown(notice.rung > 0 ? "\(notice.kind.rawValue), rung \(notice.rung)" : notice.kind.rawValue)
        level = Shown(notice.level)
        title = Shown(notice.title)
        reason = Shown(notice.reason)
        self.audience = Shown(notice.audience.joined(separator: ", "))
        id = Shown(notice.id.rawValue)
        body = Shown(notice.body)
        hasBody = audience == .engineer && !notice.body.isEmpty
        carriers = report.carriers.map {
            NoticeSection.CarrierLine(
                channel: Shown($0.channel.rawValue),
                badge: Badge($0.progress),
                at: $0.at.times,
                answer: Shown($0.answer),
                attempts: Shown($0.attempts > 1 ? counted($0.attempts, "attempt") : "")
            )
        }
        switch standing {
        case .answered(let answer):
            acknowledgement = [
                NoticeSection.AcknowledgementLine(
                    by: Shown(answer.by),
                    because: Shown(answer.because),
                    at: Time(answer.at)
                )
            ]
            (isUnanswered, acknowledgeBy, resolvedUnanswered) = (false, [], [])
        case .awaited(let deadline):
            (acknowledgement, isUnanswered, acknowledgeBy, resolvedUnanswered) = ([], true, [Time(deadline)], [])
        case .resolvedWithoutAnswer(let moment):
            (acknowledgement, isUnanswered, acknowledgeBy, resolvedUnanswered) = ([], false, [], [Time(moment)])
        case .notAskedFor:
            (acknowledgement, isUnanswered, acknowledgeBy, resolvedUnanswered) = ([], false, [], [])
        }
    }
}

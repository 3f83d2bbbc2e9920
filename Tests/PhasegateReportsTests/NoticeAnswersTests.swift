import PhasegateCore
import Testing

@testable import PhasegateReports

@Suite("Answers to notices")
struct NoticeAnswersTests {
    private func notice(
        _ kind: Notice.Kind,
        _ episode: EpisodeKey,
        _ second: Int,
        until deadline: Int? = nil,
        answeredBy person: String? = nil
    ) -> RolloutReport.NoticeReport {
        let at = RolloutReport.at("2026-11-20T09:00:00Z") + .seconds(second)
        return RolloutReport.NoticeReport(
            notice: Notice(
                id: "n",
                episode: episode,
                kind: kind,
                reason: "",
                level: "HIGH",
                rollout: "r",
                title: "",
                body: "",
                startedAt: at,
                raisedAt: at,
                acknowledgeBy: deadline.map { at + .seconds($0) }
            ),
            carriers: [],
            acknowledgement: person.map { Acknowledgement(episode: episode, by: $0, because: "", at: at) }
        )
    }

    @Test("an episode that begins anew is over with the resolution after it, not with the one before")
    func episodes() {
        let first = notice(.fired, "a", 0, until: 60)
        let second = notice(.fired, "a", 100, until: 60)
        let third = notice(.fired, "a", 200, until: 60)
        let resolutions = [150, 50].map { notice(.resolved, "a", $0) }
        let answers = NoticeAnswers([first, second, third, notice(.resolved, "b", 300)] + resolutions)
        #expect(answers.standing(of: first) == .resolvedWithoutAnswer(at: resolutions[1].notice.raisedAt))
        #expect(answers.standing(of: second) == .resolvedWithoutAnswer(at: resolutions[0].notice.raisedAt))
        #expect(answers.standing(of: third) == .awaited(until: third.notice.raisedAt + .seconds(60)))
        #expect([first, second, third].map { answers.isUnanswered($0) } == [false, false, true])
    }

    @Test("at the moment of its resolution a notice is resolved; an answer counts before a resolution")
    func borders() {
        let fired = notice(.fired, "a", 0, until: 60)
        let answered = notice(.fired, "a", 0, until: 60, answeredBy: "l.brandt")
        let unasked = notice(.fired, "a", 0)
        let resolved = notice(.resolved, "a", 0)
        let answers = NoticeAnswers([fired, answered, unasked, resolved])
        #expect(answers.standing(of: fired) == .resolvedWithoutAnswer(at: resolved.notice.raisedAt))
        #expect(answered.acknowledgement.map { answers.standing(of: answered) == .answered($0) } == true)
        #expect(answers.standing(of: unasked) == .notAskedFor)
    }

    @Test("twenty thousand notices and holds are told in the time they take to read", .timeLimit(.minutes(1)))
    func many() throws {
        let count = 20_000
        let notices = (0..<count).map { number in
            notice(number.isMultiple(of: 2) ? .fired : .resolved, "a", number, until: 1)
        }
        let start = RolloutReport.at("2026-11-20T08:00:00Z")
        let holds = (0..<count).map { number in
            RolloutReport.Interruption(
                kind: .held,
                from: start + .milliseconds(Int64(number)),
                to: start + .milliseconds(Int64(number)),
                reason: ""
            )
        }
        let report = RolloutReport.sample.with(
            phases: [RolloutReport.PhaseReport.queryOptimisation.with(interruptions: holds)],
            notices: notices
        )
        let answers = NoticeAnswers(notices)
        #expect(!notices.contains { answers.isUnanswered($0) })
        let precision = AlertPrecision(report, in: ReviewSpan(since: nil, until: report.generatedAt))
        #expect(precision.firings.count == count / 2)
        #expect(precision.unannounced.count == count)
    }
}

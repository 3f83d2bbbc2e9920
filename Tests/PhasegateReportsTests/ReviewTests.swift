import Crypto
import Foundation
import PhasegateCore
import Testing

@testable import PhasegateReports

private let packs: [ReviewPack] = [
    .weeklyRiskReview, .postPhaseReview("query-optimisation"), .postImplementationReview,
]

/// The pack for a report whose names have a poison behind them.
private func poisoned(_ pack: ReviewPack, _ poison: String) -> ReviewPack {
    if case .postPhaseReview(let phase) = pack {
        .postPhaseReview(PhaseName(rawValue: phase.rawValue + poison))
    } else {
        pack
    }
}

@Suite("Reviews")
struct ReviewTests {
    private func section(_ heading: String, _ pack: ReviewPack, _ report: RolloutReport = .reviewed()) throws
        -> Review.Section
    {
        let review = try Review(pack, of: report)
        return try #require(review.sections.first { $0.heading == heading })
    }

    private func html(_ review: Review) throws -> String {
        let file = try #require(try review.files().first)
        #expect(file.name == "\(review.pack.fileName).html")
        return String(decoding: try file.bytes(), as: UTF8.self)
    }

    private func row(_ table: Review.Table?, _ first: String) -> [String]? {
        table?.rows.first { $0.first?.text == first }?.map(\.text)
    }

    // MARK: The agendas

    @Test("the weekly agenda has its five points in their order")
    func weeklyOrder() throws {
        let review = try Review(.weeklyRiskReview, of: .reviewed())
        #expect(
            review.sections.map(\.heading) == [
                "Risk register update", "Mitigation effectiveness", "Timeline impact", "Resource reallocation",
                "Communication",
            ]
        )
        #expect(review.sections.allSatisfy { $0.sources.contains("S2-116") })
        #expect(
            review.occasion == "What happened 2026-11-14 09:30:00 to 2026-11-21 09:30:00 UTC, and what is left to do."
        )
    }

    @Test("the agenda after a phase has its points in their order")
    func phaseOrder() throws {
        let review = try Review(.postPhaseReview("core-infrastructure"), of: .reviewed())
        #expect(
            review.sections.map(\.heading) == [
                "Success criteria", "Rounds and failures", "Held or rolled back", "Deviation from the plan",
                "Risks that were raised", "Conditions and waivers left", "What to carry on",
            ]
        )
        #expect(!review.occasion.contains("not finished"))
    }

    @Test("the closing agenda has its points in their order")
    func closingOrder() throws {
        let review = try Review(.postImplementationReview, of: .reviewed())
        #expect(
            review.sections.map(\.heading) == [
                "How it went", "Exposure history", "Criteria statistics", "Incidents", "Alert precision", "Lessons",
                "Open ends",
            ]
        )
        #expect(review.occasion.hasSuffix("The rollout is not finished: it is held."))
        #expect(review.sections.map(\.sources)[4] == ["S2-104"])
    }

    @Test("no point is left blank", arguments: packs)
    func neverBlank(_ pack: ReviewPack) throws {
        for report in [RolloutReport.reviewed(), .reviewed(log: [])] {
            let review = try Review(pack, of: report)
            #expect(review.sections.allSatisfy { !$0.sentences.isEmpty && $0.sentences.allSatisfy { !$0.isEmpty } })
        }
    }

    @Test("an empty history is said, point by point")
    func empty() throws {
        let weekly = try Review(.weeklyRiskReview, of: .empty)
        #expect(
            weekly.sections.map(\.sentences[0]) == [
                "There is nothing to update: the rollout names no register of risks.",
                "No mitigation was put to the test: no phase was under way in this time.",
                "There is no timeline: the rollout has no phases.",
                "Nobody is waited for: no approval, attestation or answer is outstanding.",
                "Nobody was told anything: no notice is on record.",
            ]
        )
        let closing = try Review(.postImplementationReview, of: .empty)
        #expect(
            closing.sections.map(\.sentences[0]) == [
                "Nothing went: the rollout has no phases.",
                "Nobody has been exposed in this time: no flag was moved.",
                "There is nothing to count: the phases have no criteria.",
                "None is on record, because nothing has happened yet.",
                "Alert precision was not measured: no alert fired in this time.",
                "The record raises no question: what do the people say who were there?",
                "None is on record: the rollout has no phases.",
            ]
        )
        let ahead = try Review(.postPhaseReview("migration-system"), of: .reviewed())
        #expect(
            ahead.sections.map(\.sentences[0]) == [
                "Nothing shows success: the phase has no criteria, and what is not measured does not pass.",
                "There were no rounds: no gate of the phase has been weighed.",
                "No hold and no rollback is on record for this time.",
                "Against the window: not comparable: '2026-11-20' to 'some day' cannot be placed in the calendar.",
                "None could be: no risk of the register belongs to the phase.",
                "None: no gate of the phase opened under a condition, and nothing was waived.",
                "Nothing is carried on: all criteria pass, all mitigations are shown, no phase waits.",
            ]
        )
        #expect(ahead.occasion.hasSuffix("The phase is not finished: it is ahead."))
    }

    @Test("an unknown phase is refused, and the nearest one is named")
    func unknownPhase() {
        #expect {
            try Review(.postPhaseReview("query-optimization"), of: .reviewed())
        } throws: { error in
            (error as? Diagnostic)?.rule == "unknown-phase"
                && (error as? Diagnostic)?.hint?.contains("did you mean 'query-optimisation'") == true
        }
    }

    // MARK: Weekly

    @Test("the register is told with levels, what is raised, what disagrees, and what was not measured")
    func register() throws {
        let section = try section("Risk register update", .weeklyRiskReview)
        #expect(
            section.sentences == [
                "4 risks: 3 HIGH, 1 LOW.", "Raised now: R003.",
                "R003 was raised 2 times in this time, last at 2026-11-21 09:29:40.",
                "R005 was raised 1 time in this time, last at 2026-11-19 03:00:00.",
                "Declared otherwise than the grid derives; the stricter level counts: "
                    + "R005: declared HIGH, derived MEDIUM.",
                "Not measured, and therefore not small: R009.",
            ]
        )
        let row = row(section.tables.first, "R009 Knowledge gaps")
        #expect(
            row == ["R009 Knowledge gaps", "LOW", "LOW", "LOW", "no failing criterion", "not measured", "nobody named"]
        )
        #expect(section.actions.first?.owner == "dba-lead")
    }

    @Test("a mitigation is judged by the criteria of its source, measured in the week")
    func mitigations() throws {
        let section = try section("Mitigation effectiveness", .weeklyRiskReview)
        #expect(
            section.tables.first?.rows.map { $0.map(\.text) } == [
                [
                    "core-infrastructure", "A backup is restored and compared.", "'backup-restores' pass",
                    "measured and passed",
                ],
                [
                    "core-infrastructure", "Every migration has its rollback file.", "no criterion names its source",
                    "no evidence",
                ],
                ["query-optimisation", "A guard watches each step.", "no criterion names its source", "no evidence"],
            ]
        )
        // The backup was last measured on the 16th: a week that begins later has no evidence of it.
        let later = try Review(.weeklyRiskReview, of: .reviewed(), since: RolloutReport.at("2026-11-16T20:00:00Z"))
        #expect(later.sections[1].tables.first?.rows.first?.last?.text == "no evidence from this time")
        #expect(section.actions.map(\.owner) == [nil, "dba-lead"])
    }

    @Test("holds and rollbacks of the week count with the part that lies in it")
    func timeline() throws {
        let section = try section("Timeline impact", .weeklyRiskReview)
        #expect(section.sentences.contains("1 hold, 1\u{A0}h together; 1 rollback, 1\u{A0}min together."))
        let stops = try #require(section.tables.first { $0.caption == "Holds and rollbacks" })
        #expect(
            stops.rows.map { $0.map(\.text) }.map { [$0[0], $0[4], $0[5]] } == [
                ["held", "1\u{A0}h", "no operator on duty"], ["rolled back", "1\u{A0}min", "p95 rose by 61 %"],
            ]
        )
        #expect(row(section.tables.first, "Core infrastructure")?.last == "begun in time, ended 1\u{A0}d late")
        #expect(
            row(section.tables.first, "Query optimisation")?.last == "begun 1\u{A0}d late, 8\u{A0}d\u{A0}22\u{A0}h left"
        )
        #expect(section.sentences.first == "Late against the plan: 'core-infrastructure', 'query-optimisation'.")
        let course = try #require(section.tables.last)
        #expect(course.rows.map { $0[0].text } == ["811", "830", "840"])
    }

    @Test("windows are read as the page's time line reads them, whatever they count in")
    func windows() throws {
        let sample = RolloutReport.reviewed()
        func late(_ from: String, _ to: String) throws -> (sentences: [String], deviation: String?) {
            let phase = sample.phases[1].with(window: Window(from: from, to: to))
            let report = sample.with(phases: [phase])
            let section = try section("Timeline impact", .weeklyRiskReview, report)
            return (section.sentences, row(section.tables.first, "Query optimisation")?.last)
        }
        // Begun 15 days in, on 2026-11-17 at 08:30; the report is of day 20.
        #expect(try late("day 16", "day 30").deviation == "begun 30\u{A0}min late, 10\u{A0}d\u{A0}22\u{A0}h left")
        #expect(try late("month 1", "month 1").deviation == "begun 15\u{A0}d late, 10\u{A0}d\u{A0}22\u{A0}h left")
        #expect(try late("quarter 1", "quarter 1").sentences[0] == "Late against the plan: 'query-optimisation'.")
        #expect(try late("week 4", "month 2").sentences[0] == "No phase is late.")
        #expect(
            try late("soon", "later").sentences[0]
                == "Whether late cannot be said, because the window cannot be placed in the calendar: "
                + "'query-optimisation'."
        )
    }

    @Test("phases that cannot be placed in the calendar are named beside those that are in time")
    func unplaced() throws {
        let sample = RolloutReport.reviewed()
        let planned = sample.phases[1].with(window: Window(from: "week 4", to: "week 9"))
        let report = sample.with(phases: [planned, sample.phases[2]])
        let section = try section("Timeline impact", .weeklyRiskReview, report)
        #expect(
            section.sentences.prefix(2) == [
                "No phase that can be compared with its window is late.",
                "Whether late cannot be said, because the window cannot be placed in the calendar: 'migration-system'.",
            ]
        )
    }

    @Test(
        "a phase that was rolled back or failed ended then, and what it took grows no more",
        arguments: [RolloutReport.PhaseReport.Progress.rolledBack, .failed]
    )
    func atRest(_ progress: RolloutReport.PhaseReport.Progress) throws {
        let verb = progress == .rolledBack ? "rolled back" : "failed"
        let settled = RolloutReport.StageReport.gate(
            "gate-at-5%",
            .failed,
            "2026-11-17T09:00:00Z",
            "2026-11-18T10:03:41Z",
            rounds: 2,
            .recycle,
            "p95"
        )
        func report(_ window: Window, _ stages: [RolloutReport.StageReport]) -> RolloutReport {
            let sample = RolloutReport.reviewed()
            let phase = sample.phases[1].with(progress: progress, window: window, stages: stages, interruptions: [])
            return sample.with(phases: [phase])
        }
        let early = report(Window(from: "week 3", to: "week 3"), [settled])
        #expect(early.phases[0].endedAt == RolloutReport.at("2026-11-18T10:03:41Z"))
        #expect(
            early.phases[0].actualSentence(at: early.generatedAt)
                == "2026-11-17 08:30 to 2026-11-18 10:03, 1\u{A0}d\u{A0}1\u{A0}h, \(verb)"
        )
        let section = try section("Timeline impact", .weeklyRiskReview, early)
        #expect(
            row(section.tables.first, "Query optimisation")?.last
                == "begun 1\u{A0}d late, \(verb) 4\u{A0}d\u{A0}21\u{A0}h before the planned end"
        )
        let over = report(Window(from: "week 1", to: "week 2"), [settled])
        #expect(
            PlanDeviation(of: over.phases[0], in: over).sentence(of: over.phases[0], at: over.generatedAt)
                == "begun 15\u{A0}d late, \(verb) 2\u{A0}d\u{A0}2\u{A0}h late"
        )
        // In time so far, but its end passed without it.
        let unfinished = report(Window(from: "2026-11-17T09:00:00Z", to: "2026-11-19"), [settled])
        let deviation = PlanDeviation(of: unfinished.phases[0], in: unfinished)
        #expect(deviation.isLate(unfinished.phases[0], at: unfinished.generatedAt))
        #expect(
            deviation.sentence(of: unfinished.phases[0], at: unfinished.generatedAt)
                == "begun in time, \(verb) 1\u{A0}d\u{A0}13\u{A0}h before the planned end, not finished by then"
        )
        // Where the record has no such moment, none is made up.
        let unknown = report(Window(from: "week 3", to: "week 3"), [])
        #expect(unknown.phases[0].endedAt == nil)
        #expect(
            unknown.phases[0].actualSentence(at: unknown.generatedAt)
                == "since 2026-11-17 08:30, \(verb); when is not on record"
        )
        // Bars of a later report end at the same place on their axis's way to now.
        let bars = [early.generatedAt, early.generatedAt + .seconds(30 * 86_400)].map { now in
            PhaseTimeline(phases: early.phases, openedAt: early.phases[0].from, now: now)
                .actual(title: "", description: "").renderText
        }
        let widths = try bars.map { markup in
            let width = try #require(markup.firstMatch(of: /<rect[^>]* width="([0-9.]+)"/))
            return try #require(Double(width.1))
        }
        #expect(widths[1] < widths[0])
    }

    @Test("a warned mitigation was measured, and is counted so")
    func warnedMitigation() throws {
        let sample = RolloutReport.reviewed()
        let phase = sample.phases[1].with(
            mitigations: [Mitigation(text: "Errors are watched.", sources: ["S4-29"])]
        )
        let section = try section("Mitigation effectiveness", .weeklyRiskReview, sample.with(phases: [phase]))
        #expect(section.tables.first?.rows.first?.last?.text == "measured, warned")
        #expect(
            section.sentences[0] == "1 mitigation of 'query-optimisation': 0 measured and passed, "
                + "1 measured and warned, 0 failed, 0 without full evidence from this time."
        )
    }

    @Test("people are asked by name where the record names them")
    func resources() throws {
        let section = try section("Resource reallocation", .weeklyRiskReview)
        #expect(
            section.actions.map { "\($0.what) / \($0.owner ?? "-") / \($0.due?.forPeople ?? "-")" } == [
                "Approve 'gate-at-25%': 1 of 2 / - / -",
                "Answer notice quantumleap.7: RISK ALERT R003 / team-lead / 2026-11-21 09:44:40",
                "Put right what 'gate-at-5%' opened under: 'error-rate' has to come down / - / -",
                "End the waiver of 'replica-lag' or sign it anew / l.brandt / 2026-11-25 08:00:00",
            ]
        )
        #expect(section.sentences.contains("Owners of raised risks: R003 dba-lead."))
    }

    @Test("communication tells what was sent in the week, what arrived and what waits for an answer")
    func communication() throws {
        let section = try section("Communication", .weeklyRiskReview)
        #expect(
            section.sentences == [
                "6 notices: 4 delivered on every channel, 1 given up on a channel, 1 waiting, dropped or without a channel.",
                "Unanswered: quantumleap.7.", "Next weekly review: 2026-11-28.",
            ]
        )
        let table = try #require(section.tables.first)
        #expect(table.rows.map { $0[0].text } == (3...8).map { "quantumleap.\($0)" })
        #expect(row(table, "quantumleap.3")?[6] == "l.brandt at 2026-11-18 10:03:41: rolled back")
        #expect(row(table, "quantumleap.5")?[6] == "resolved without an answer")
        #expect(
            row(table, "quantumleap.7")?[5]
                == "channel-0: waiting after 2 attempts (503); channel-1: dead after 2 attempts (503)"
        )
        #expect(
            section.actions.last?.what == "Tell people of notice quantumleap.7 otherwise: channel 'channel-1' gave up"
        )
    }

    @Test("reviews that follow each other share no event and lose none")
    func spans() throws {
        let border = RolloutReport.at("2026-11-18T10:02:41Z")
        let before = ReviewSpan(since: RolloutReport.at("2026-11-11T10:02:41Z"), until: border)
        let after = ReviewSpan(since: border, until: RolloutReport.at("2026-11-25T10:02:41Z"))
        #expect(before.contains(border) && !after.contains(border))
        #expect(!before.contains(border + .milliseconds(1)) && after.contains(border + .milliseconds(1)))
    }

    // MARK: After a phase

    @Test("values stand against bounds and baselines, and what was not measured says so")
    func criteria() throws {
        let section = try section("Success criteria", .postPhaseReview("query-optimisation"))
        #expect(section.sentences == ["4 criteria: 1 fail, 1 unknown, 1 warn, 1 not weighed yet."])
        let table = section.tables.first
        #expect(
            row(table, "p95-regression") == [
                "p95-regression", "guard, must", "fail > 1.2 x baseline", "44.1 ms", "54.6 ms", "fail",
                "'p95-regression' stands so",
            ]
        )
        #expect(
            row(table, "replica-lag")?[4...6] == [
                "not measured", "unknown", "'replica-lag' stands so (waived by l.brandt)",
            ]
        )
        #expect(row(table, "cache-hits")?[4...6] == ["not measured", "not weighed yet", "never weighed"])
    }

    @Test("a condition that was put right since is over")
    func conditionPutRight() throws {
        let sample = RolloutReport.reviewed()
        let open = sample.countdowns.filter { $0.kind != .condition }
        let section = try section("Resource reallocation", .weeklyRiskReview, sample.with(countdowns: open))
        #expect(!section.actions.contains { $0.what.hasPrefix("Put right") })
    }

    @Test("rounds, rollbacks, conditions and what goes on belong to the one phase")
    func onePhase() throws {
        let review = try Review(.postPhaseReview("query-optimisation"), of: .reviewed())
        #expect(review.sections[1].sentences[0] == "643 rounds at 2 gates.")
        #expect(row(review.sections[1].tables.first, "gate-at-5%")?[3] == "conditional go")
        #expect(row(review.sections[1].tables.last, "error-rate")?[1...3] == ["377", "131", "34.7 %"])
        #expect(review.sections[2].sentences == ["1 rollback, 1\u{A0}min together."])
        #expect(review.sections[4].sentences[0] == "Raised now: R003.")
        #expect(review.sections[5].sentences == ["2 conditions and waivers."])
        #expect(
            review.sections[6].sentences == [
                "4 criteria do not pass or were never weighed.", "1 mitigation not shown to work.",
                "Waiting for this phase: 'migration-system'.",
            ]
        )
        let finished = try Review(.postPhaseReview("core-infrastructure"), of: .reviewed())
        #expect(finished.sections[2].sentences == ["2 holds, 3\u{A0}h together."])
        #expect(finished.sections[3].sentences.last == "Planned effort: 2 people; what it took is not measured.")
        #expect(finished.sections[5].tables.isEmpty)
    }

    // MARK: In the end

    @Test("a rollback is one incident, however many entries tell of it")
    func incidents() throws {
        let section = try section("Incidents", .postImplementationReview)
        #expect(
            section.tables.first?.rows.map { $0.map(\.text) } == [
                ["2026-11-18 10:02:41", "query-optimisation", "rolled back", "p95 rose by 61 %"]
            ]
        )
    }

    @Test("a kill is an incident of its own, also when the phase was taken back for it")
    func kill() throws {
        let line = RolloutReport.LogLine(
            sequence: 2000,
            at: RolloutReport.at("2026-11-18T10:03:30Z"),
            actor: "controller",
            phase: "query-optimisation",
            stage: nil,
            kind: "settled",
            sentence: "killed: data was lost",
            repeats: 1
        )
        let section = try section("Incidents", .postImplementationReview, .reviewed(log: [line]))
        #expect(section.tables.first?.rows.map { $0[2].text } == ["rolled back", "killed"])
    }

    @Test("alert precision counts firings with something in their episode against all firings")
    func precision() throws {
        let section = try section("Alert precision", .postImplementationReview)
        #expect(
            section.sentences == [
                "Alert precision: 3 of 4 alerts (75 %) coincided with a failing criterion or a stopping decision.",
                "Without an alert: 1 hold or rollback.",
            ]
        )
        #expect(
            section.tables.first?.rows.map { $0[3].text } == [
                "held at 2026-11-04 08:00:00: the backup was being moved",
                "rolled back at 2026-11-18 10:02:41: p95 rose by 61 %", "nothing failed or stopped: a false alarm",
                "'p95-regression' failed at 2026-11-21 09:29:40",
            ]
        )
        #expect(section.actions.map(\.what) == ["Tune the alert behind quantumleap.5"])
    }

    @Test("exposure, statistics and lessons are filled from the record")
    func closing() throws {
        let review = try Review(.postImplementationReview, of: .reviewed())
        #expect(review.sections[0].sentences[0] == "1 of 3 phases finished.")
        #expect(
            review.sections[1].sentences == [
                "3 steps, 1 of them taken back.", "In the end: 25 % of users, flag 'reads'.",
            ]
        )
        #expect(
            row(review.sections[2].tables.first, "query-optimisation") == [
                "query-optimisation", "0", "1", "1", "1", "1", "1\u{202F}131", "137", "12.1 %",
            ]
        )
        let lessons = review.sections[5].sentences
        for question in [
            "2026-11-18 10:02:41, rolled back: p95 rose by 61 %. What would have shown it earlier?",
            "'p95-regression' did not pass in 2 of 377 rounds. Was the change wrong, its bound, or the measuring?",
            "1 alert meant nothing. What would keep such alerts quiet?",
            "R005: declared HIGH, derived MEDIUM. Which voice was right?",
            "R009 Knowledge gaps was not measured. How would we have known?",
            "l.brandt waived 'replica-lag': the replica is rebuilt. Would we sign it again?",
        ] {
            #expect(lessons.contains(question))
        }
    }

    // MARK: Both outputs

    @Test("both outputs hold every heading, sentence and action in order", arguments: packs)
    func outputs(_ pack: ReviewPack) throws {
        let review = try Review(pack, of: .reviewed())
        let page = try html(review)
        let markdown = review.markdown
        var restOfPage = page[...]
        var rest = markdown[...]
        func follow(_ text: String, _ place: String) throws {
            let escaped = text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
                .replacing("\"", with: "&quot;").replacing("'", with: "&#39;")
            restOfPage =
                restOfPage[
                    try #require(restOfPage.range(of: escaped), "\(place) '\(text)' is not on the page").upperBound...
                ]
            rest =
                rest[
                    try #require(
                        rest.range(of: MarkdownText.inert(text, atMost: 600)),
                        "\(place) '\(text)' is not in the text"
                    )
                    .upperBound...
                ]
        }
        // Past the contents, which name the headings, too.
        restOfPage = restOfPage[try #require(restOfPage.range(of: "</nav>")).upperBound...]
        for section in review.sections {
            try follow(section.heading, "heading")
            for sentence in section.sentences { try follow(sentence, "sentence") }
            for table in section.tables {
                try follow(table.caption, "caption")
                for row in table.rows { for cell in row { try follow(cell.text, "cell") } }
            }
            for action in section.actions { try follow(action.what, "action") }
        }
    }

    @Test("every verdict has the words of the report", arguments: GateOutcome.allCases)
    func verdicts(_ verdict: GateOutcome) throws {
        let review = try Review(.weeklyRiskReview, of: RolloutReport.sample.with(verdict: verdict))
        let word = verdict.rawValue.replacing("-", with: " ")
        #expect(
            try html(review).firstMatch(of: try Regex("Last gate says <span class=\"badge[^>]*><svg.*?</svg>\(word)<"))
                != nil
        )
        #expect(review.markdown.firstMatch(of: try Regex("last gate says \\S+ \(word)\\.")) != nil)
    }

    @Test("the page needs nothing from outside, and its policy allows its own styles alone", arguments: packs)
    func selfContained(_ pack: ReviewPack) throws {
        let page = try html(Review(pack, of: .reviewed()))
        for word in ["http://", "https://", "url(", "@import", "<script", " style=", " src=", "unsafe-inline"] {
            #expect(!page.contains(word), "the page contains \(word)")
        }
        let style = try #require(page.firstMatch(of: /(?s)<style>(.*?)<\/style>/)).output.1
        let policy = try #require(page.firstMatch(of: /style-src 'sha256-([A-Za-z0-9+\/=]+)'/)).output.1
        #expect(Data(SHA256.hash(data: Data(style.utf8))).base64EncodedString() == policy)
        #expect(page.contains("default-src 'none';"))
        #expect(page.utf8.count < 150_000)
    }

    @Test("headings, links and tables of the page are in order", arguments: packs)
    func structure(_ pack: ReviewPack) throws {
        let tags = MarkupScanner(try html(Review(pack, of: .reviewed()))).tags
        let identifiers = tags.compactMap { $0.attributes["id"] }
        #expect(Set(identifiers).count == identifiers.count)
        for tag in tags {
            if let target = tag.attributes["href"] { #expect(identifiers.contains(String(target.dropFirst()))) }
        }
        #expect(tags.count { $0.name == "h1" } == 1)
        #expect(tags.count { $0.name == "table" } == tags.count { $0.name == "caption" })
        #expect(tags.filter { $0.name == "th" }.allSatisfy { $0.attributes["scope"] != nil })
    }

    @Test("names and texts from outside stay text in both outputs", arguments: poisons + markdownPoisons)
    func hostile(_ poison: String) throws {
        for pack in packs {
            let review = try Review(poisoned(pack, poison), of: .reviewed(poison))
            let harmless = try Review(poisoned(pack, "x"), of: .reviewed("x"))
            expectInert(review.markdown, like: harmless.markdown)
            let actual = MarkupScanner(try html(review)).tags
            let expected = MarkupScanner(try html(harmless)).tags
            #expect(actual.map(\.name) == expected.map(\.name))
            #expect(actual.map { $0.attributes.keys.sorted() } == expected.map { $0.attributes.keys.sorted() })
            #expect(actual.allSatisfy { $0.attributes["href"]?.hasPrefix("#") ?? true })
        }
    }

    @Test("huge texts and a huge history leave both outputs small, with a count", arguments: packs)
    func size(_ pack: ReviewPack) throws {
        let huge = String(repeating: "&", count: 1_000_000)
        let lines = (0..<2_000).map { index in
            RolloutReport.LogLine(
                sequence: index,
                at: RolloutReport.at("2026-11-20T08:00:00Z"),
                actor: huge,
                phase: "query-optimisation",
                stage: nil,
                kind: "settled",
                sentence: "killed: \(huge)",
                repeats: 1
            )
        }
        let review = try Review(pack, of: .reviewed(log: lines))
        let page = try html(review)
        #expect(page.utf8.count < 2_000_000)
        #expect(review.markdown.utf8.count <= 900_000)
        let leftOut = review.sections.reduce(0) { $0 + $1.leftOut + $1.tables.reduce(0) { $0 + $1.leftOut } }
        #expect(leftOut >= 1_800)
        // Bytes: a search by characters through a megabyte takes seconds.
        let sentence = Data("more left out for size.".utf8)
        #expect(Data(page.utf8).range(of: sentence) != nil)
        #expect(Data(review.markdown.utf8).range(of: sentence) != nil)
    }

    @Test("the same report gives the same bytes", arguments: packs)
    func deterministic(_ pack: ReviewPack) throws {
        let first = try Review(pack, of: .reviewed()).files()
        let second = try Review(pack, of: .reviewed()).files()
        #expect(try first.map { try $0.bytes() } == second.map { try $0.bytes() })
    }

    @Test("a phase's name makes a file name and nothing else")
    func fileName() {
        #expect(ReviewPack.postPhaseReview("../a/b\u{0}é").fileName == "post-phase-review-.._a_b__")
        #expect(ReviewPack.weeklyRiskReview.fileName == "weekly-risk-review")
    }
}

import PhasegateCore

/// The first screen: may we proceed, why, and what wants attention.
struct Summary {
    /// How many criteria stand one way.
    struct Tally {
        let badge: Badge
        let count: Shown
    }

    /// A criterion that does not pass.
    struct Concern {
        let badge: Badge
        let name: Shown
        let phase: Shown
        let reason: Shown
        let note: Shown
        let href: Shown
    }

    /// Something that would stop the rollout.
    struct ThreatLine {
        let badge: Badge
        let name: Shown
        let href: Shown
        let sentence: Shown
        let room: Shown
        let gauge: Drawing
    }

    /// What is different from an earlier report.
    struct ChangeList {
        let since: Time
        let hasSentences: Bool
        let sentences: [Shown]
    }

    let prefix: Shown
    /// Whether its parts are landmarks; where a page holds several summaries they would all have the same names.
    let isLandmark: Bool
    let heading: Shown
    let subheading: Shown
    let tone: Shown
    let status: Badge
    let hasVerdict: Bool
    let verdict: [Badge]
    let headline: Shown
    let reason: Shown
    let facts: [Fact]
    let hasThreats: Bool
    let threats: [ThreatLine]
    let furtherThreats: Shown
    let noThreats: Shown
    let hasCountdowns: Bool
    let countdowns: [CountdownLine]
    let hasChanges: Bool
    let changes: [ChangeList]
    let hasTopRisks: Bool
    let topRisks: [TopRisk]
    let criteria: Shown
    let tallies: [Tally]
    let tallyBar: Drawing
    let hasConcerns: Bool
    let concerns: [Concern]

    /// Looks at a report.
    ///
    /// - Parameters:
    ///   - report: what is shown.
    ///   - base: what stands before an anchor in links; nothing where the page has no such anchors.
    ///   - prefix: of the anchors of this summary; headings are one lower where there is one.
    init(_ report: RolloutReport, linkTo base: String?, prefix: String = "") {
        self.prefix = Shown(prefix)
        isLandmark = prefix.isEmpty
        heading = Shown(prefix.isEmpty ? "2" : "3")
        subheading = Shown(prefix.isEmpty ? "3" : "4")
        status = Badge(report.status)
        tone = status.tone
        verdict = report.verdict.map { [Badge($0)] } ?? []
        hasVerdict = report.verdict != nil
        headline = Shown(report.headline.isEmpty ? "Nothing is known yet" : report.headline)
        reason = Shown(report.reason)
        facts = Self.facts(report)
        func link(_ anchor: String) -> String { base.map { $0 + anchor } ?? "" }
        var anchors: [PhaseName: [CriterionName: String]] = [:]
        for (phaseIndex, phase) in report.phases.enumerated() {
            for (index, criterion) in phase.criteria.enumerated() {
                anchors[phase.name, default: [:]][criterion.name] = "criterion-\(phaseIndex + 1)-\(index + 1)"
            }
        }
        threats = report.threats.prefix(Self.longest).map { threat in
            ThreatLine(
                badge: threat.outcome.map { Badge($0) } ?? Badge(.wait, "not weighed yet"),
                name: Shown(threat.criterion.rawValue),
                href: Shown(anchors[threat.phase]?[threat.criterion].map(link) ?? ""),
                sentence: Shown(threat.sentence),
                room: Shown(threat.room),
                gauge: Drawing(threat.headroom.map(Self.gauge) ?? "")
            )
        }
        hasThreats = !threats.isEmpty
        let further = report.threats.count - threats.count + report.furtherThreats
        furtherThreats = Shown(further > 0 ? "and \(grouped(further)) more" : "")
        noThreats = Shown(report.noThreatsSentence)
        countdowns = report.countdowns.map { CountdownLine($0) }
        hasCountdowns = !countdowns.isEmpty
        changes =
            report.changes.map {
                [
                    ChangeList(
                        since: Time($0.since),
                        hasSentences: !$0.sentences.isEmpty,
                        sentences: $0.sentences.map { Shown($0) }
                    )
                ]
            } ?? []
        hasChanges = !changes.isEmpty
        topRisks = TopRisk.ordered(in: report, atMost: 5).map { number, risk in
            TopRisk(risk, on: report.grid, href: link("risk-\(number)"))
        }
        hasTopRisks = !topRisks.isEmpty
        let all = report.phases.flatMap(\.criteria)
        let counts = Self.counts(all)
        criteria = Shown(counted(all.count, "criterion", "criteria"))
        tallies = counts.map { Tally(badge: Badge($0.tone, $0.word), count: Shown(grouped($0.count))) }
        tallyBar = Drawing(Self.bar(counts))
        concerns = report.phases.enumerated().flatMap { phaseIndex, phase in
            phase.criteria.enumerated().compactMap { index, criterion in
                Concern(criterion, of: phase, href: link("criterion-\(phaseIndex + 1)-\(index + 1)"))
            }
        }
        hasConcerns = !concerns.isEmpty
    }

    /// The nearest threats are enough for a first screen; every criterion that does not pass is listed below it.
    private static let longest = 7

    /// What is left of the way to a bound; the words beside it say the same.
    private static func gauge(_ headroom: Double) -> String {
        let used = 60 * (1 - min(max(headroom.isFinite ? headroom : 0, 0), 1))
        return "<svg class=\"gauge\" width=\"60\" height=\"8\" aria-hidden=\"true\" focusable=\"false\">"
            + "<rect class=\"f-rule\" fill=\"#d9dde3\" width=\"60\" height=\"8\" rx=\"4\"/>"
            + "<rect class=\"f-ink\" fill=\"#1a1d21\" width=\"\(svgNumber(max(used, 3)))\" height=\"8\" rx=\"4\"/>"
            + "</svg>"
    }

    private static func facts(_ report: RolloutReport) -> [Fact] {
        let phase = report.phases.first { $0.name == report.phase }
        return [
            Fact(
                "Phase",
                phase.map { $0.title.isEmpty ? $0.name.rawValue : $0.title } ?? report.phase?.rawValue ?? "none"
            ),
            Fact("Stage", report.stage?.rawValue ?? "none", isCode: report.stage != nil),
            Fact("Exposure", report.exposureSentence),
            Fact("Begun", report.openedAt.map { "\($0.forPeople) UTC" } ?? "not begun"),
        ]
    }

    private typealias Count = (tone: Badge.Tone, word: String, count: Int)

    private static func counts(_ criteria: [RolloutReport.CriterionReport]) -> [Count] {
        func count(_ outcome: Finding.Outcome?) -> Int { criteria.count { $0.finding?.outcome == outcome } }
        let all: [Count] = [
            (.fail, "fail", count(.fail)), (.unknown, "unknown", count(.unknown)), (.warn, "warn", count(.warn)),
            (.pass, "pass", count(.pass)), (.wait, "not weighed yet", count(nil)),
        ]
        return all.filter { $0.count > 0 }
    }

    /// Shares of one bar; the words beside it say the same.
    private static func bar(_ counts: [Count]) -> String {
        let total = counts.reduce(0) { $0 + $1.count }
        guard total > 0 else { return "" }
        var start = 0.0
        let parts = counts.map { part in
            let width = 1000 * Double(part.count) / Double(total)
            defer { start += width }
            return "<rect class=\"fill-\(part.tone.rawValue)\" x=\"\(svgNumber(start))\" y=\"0\" "
                + "width=\"\(svgNumber(max(1, width - 3)))\" height=\"10\"/>"
        }
        return
            "<svg class=\"tally-bar\" viewBox=\"0 0 997 10\" preserveAspectRatio=\"none\" height=\"10\" "
            + "aria-hidden=\"true\" focusable=\"false\">\(parts.joined())</svg>"
    }
}

extension Summary.Concern {
    /// Nothing for a criterion that passes or was never weighed.
    fileprivate init?(
        _ criterion: RolloutReport.CriterionReport,
        of phase: RolloutReport.PhaseReport,
        href: String
    ) {
        guard let finding = criterion.finding, finding.outcome != .pass else { return nil }
        badge = Badge(finding.outcome)
        name = Shown(criterion.name.rawValue)
        self.phase = Shown(phase.title.isEmpty ? phase.name.rawValue : phase.title)
        reason = Shown(finding.reason)
        note = Shown(finding.note)
        self.href = Shown(href)
    }
}

extension RolloutReport {
    /// Who sees the change now.
    var exposureSentence: String {
        var latest: [(flag: FlagKey, share: BasisPoints)] = []
        for point in exposures {
            if let index = latest.firstIndex(where: { $0.flag == point.flag }) {
                latest[index].share = point.share
            } else {
                latest.append((point.flag, point.share))
            }
        }
        return latest.isEmpty
            ? "nobody yet" : latest.map { "\($0.share) of users, flag \($0.flag)" }.joined(separator: "; ")
    }
}

extension Finding {
    /// What else has to be said beside the outcome.
    var note: String {
        var notes: [String] = []
        if let waivedBy { notes.append("waived by \(waivedBy)") }
        if isUnconfirmed { notes.append("not confirmed yet") }
        if strength == .should { notes.append("does not close the gate") }
        return notes.joined(separator: ", ")
    }
}

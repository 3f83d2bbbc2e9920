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
        let anchor: Shown
    }

    let tone: Shown
    let status: Badge
    let hasVerdict: Bool
    let verdict: [Badge]
    let headline: Shown
    let reason: Shown
    let facts: [Fact]
    let criteria: Shown
    let tallies: [Tally]
    let tallyBar: Drawing
    let hasConcerns: Bool
    let concerns: [Concern]

    init(_ report: RolloutReport) {
        status = Badge(report.status)
        tone = status.tone
        verdict = report.verdict.map { [Badge($0)] } ?? []
        hasVerdict = report.verdict != nil
        headline = Shown(report.headline)
        reason = Shown(report.reason)
        facts = Self.facts(report)
        let all = report.phases.flatMap(\.criteria)
        let counts = Self.counts(all)
        criteria = Shown(counted(all.count, "criterion", "criteria"))
        tallies = counts.map { Tally(badge: Badge($0.tone, $0.word), count: Shown(grouped($0.count))) }
        tallyBar = Drawing(Self.bar(counts))
        concerns = report.phases.enumerated().flatMap { phaseIndex, phase in
            phase.criteria.enumerated().compactMap { index, criterion in
                Concern(criterion, of: phase, anchor: "criterion-\(phaseIndex + 1)-\(index + 1)")
            }
        }
        hasConcerns = !concerns.isEmpty
    }

    private static func facts(_ report: RolloutReport) -> [Fact] {
        let phase = report.phases.first { $0.name == report.phase }
        var latest: [(flag: FlagKey, share: BasisPoints)] = []
        for point in report.exposures {
            if let index = latest.firstIndex(where: { $0.flag == point.flag }) {
                latest[index].share = point.share
            } else {
                latest.append((point.flag, point.share))
            }
        }
        let exposure = latest.map { "\($0.share) of users, flag \($0.flag)" }.joined(separator: "; ")
        return [
            Fact(
                "Phase",
                phase.map { $0.title.isEmpty ? $0.name.rawValue : $0.title } ?? report.phase?.rawValue ?? "none"
            ),
            Fact("Stage", report.stage?.rawValue ?? "none", isCode: report.stage != nil),
            Fact("Exposure", latest.isEmpty ? "nobody yet" : exposure),
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
        anchor: String
    ) {
        guard let finding = criterion.finding, finding.outcome != .pass else { return nil }
        badge = Badge(finding.outcome)
        name = Shown(criterion.name.rawValue)
        self.phase = Shown(phase.title.isEmpty ? phase.name.rawValue : phase.title)
        reason = Shown(finding.reason)
        note = Shown(finding.note)
        self.anchor = Shown(anchor)
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

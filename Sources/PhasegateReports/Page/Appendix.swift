import PhasegateCore

/// What does not add up in the plan, and what the report was made from.
struct Appendix {
    /// A problem in the plan.
    struct Problem {
        let badge: Badge
        let message: Shown
        let hint: Shown
        let rule: Shown
        let place: Shown
    }

    let hasProblems: Bool
    let problems: [Problem]
    let origins: [Fact]

    let hasSeeds: Bool
    let seeds: [Fact]
    let embedded: [EmbeddedJSON]

    init(_ report: RolloutReport, for audience: Audience, limits: PageLimits) throws {
        problems = report.planFindings.map {
            Problem(
                badge: Badge($0.severity),
                message: Shown($0.message),
                hint: Shown($0.hint ?? ""),
                rule: Shown($0.rule),
                place: Shown($0.place?.description ?? "")
            )
        }
        hasProblems = !problems.isEmpty
        let scale =
            report.timeScale == 1
            ? "1, clocks ran as planned" : "\(shortDecimal(report.timeScale)) times faster than planned"
        origins = [
            Fact("Rollout", report.rollout.rawValue, isCode: true),
            Fact("Written from", report.document ?? "no document named"),
            Fact("Report made", "\(report.generatedAt.forPeople) UTC"),
            Fact("phasegate", report.version),
            Fact("Report format", String(report.format)),
            Fact("Plan digest", report.planDigest, isCode: true),
            Fact("Ledger length", counted(report.ledgerLength, "entry", "entries")),
            Fact("Ledger head", report.ledgerHead.isEmpty ? "the ledger is empty" : report.ledgerHead, isCode: true),
            Fact("Time scale", scale),
        ]
        seeds = report.seeds.sorted { $0.key < $1.key }.map { Fact($0.key, $0.value, isCode: true) }
        hasSeeds = !seeds.isEmpty
        embedded = audience == .engineer ? [try EmbeddedJSON(report, limits: limits)] : []
    }
}

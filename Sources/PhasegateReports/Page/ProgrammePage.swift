import PhasegateCore

/// Several rollouts on one page: each in a line, the highest risks of all, and each one's first screen.
struct ProgrammePage {
    /// One rollout in a line.
    struct Row {
        let title: Shown
        let name: Shown
        let anchor: Shown
        let status: Badge
        let verdict: [Badge]
        let hasVerdict: Bool
        let reason: Shown
        let phase: Shown
        let exposure: Shown
        let countdowns: [CountdownLine]
        /// How many more there are, which the rollout's first screen shows.
        let moreCountdowns: Shown
    }

    /// One rollout's first screen.
    struct Section {
        let anchor: Shown
        let title: Shown
        let href: Shown
        let summary: Summary
    }

    let dress: Dress
    let documentTitle: Shown
    let title: Shown
    let version: Shown
    let generated: Time
    let hasRollouts: Bool
    let tally: Shown
    let rows: [Row]
    let hasRisks: Bool
    let risks: [TopRisk]
    /// How many more there are, which the rollouts' own reports show.
    let moreRisks: Shown
    let sections: [Section]

    private static let longestRisks = 10

    /// Looks at several rollouts.
    ///
    /// - Parameters:
    ///   - programme: the rollouts.
    ///   - paths: of their own pages, in their order, seen from the directory of this one; nothing for one that has
    ///     none, which then has no links. By default `../NAME/report.html`.
    ///   - dress: what the page wears.
    init(_ programme: ProgrammeReport, linkingTo paths: [String?]? = nil, in dress: Dress) {
        self.dress = dress
        title = Shown(programme.title.isEmpty ? "Programme" : programme.title)
        documentTitle = title
        version = Shown(programme.version)
        generated = Time(programme.generatedAt)
        let rollouts = programme.rollouts
        hasRollouts = !rollouts.isEmpty
        let addresses = rollouts.enumerated().map { index, report -> String? in
            guard let paths else { return "../\(encoded(report.rollout.rawValue))/report.html" }
            guard paths.indices.contains(index), let path = paths[index] else { return nil }
            let parts = path.split(separator: "/", omittingEmptySubsequences: false)
            return parts.map { encoded($0) }.joined(separator: "/")
        }
        tally = Shown(
            RolloutStatus.allCases.compactMap { status in
                let count = rollouts.count { $0.status == status }
                return count == 0 ? nil : "\(count) \(status.rawValue.replacing("-", with: " "))"
            }.joined(separator: ", ")
        )
        rows = rollouts.enumerated().map { index, report in
            let present = report.phases.first { $0.name == report.phase }
            return Row(
                title: Shown(report.displayTitle),
                name: Shown(report.rollout.rawValue),
                anchor: Shown("rollout-\(index + 1)"),
                status: Badge(report.status),
                verdict: report.verdict.map { [Badge($0)] } ?? [],
                hasVerdict: report.verdict != nil,
                reason: Shown(report.reason),
                phase: Shown(present.map { $0.title.isEmpty ? $0.name.rawValue : $0.title } ?? "none"),
                exposure: Shown(report.exposureSentence),
                countdowns: report.countdowns.prefix(2).map { CountdownLine($0) },
                moreCountdowns: Shown(report.countdowns.count > 2 ? "and \(report.countdowns.count - 2) more" : "")
            )
        }
        let ranked = TopRisk.ranked(in: rollouts)
        risks = ranked.prefix(Self.longestRisks).map { place, number, risk in
            let report = rollouts[place]
            return TopRisk(
                risk,
                on: report.grid,
                rollout: report.displayTitle,
                href: addresses[place].map { "\($0)#risk-\(number)" } ?? ""
            )
        }
        let missing = ranked.count - risks.count
        moreRisks = Shown(missing == 0 ? "" : counted(missing, "risk more is", "risks more are") + " in the reports.")
        hasRisks = !risks.isEmpty
        sections = rollouts.enumerated().map { index, report in
            Section(
                anchor: Shown("rollout-\(index + 1)"),
                title: Shown(report.displayTitle),
                href: Shown(addresses[index] ?? ""),
                summary: Summary(report, linkTo: addresses[index].map { "\($0)#" }, prefix: "rollout-\(index + 1)-")
            )
        }
    }
}

/// A part of a path as it may stand in an address.
private func encoded(_ part: some StringProtocol) -> String {
    let plain = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.".utf8)
    let digits = Array("0123456789ABCDEF")
    return part.utf8.map { byte in
        plain.contains(byte)
            ? String(UnicodeScalar(byte)) : "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
    }.joined()
}

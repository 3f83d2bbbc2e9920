import PhasegateCore

/// All that happened, oldest first.
struct LogSection {
    /// One line.
    struct Line {
        let sequence: Shown
        let at: Time
        let actor: Shown
        let place: Shown
        let kind: Shown
        let sentence: Shown
        let repeats: Shown
    }

    let isEmpty: Bool
    let lines: [Line]

    init(_ report: RolloutReport) {
        isEmpty = report.log.isEmpty
        lines = report.log.map { line in
            Line(
                sequence: Shown(String(line.sequence)),
                at: Time(line.at),
                actor: Shown(line.actor),
                place: Shown([line.phase?.rawValue, line.stage?.rawValue].compactMap(\.self).joined(separator: " / ")),
                kind: Shown(line.kind),
                sentence: Shown(line.sentence),
                repeats: Shown(line.repeats > 1 ? "\(grouped(line.repeats)) rounds alike" : "")
            )
        }
    }
}

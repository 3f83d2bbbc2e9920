import Mustache
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
    let leftOut: Shown

    init(_ report: RolloutReport, limits: PageLimits) {
        isEmpty = report.log.isEmpty
        let missing = max(0, report.log.count - limits.logLines)
        leftOut = Shown(
            missing == 0
                ? ""
                : counted(missing, "earlier line is", "earlier lines are")
                    + " left out of this page; report.json has all."
        )
        lines = report.log.suffix(limits.logLines).map { line in
            Line(
                sequence: Shown(String(line.sequence)),
                at: Time(line.at),
                actor: Shown(line.actor),
                place: Shown([line.phase?.rawValue, line.stage?.rawValue].compactMap(\.self).joined(separator: " / ")),
                kind: Shown(line.kind),
                sentence: Shown(line.sentence),
                repeats: Shown(
                    line.repeats > 1
                        ? "\(grouped(line.repeats)) rounds alike"
                            + (line.since.map { " since \($0.forPeople) UTC" } ?? "") : ""
                )
            )
        }
    }
}

extension LogSection.Line: MustacheParent {
    /// Without reflection, as `CriterionRow`.
    func child(named key: String) -> Any? {
        switch key {
        case "sequence": sequence
        case "at": at
        case "actor": actor
        case "place": place
        case "kind": kind
        case "sentence": sentence
        case "repeats": repeats
        default: nil
        }
    }
}

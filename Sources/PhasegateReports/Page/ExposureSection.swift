import PhasegateCore

/// Exposure over time, one chart per flag, and the points as a table.
struct ExposureSection {
    /// One flag.
    struct Chart {
        let id: Shown
        let flag: Shown
        let sentence: Shown
        let drawing: Drawing
    }

    /// One point.
    struct Point {
        let at: Time
        let flag: Shown
        let share: Shown
    }

    let isEmpty: Bool
    let charts: [Chart]
    let points: [Point]
    let hasDecisions: Bool
    let decisions: [DecisionLine]

    /// A decision that is marked on the charts.
    struct DecisionLine {
        let at: Time
        let badge: Badge
        let sentence: Shown
    }

    init(_ report: RolloutReport) {
        var flags: [FlagKey] = []
        for point in report.exposures where !flags.contains(point.flag) { flags.append(point.flag) }
        isEmpty = flags.isEmpty
        let marks = flags.isEmpty ? [] : report.log.compactMap { DecisionMark($0) }
        decisions = marks.map {
            DecisionLine(at: Time($0.at), badge: Badge($0.kind), sentence: Shown($0.sentence))
        }
        hasDecisions = !decisions.isEmpty
        charts = flags.enumerated().map { index, flag in
            let own = report.exposures.filter { $0.flag == flag }.sorted { $0.at < $1.at }
            let id = "exposure-\(index + 1)"
            let chart = ExposureChart(
                points: own.map { ($0.at, $0.share.percent) },
                decisions: marks,
                end: report.generatedAt
            )
            let last = own.last.map { "\($0.share) since \($0.at.forPeople) UTC" } ?? ""
            return Chart(
                id: Shown(id),
                flag: Shown(flag.rawValue),
                sentence: Shown(last),
                drawing: chart.drawing(
                    title: "Share of users behind flag \(flag) over time",
                    description: "now \(last); \(counted(own.count, "change")), \(counted(marks.count, "decision"))"
                )
            )
        }
        points = report.exposures.map {
            Point(at: Time($0.at), flag: Shown($0.flag.rawValue), share: Shown($0.share.description))
        }
    }
}

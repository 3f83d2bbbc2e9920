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

    init(_ report: RolloutReport) {
        var flags: [FlagKey] = []
        for point in report.exposures where !flags.contains(point.flag) { flags.append(point.flag) }
        isEmpty = flags.isEmpty
        charts = flags.enumerated().map { index, flag in
            let own = report.exposures.filter { $0.flag == flag }.sorted { $0.at < $1.at }
            let id = "exposure-\(index + 1)"
            let chart = StepChart(points: own.map { ($0.at, $0.share.percent) }, end: report.generatedAt)
            let last = own.last.map { "\($0.share) since \($0.at.forPeople) UTC" } ?? ""
            return Chart(
                id: Shown(id),
                flag: Shown(flag.rawValue),
                sentence: Shown(last),
                drawing: Drawing(chart.markup(labelledBy: id))
            )
        }
        points = report.exposures.map {
            Point(at: Time($0.at), flag: Shown($0.flag.rawValue), share: Shown($0.share.description))
        }
    }
}

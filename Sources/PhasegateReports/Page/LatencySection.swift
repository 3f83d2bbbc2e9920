import PhasegateCore

/// Latencies before and now, each as curves and as a table.
struct LatencySection {
    /// One latency.
    struct Chart {
        let name: Shown
        let phase: Shown
        let sentence: Shown
        let unit: Shown
        let limits: Shown
        let drawing: Drawing
        let rows: [Row]
    }

    /// One percentile.
    struct Row {
        let percentile: Shown
        let baseline: Shown
        let now: Shown
        let change: Shown
    }

    let isEmpty: Bool
    let charts: [Chart]

    init(_ report: RolloutReport) {
        isEmpty = report.latencies.isEmpty
        charts = report.latencies.map { curve in
            let limits = curve.limits.map {
                "\($0.kind.rawValue)s \($0.isCeiling ? "above" : "below") \(shortDecimal($0.value)) \(curve.unit)"
            }.joined(separator: ", ")
            let place = curve.percentile.map { " at p\(shortDecimal($0))" } ?? ""
            let rows = Self.rows(curve)
            let chart = LatencyChart(curve: curve)
            let worst = rows.last.map { "p\($0.percent): \($0.words)" } ?? "nothing was measured"
            return Chart(
                name: Shown(curve.name),
                phase: Shown(curve.phase.rawValue),
                sentence: Shown(chart.isLogarithmic ? "logarithmic scale" : ""),
                unit: Shown(curve.unit),
                limits: Shown(limits.isEmpty ? "" : "\(limits)\(place)"),
                drawing: chart.drawing(
                    title: "Latency of \(curve.name) over percentiles, baseline against now",
                    description: limits.isEmpty ? worst : "\(worst); \(limits)\(place)"
                ),
                rows: rows.map(\.row)
            )
        }
    }

    private static func rows(
        _ curve: RolloutReport.LatencyCurve
    ) -> [(percent: String, words: String, row: Row)] {
        // A percentile that is no number has no place in an order, and none on the chart.
        Set((curve.baseline + curve.now).map(\.percent).filter(\.isFinite)).sorted().map { percent in
            let before = curve.baseline.first { $0.percent == percent }?.value
            let now = curve.now.first { $0.percent == percent }?.value
            let first = before.map { shortDecimal($0) } ?? ""
            let second = now.map { shortDecimal($0) } ?? ""
            var change = ""
            if let before, let now, before > 0, now.isFinite {
                change = "\(shortDecimal((now / before * 1000).rounded() / 1000)) \u{D7}"
            }
            return (
                shortDecimal(percent), "\(first.isEmpty ? "no baseline" : first) against \(second) \(curve.unit)",
                Row(
                    percentile: Shown("p\(shortDecimal(percent))"),
                    baseline: Shown(first),
                    now: Shown(second),
                    change: Shown(change)
                )
            )
        }
    }
}

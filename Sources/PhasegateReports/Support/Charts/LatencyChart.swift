import Glibc
import PhasegateCore

/// Quantiles of a latency before and now, over the percentiles.
///
/// The percentiles are spread by how rare what lies above them is, so that the
/// slow end is as wide as the fast one. The values are on a logarithmic scale
/// where the largest is at least twenty times the smallest.
struct LatencyChart {
    private static let width = 480.0
    private static let height = 260.0
    private static let left = 52.0
    private static let right = 74.0
    private static let top = 16.0
    private static let bottom = 34.0

    let curve: RolloutReport.LatencyCurve

    /// Whether equal ratios have equal heights.
    var isLogarithmic: Bool { values.isLogarithmic }

    /// The drawing; empty where nothing was measured.
    func drawing(title: String, description: String) -> Drawing {
        let percents = Set((curve.now + curve.baseline).map(\.percent)).filter(\.isFinite).sorted()
        guard !percents.isEmpty else { return Drawing("") }
        var canvas = SVGCanvas(width: Self.width, height: Self.height)
        for tick in values.ticks {
            let y = values.place(tick)
            canvas.line(from: (Self.left, y), to: (Self.width - Self.right, y), .rule)
            canvas.text(shortDecimal(tick), at: (Self.left - 8, y + 4), .end)
        }
        canvas.text(wrapped(curve.unit, to: 8, lines: 1).first ?? "", at: (Self.left - 8, Self.top - 4), .end)
        for percent in percents {
            canvas.text("p\(shortDecimal(percent))", at: (x(percent), Self.height - 12), .middle)
        }
        for limit in curve.limits where limit.value.isFinite {
            let y = values.place(limit.value)
            let ink: Ink = limit.kind == .fail ? .fail : .warn
            canvas.line(
                from: (Self.left, y),
                to: (Self.width - Self.right, y),
                ink,
                dashes: limit.kind == .fail ? nil : "4 4"
            )
            // A wider stroke where the limit holds.
            if let percent = curve.percentile, percent.isFinite {
                canvas.line(from: (x(percent) - 11, y), to: (x(percent) + 11, y), ink, width: 3)
            }
        }
        draw(curve.baseline, "baseline", isBaseline: true, onto: &canvas)
        draw(curve.now, "now", isBaseline: false, onto: &canvas)
        label(&canvas)
        return canvas.drawing(title: title, description: description, className: "chart")
    }

    private func draw(
        _ quantiles: [Measurement.Quantile],
        _ word: String,
        isBaseline: Bool,
        onto canvas: inout SVGCanvas
    ) {
        let points = quantiles.filter { $0.value.isFinite && $0.percent.isFinite }
            .map { (x: x($0.percent), y: values.place($0.value)) }
        guard !points.isEmpty else { return }
        canvas.path(
            "M" + points.map { "\(svgNumber($0.x)) \(svgNumber($0.y))" }.joined(separator: "L"),
            stroke: isBaseline ? .soft : .accent,
            width: isBaseline ? 1.5 : 2.2,
            dashes: isBaseline ? "5 4" : nil
        )
        for point in points {
            if isBaseline {
                canvas.box((point.x - 3, point.y - 3), width: 6, height: 6, stroke: .soft, fill: .paper)
            } else {
                canvas.circle(point, radius: 3.5, fill: .accent)
            }
        }
    }

    /// The ends of lines named beside them, kept apart from each other.
    private func label(_ canvas: inout SVGCanvas) {
        var labels: [(word: String, y: Double, ink: Ink)] = []
        if let last = curve.baseline.last { labels.append(("baseline", values.place(last.value), .soft)) }
        if let last = curve.now.last { labels.append(("now", values.place(last.value), .accent)) }
        for limit in curve.limits where limit.value.isFinite {
            labels.append((limit.kind.rawValue, values.place(limit.value), limit.kind == .fail ? .fail : .warn))
        }
        labels.sort { $0.y == $1.y ? $0.word < $1.word : $0.y < $1.y }
        var floor = Self.top - 4
        for label in labels {
            let y = max(floor, label.y)
            canvas.text(label.word, at: (Self.width - Self.right + 9, y + 4), ink: label.ink, isStrong: true)
            floor = y + 15
        }
    }

    private var values: ChartScale {
        let all = (curve.now + curve.baseline).map(\.value) + curve.limits.map(\.value)
        let smallest = all.filter { $0.isFinite && $0 > 0 }.min() ?? 0
        let ratio = (all.filter(\.isFinite).max() ?? 0) / max(smallest, 1e-9)
        // Below a factor of twenty the axis begins at zero, so that lengths can be compared.
        return ChartScale(
            over: ratio >= 20 ? all : all + [0],
            from: Self.height - Self.bottom,
            to: Self.top,
            logarithmicFrom: 20
        )
    }

    private func x(_ percent: Double) -> Double {
        func rarity(_ percent: Double) -> Double { -log10(max(1 - min(max(percent, 0), 99.999) / 100, 1e-5)) }
        let percents = (curve.now + curve.baseline).map(\.percent).filter(\.isFinite)
        let low = rarity(percents.min() ?? 0)
        let high = rarity(percents.max() ?? 100)
        let room = Self.width - Self.left - Self.right - 24
        return Self.left + 12 + (high > low ? room * (rarity(percent) - low) / (high - low) : room / 2)
    }
}

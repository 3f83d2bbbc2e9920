import PhasegateCore

/// Numbers over rounds as a line two words high, with the limits they are held against.
///
/// A limit is a line of its own, solid where the criterion fails beyond it and
/// dashed where it warns; what lies beyond is marked by a cross or a triangle.
struct Sparkline {
    private static let width = 176.0
    private static let height = 44.0
    private static let margin = 6.0

    let spans: [HistorySpan]
    let limits: [RolloutReport.Limit]
    private let isCurrent: Bool

    /// Keeps what can be drawn.
    ///
    /// - Parameters:
    ///   - spans: oldest first.
    ///   - limits: what the numbers are held against.
    ///   - isCurrent: whether the last number is what the criterion stands at; the line ends in a hollow mark where not.
    init(_ spans: [HistorySpan], limits: [RolloutReport.Limit], isCurrent: Bool = true) {
        self.isCurrent = isCurrent
        self.spans = spans
        self.limits = limits.filter(\.value.isFinite)
    }

    /// The drawing; empty without values.
    func drawing(title: String, description: String) -> Drawing {
        guard let last = spans.last else { return Drawing("") }
        var canvas = SVGCanvas(width: Self.width, height: Self.height)
        let scale = ChartScale(
            over: spans.map(\.low) + spans.map(\.high) + limits.map(\.value),
            from: Self.height - Self.margin,
            to: Self.margin
        )
        for limit in limits {
            let y = scale.place(limit.value)
            canvas.line(
                from: (0, y),
                to: (Self.width, y),
                limit.kind == .fail ? .fail : .warn,
                dashes: limit.kind == .fail ? nil : "3 3"
            )
        }
        let points = spans.enumerated().map { (x: x($0), low: scale.place($1.low), high: scale.place($1.high)) }
        if points.count > 1 {
            let highs = points.map { "\(svgNumber($0.x)) \(svgNumber($0.high))" }
            let lows = points.map { "\(svgNumber($0.x)) \(svgNumber($0.low))" }
            if spans.allSatisfy({ $0.low == $0.high }) {
                canvas.path("M" + highs.joined(separator: "L"), stroke: .ink, width: 1.3)
            } else {
                let band = "M" + (highs + lows.reversed()).joined(separator: "L") + "Z"
                canvas.path(band, stroke: .soft, fill: .rule, width: 1)
            }
        }
        // One path for all marks of a kind: in a large report they are most of its drawings.
        var crosses = ""
        var triangles = ""
        for (point, span) in zip(points, spans) {
            guard let kind = span.breach(of: limits) else { continue }
            let isBelow = limits.contains { !$0.isCeiling && span.low < $0.value }
            let y = isBelow ? point.low : point.high
            if kind == .fail { crosses += cross(point.x, y, 2.8) } else { triangles += triangle(point.x, y, 3) }
        }
        if !triangles.isEmpty { canvas.path(triangles, fill: .warn) }
        if !crosses.isEmpty { canvas.path(crosses, stroke: .fail, width: 1.6) }
        if let end = points.last {
            let place = (end.x, (end.low + end.high) / 2)
            if !isCurrent {
                canvas.circle(place, radius: 3, stroke: .ink)
            } else if last.breach(of: limits) == nil {
                canvas.circle(place, radius: 2.5, fill: .ink)
            }
        }
        return canvas.drawing(title: title, description: description, className: "spark", isFixed: true)
    }

    private func x(_ index: Int) -> Double {
        let room = Self.width - 2 * Self.margin
        return spans.count > 1
            ? Self.margin + room * Double(index) / Double(spans.count - 1) : Self.width - Self.margin
    }
}

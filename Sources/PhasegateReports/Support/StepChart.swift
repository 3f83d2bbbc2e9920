import PhasegateCore

/// Exposure over time: a share holds until the next one is set.
struct StepChart {
    private static let width = 880.0
    private static let height = 240.0
    private static let left = 64.0
    private static let right = 16.0
    private static let top = 14.0
    private static let bottom = 34.0

    /// Moments and shares in percent, oldest first.
    let points: [(at: Moment, percent: Double)]
    /// Where the line ends.
    let end: Moment

    /// The SVG; empty without points.
    ///
    /// Its data stand in a table beside it.
    func markup(labelledBy id: String) -> String {
        guard let first = points.first, let last = points.last else { return "" }
        let span = max(1, Double((max(end, last.at) - first.at).milliseconds))
        func x(_ moment: Moment) -> Double {
            let room = Self.width - Self.left - Self.right
            return Self.left + room * max(0, Double((moment - first.at).milliseconds)) / span
        }
        var path = "M\(svgNumber(x(first.at))) \(svgNumber(y(first.percent)))"
        for point in points.dropFirst() {
            path += "H\(svgNumber(x(point.at)))V\(svgNumber(y(point.percent)))"
        }
        path += "H\(svgNumber(Self.width - Self.right))"
        let area = "\(path)V\(svgNumber(y(0)))H\(svgNumber(x(first.at)))Z"
        let dots = points.map {
            "<circle class=\"chart-dot\" r=\"3.5\" cx=\"\(svgNumber(x($0.at)))\" cy=\"\(svgNumber(y($0.percent)))\"/>"
        }
        return """
            <svg class="chart" viewBox="0 0 \(svgNumber(Self.width)) \(svgNumber(Self.height))" role="img" \
            aria-labelledby="\(id)" focusable="false">\(rulers)\
            <path class="chart-area" fill="currentColor" fill-opacity="0.12" d="\(area)"/>\
            <path class="chart-line" fill="none" stroke="currentColor" stroke-width="2" d="\(path)"/>\
            \(dots.joined())\
            \(label(first.at, at: Self.left, "start"))\
            \(label(max(end, last.at), at: Self.width - Self.right, "end"))</svg>
            """
    }

    private var rulers: String {
        [0.0, 25, 50, 75, 100].map { percent in
            """
            <line class="chart-rule" stroke="currentColor" stroke-opacity="0.2" x1="\(svgNumber(Self.left))" \
            x2="\(svgNumber(Self.width - Self.right))" y1="\(svgNumber(y(percent)))" y2="\(svgNumber(y(percent)))"/>\
            <text class="chart-text" text-anchor="end" x="\(svgNumber(Self.left - 8))" \
            y="\(svgNumber(y(percent) + 4))">\(svgNumber(percent)) %</text>
            """
        }.joined()
    }

    private func label(_ moment: Moment, at x: Double, _ anchor: String) -> String {
        "<text class=\"chart-text\" text-anchor=\"\(anchor)\" x=\"\(svgNumber(x))\" "
            + "y=\"\(svgNumber(Self.height - 10))\">\(moment.forPeople.prefix(16))</text>"
    }

    private func y(_ percent: Double) -> Double {
        Self.height - Self.bottom - (Self.height - Self.top - Self.bottom) * min(max(percent, 0), 100) / 100
    }
}

/// Numbers over rounds as a line the height of a word.
struct Sparkline {
    private static let width = 132.0
    private static let height = 30.0
    private static let margin = 4.0

    let values: [Double]

    /// Keeps what can be drawn.
    init(_ values: [Double]) { self.values = values.filter(\.isFinite) }

    /// The SVG; empty without values.
    ///
    /// Its content is said in words beside it, so it is hidden from screen readers.
    var markup: String {
        guard let low = values.min(), let high = values.max(), let last = values.last else { return "" }
        let points = values.enumerated().map { index, value in (x(index), y(value, low, high)) }
        let line = points.map { "\(svgNumber($0.0)),\(svgNumber($0.1))" }.joined(separator: " ")
        let curve =
            points.count > 1
            ? "<polyline class=\"spark-line\" fill=\"none\" stroke=\"currentColor\" points=\"\(line)\"/>" : ""
        return """
            <svg class="spark" width="\(svgNumber(Self.width))" height="\(svgNumber(Self.height))" \
            viewBox="0 0 \(svgNumber(Self.width)) \(svgNumber(Self.height))" aria-hidden="true" focusable="false">\
            \(curve)<circle class="spark-end" r="2.5" cx="\(svgNumber(x(values.count - 1)))" \
            cy="\(svgNumber(y(last, low, high)))"/></svg>
            """
    }

    private func x(_ index: Int) -> Double {
        let room = Self.width - 2 * Self.margin
        return values.count > 1
            ? Self.margin + room * Double(index) / Double(values.count - 1) : Self.width - Self.margin
    }

    /// A flat line lies in the middle; halves keep the span of huge numbers finite.
    private func y(_ value: Double, _ low: Double, _ high: Double) -> Double {
        let span = high / 2 - low / 2
        let share = span > 0 ? (value / 2 - low / 2) / span : 0.5
        return Self.height - Self.margin - (Self.height - 2 * Self.margin) * share
    }
}

/// A coordinate with at most one decimal.
func svgNumber(_ number: Double) -> String {
    let tenths = Int((min(max(number, -1e6), 1e6) * 10).rounded())
    let sign = tenths < 0 ? "-" : ""
    let rest = tenths.magnitude % 10
    return "\(sign)\(tenths.magnitude / 10)\(rest == 0 ? "" : ".\(rest)")"
}

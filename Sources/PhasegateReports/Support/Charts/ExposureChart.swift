import PhasegateCore

/// Exposure over time: a share holds until the next one is set; above it, what was decided.
struct ExposureChart {
    private static let width = 880.0
    private static let height = 286.0
    private static let left = 58.0
    private static let right = 16.0
    private static let top = 46.0
    private static let bottom = 34.0

    /// Moments and shares in percent, oldest first.
    let points: [(at: Moment, percent: Double)]
    /// What was decided.
    let decisions: [DecisionMark]
    /// Where the line ends.
    let end: Moment

    /// The drawing; empty without points.
    func drawing(title: String, description: String) -> Drawing {
        guard let first = points.first, let last = points.last else { return Drawing("") }
        let axis = TimeAxis(
            from: first.at,
            to: max(end, last.at),
            start: Self.left,
            end: Self.width - Self.right
        )
        var canvas = SVGCanvas(width: Self.width, height: Self.height)
        for percent in [0.0, 25, 50, 75, 100] {
            canvas.line(from: (Self.left, y(percent)), to: (Self.width - Self.right, y(percent)), .rule)
            canvas.text("\(svgNumber(percent)) %", at: (Self.left - 8, y(percent) + 4), .end)
        }
        var path = "M\(svgNumber(axis.place(first.at))) \(svgNumber(y(first.percent)))"
        for point in points.dropFirst() {
            path += "H\(svgNumber(axis.place(point.at)))V\(svgNumber(y(point.percent)))"
        }
        path += "H\(svgNumber(Self.width - Self.right))"
        canvas.path("\(path)V\(svgNumber(y(0)))H\(svgNumber(Self.left))Z", fill: .accent, opacity: 0.1)
        canvas.path(path, stroke: .accent, width: 2)
        for point in points {
            canvas.circle((axis.place(point.at), y(point.percent)), radius: 3.5, stroke: .accent, fill: .paper)
        }
        for mark in decisions where mark.at >= first.at && mark.at <= max(end, last.at) {
            let x = axis.place(mark.at)
            canvas.line(from: (x, 30), to: (x, y(0)), .soft, dashes: "1 4")
            mark.draw(at: (x, 18), onto: &canvas)
        }
        for (index, tick) in axis.ticks.enumerated() {
            let anchor: SVGCanvas.Anchor = index == 0 ? .start : index == axis.ticks.count - 1 ? .end : .middle
            canvas.text(axis.label(tick), at: (axis.place(tick), Self.height - 10), anchor)
        }
        return canvas.drawing(title: title, description: description, className: "chart")
    }

    private func y(_ percent: Double) -> Double {
        Self.height - Self.bottom - (Self.height - Self.top - Self.bottom) * min(max(percent, 0), 100) / 100
    }
}

/// A decision as a mark whose shape says what it was.
struct DecisionMark {
    /// What a decision does to the rollout.
    enum Kind: String {
        case proceed = "go"
        case hold
        case back = "rollback"
    }

    let at: Moment
    let kind: Kind
    let sentence: String

    /// Reads a line of the log; nothing for a line that decides nothing, and for waiting.
    ///
    /// Sentences of decisions begin with the verdict and the action, as `go → advance: …`.
    init?(_ line: RolloutReport.LogLine) {
        guard line.kind == "decided" else { return nil }
        let words = line.sentence.prefix { $0 != ":" }.split(separator: " ").suffix(1)
        switch words.first ?? "" {
        case "advance", "go": kind = .proceed
        case "hold", "freeze", "stop": kind = .hold
        case "rollback", "compensate": kind = .back
        default: return nil
        }
        // Where it began, not where it was last found unchanged.
        at = line.since ?? line.at
        sentence = line.sentence
    }

    func draw(at place: (x: Double, y: Double), onto canvas: inout SVGCanvas) {
        switch kind {
        case .proceed: canvas.path(triangle(place.x, place.y, 6), fill: .pass)
        case .hold:
            canvas.box((place.x - 5, place.y - 6), width: 3.6, height: 12, fill: .unknown)
            canvas.box((place.x + 1.4, place.y - 6), width: 3.6, height: 12, fill: .unknown)
        case .back: canvas.path(triangle(place.x, place.y, 6, isUp: false), fill: .fail)
        }
    }
}

/// Time along a drawing, with days or hours to go by.
struct TimeAxis {
    let from: Moment
    let to: Moment
    let start: Double
    let end: Double

    /// Where a moment lies; the nearest end for one beyond.
    func place(_ moment: Moment) -> Double {
        let span = max(1, Double((to - from).milliseconds))
        return start + (end - start) * min(max(Double((moment - from).milliseconds) / span, 0), 1)
    }

    /// Both ends and what lies evenly between them.
    var ticks: [Moment] {
        (0...4).map { from + .milliseconds((to - from).milliseconds * $0 / 4) }
    }

    /// The date, with the time of day where the whole axis is shorter than five days.
    func label(_ moment: Moment) -> String {
        let text = moment.forPeople
        return to - from < .seconds(5 * 86_400) ? String(text.dropFirst(5).prefix(11)) : String(text.prefix(10))
    }
}

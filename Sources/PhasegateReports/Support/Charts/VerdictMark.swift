import PhasegateCore

/// A gate's verdict as a mark whose shape says what it was; filled once the gate was left.
struct VerdictMark {
    let outcome: GateOutcome
    let isLeft: Bool

    private static let size = 5.5

    /// The name of its symbol in `icons.mustache`, for legends.
    static func symbol(of outcome: GateOutcome) -> String { "mark-verdict-\(outcome.rawValue)" }

    func draw(at place: (x: Double, y: Double), onto canvas: inout SVGCanvas) {
        let (x, y, size) = (place.x, place.y, Self.size)
        let fill = isLeft ? ink : Ink.paper
        switch outcome {
        case .go: canvas.path(triangle(x, y, size), stroke: ink, fill: fill, width: 1.6)
        case .conditionalGo: canvas.path(rhombus(x, y, size), stroke: ink, fill: fill, width: 1.6)
        case .hold:
            for left in [x - size, x + 1] {
                canvas.box((left, y - size), width: size - 1, height: 2 * size, stroke: ink, fill: fill)
            }
        case .recycle: canvas.circle(place, radius: size, stroke: ink, fill: fill)
        case .kill: canvas.box((x - size, y - size), width: 2 * size, height: 2 * size, stroke: ink, fill: fill)
        }
    }

    private var ink: Ink {
        switch outcome {
        case .go: .pass
        case .conditionalGo: .warn
        case .hold: .unknown
        case .recycle, .kill: .fail
        }
    }
}

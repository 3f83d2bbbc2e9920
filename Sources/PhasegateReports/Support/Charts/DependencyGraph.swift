import PhasegateCore

/// Which phase has to be finished before which, in columns from left to right.
struct DependencyGraph {
    private static let box = (width: 158.0, height: 46.0)
    private static let gap = (x: 54.0, y: 20.0)

    /// A phase with its place.
    struct Node {
        let title: String
        let number: Int
        let layer: Int
        let line: Int
        let progress: RolloutReport.PhaseReport.Progress
        /// Indices of the nodes it waits for.
        let needs: [Int]
    }

    let nodes: [Node]
    /// Whether each phase just waits for the one before it.
    let isLine: Bool

    /// Places the phases: one column behind the last one they wait for, in the order of the plan.
    init(_ phases: [RolloutReport.PhaseReport]) {
        let places = Dictionary(phases.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
        let needs = phases.map { $0.needs.compactMap { places[$0] } }
        isLine =
            phases.allSatisfy { $0.needs.isEmpty }
            || needs.enumerated().allSatisfy { index, needed in needed == (index == 0 ? [] : [index - 1]) }
        // A plan without circles settles after as many rounds as it has phases.
        var layers = [Int](repeating: 0, count: phases.count)
        for _ in phases {
            for (index, needed) in needs.enumerated() {
                layers[index] = min(phases.count, needed.reduce(0) { max($0, layers[$1] + 1) })
            }
        }
        var used: [Int: Int] = [:]
        nodes = phases.enumerated().map { index, phase in
            let line = used[layers[index], default: 0]
            used[layers[index]] = line + 1
            return Node(
                title: phase.title.isEmpty ? phase.name.rawValue : phase.title,
                number: index + 1,
                layer: layers[index],
                line: line,
                progress: phase.progress,
                needs: needs[index]
            )
        }
    }

    /// The drawing; empty for a line.
    func drawing(title: String, description: String) -> Drawing {
        guard !isLine else { return Drawing("") }
        let columns = Double((nodes.map(\.layer).max() ?? 0) + 1)
        let lines = Double((nodes.map(\.line).max() ?? 0) + 1)
        var canvas = SVGCanvas(
            width: columns * (Self.box.width + Self.gap.x) - Self.gap.x + 4,
            height: lines * (Self.box.height + Self.gap.y) - Self.gap.y + 4
        )
        for node in nodes {
            for needed in node.needs {
                let half = Self.box.height / 2
                let start = (x: corner(nodes[needed]).x + Self.box.width, y: corner(nodes[needed]).y + half)
                let end = (x: corner(node).x - 1, y: corner(node).y + half)
                let bend = Self.gap.x / 2
                canvas.path(
                    "M\(svgNumber(start.x)) \(svgNumber(start.y))C\(svgNumber(start.x + bend)) \(svgNumber(start.y)) "
                        + "\(svgNumber(end.x - bend)) \(svgNumber(end.y)) \(svgNumber(end.x - 4)) \(svgNumber(end.y))",
                    stroke: .soft,
                    width: 1.4
                )
                canvas.path(arrowhead(from: (end.x - 10, end.y), to: end, size: 7), fill: .soft)
            }
        }
        for node in nodes {
            let place = corner(node)
            let ink: Ink =
                switch node.progress {
                case .ahead: .soft
                case .present: .accent
                case .finished: .pass
                case .rolledBack, .failed: .fail
                }
            canvas.box(place, width: Self.box.width, height: Self.box.height, radius: 6, stroke: ink, fill: .paper)
            let words = wrapped(node.title, to: 21, lines: 1).first ?? ""
            canvas.text("\(node.number)  \(words)", at: (place.x + 10, place.y + 19), ink: .ink)
            canvas.text(
                node.progress.rawValue.replacing("-", with: " "),
                at: (place.x + 10, place.y + 36),
                ink: ink,
                size: 11
            )
        }
        return canvas.drawing(title: title, description: description, className: "chart graph")
    }

    private func corner(_ node: Node) -> (x: Double, y: Double) {
        (2 + Double(node.layer) * (Self.box.width + Self.gap.x), 2 + Double(node.line) * (Self.box.height + Self.gap.y))
    }
}

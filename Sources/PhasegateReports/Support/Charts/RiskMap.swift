import PhasegateCore

/// How risks move on their grid: from where they began, over where they are, to where they are meant to come.
struct RiskMap {
    private static let cell = (width: 150.0, height: 78.0)
    private static let left = 84.0
    private static let bottom = 44.0
    /// More arrows than this on one map cannot be told apart.
    static let limit = 12

    let grid: RiskGrid
    /// Risks that move and stand on the grid, in the order of the register.
    let moving: [RiskAppraisal]

    init(_ grid: RiskGrid, _ risks: [RiskAppraisal]) {
        self.grid = grid
        moving = risks.filter { risk in
            guard grid.level(likelihood: risk.declared.likelihood, impact: risk.declared.impact) != nil else {
                return false
            }
            return [risk.inherent, risk.target].contains { position in
                position.map { $0 != risk.current && grid.level(likelihood: $0.likelihood, impact: $0.impact) != nil }
                    ?? false
            }
        }
    }

    /// The drawing; empty where nothing moves.
    func drawing(title: String, description: String) -> Drawing {
        guard !moving.isEmpty else { return Drawing("") }
        var canvas = SVGCanvas(
            width: Self.left + Self.cell.width * Double(grid.impacts.count) + 4,
            height: Self.cell.height * Double(grid.likelihoods.count) + Self.bottom
        )
        for (row, likelihood) in grid.likelihoods.enumerated() {
            let y = y(row)
            canvas.text(
                wrapped(likelihood.word, to: 11, lines: 1).first ?? "",
                at: (Self.left - 12, y + Self.cell.height / 2 + 4),
                .end
            )
            for (column, impact) in grid.impacts.enumerated() {
                let level = grid.level(likelihood: likelihood.word, impact: impact) ?? ""
                canvas.box(
                    (x(column) + 1, y + 1),
                    width: Self.cell.width - 2,
                    height: Self.cell.height - 2,
                    radius: 4,
                    fill: .rule,
                    opacity: 0.6,
                    className: "rank-\(grid.rank(of: level))"
                )
                canvas.text(
                    wrapped(level, to: 18, lines: 1).first ?? "",
                    at: (x(column) + 8, y + 16),
                    ink: .ink,
                    size: 10
                )
            }
        }
        for (column, impact) in grid.impacts.enumerated() {
            canvas.text(
                wrapped(impact, to: 18, lines: 1).first ?? "",
                at: (x(column) + Self.cell.width / 2, canvas.height - 24),
                .middle
            )
        }
        let middle = Self.left + Self.cell.width * Double(grid.impacts.count) / 2
        canvas.text("impact", at: (middle, canvas.height - 6), .middle)
        let drawn = moving.prefix(Self.limit).enumerated()
        for (slot, risk) in drawn { drawWay(of: risk, slot, onto: &canvas) }
        for (slot, risk) in drawn { drawStand(of: risk, slot, onto: &canvas) }
        return canvas.drawing(title: title, description: description, className: "chart risk-map")
    }

    private func drawWay(of risk: RiskAppraisal, _ slot: Int, onto canvas: inout SVGCanvas) {
        guard let current = place(risk.current, slot) else { return }
        if let inherent = risk.inherent.flatMap({ place($0, slot) }), risk.inherent != risk.current {
            canvas.circle(inherent, radius: 4, stroke: .soft, fill: .paper)
            arrow(from: inherent, to: current, isPlan: false, onto: &canvas)
        }
        if let target = risk.target.flatMap({ place($0, slot) }), risk.target != risk.current {
            arrow(from: current, to: target, isPlan: true, onto: &canvas)
            canvas.box((target.x - 4, target.y - 4), width: 8, height: 8, stroke: .soft, fill: .paper)
        }
    }

    private func drawStand(of risk: RiskAppraisal, _ slot: Int, onto canvas: inout SVGCanvas) {
        guard let current = place(risk.current, slot) else { return }
        // The ring says without colour that it is raised.
        if !risk.raisedBy.isEmpty { canvas.circle(current, radius: 9, stroke: .fail) }
        if risk.isMeasured {
            canvas.circle(current, radius: 5.5, fill: risk.raisedBy.isEmpty ? .ink : .fail)
        } else {
            canvas.circle(current, radius: 5.5, stroke: .ink, fill: .paper, dashes: "2.5 2")
        }
        let word = wrapped(risk.id.rawValue, to: 10, lines: 1).first ?? ""
        // Beside the dot, or above it where an arrow comes from that side.
        let isCrossed = [risk.inherent, risk.target].contains { position in
            position.flatMap { place($0, slot) }.map { $0.x > current.x && abs($0.y - current.y) < 20 } ?? false
        }
        let width = Double(word.count) * 7.2 + 4
        let room = risk.raisedBy.isEmpty ? 0.0 : 4
        let start =
            isCrossed
            ? (x: current.x - width / 2, y: current.y - 10 - room) : (x: current.x + 8 + room, y: current.y + 4)
        // Keeps lines off the words.
        canvas.box((start.x, start.y - 10.5), width: width, height: 13, radius: 3, fill: .paper, opacity: 0.8)
        canvas.text(word, at: (start.x + 2, start.y), ink: .ink, size: 11, isStrong: true)
    }

    private func arrow(
        from start: (x: Double, y: Double),
        to end: (x: Double, y: Double),
        isPlan: Bool,
        onto canvas: inout SVGCanvas
    ) {
        let span = (x: end.x - start.x, y: end.y - start.y)
        let length = max(0.001, (span.x * span.x + span.y * span.y).squareRoot())
        func along(_ distance: Double) -> (x: Double, y: Double) {
            (start.x + span.x * distance / length, start.y + span.y * distance / length)
        }
        guard length > 20 else { return }
        canvas.line(from: along(7), to: along(length - 12), .soft, width: 1.4, dashes: isPlan ? "4 3" : nil)
        canvas.path(arrowhead(from: along(7), to: along(length - 8)), fill: .soft)
    }

    /// The middle of a cell, each risk a little beside the others.
    private func place(_ position: Risk.Position, _ slot: Int) -> (x: Double, y: Double)? {
        guard let row = grid.likelihoods.firstIndex(where: { $0.word == position.likelihood }),
            let column = grid.impacts.firstIndex(of: position.impact)
        else { return nil }
        let across = Double((slot * 5) % 3)
        let down = Double((slot / 3 + slot) % 4)
        return (x(column) + 46 + across * 34, y(row) + 28 + down * 13)
    }

    private func x(_ column: Int) -> Double { Self.left + Self.cell.width * Double(column) }

    /// The most likely at the top.
    private func y(_ row: Int) -> Double { Self.cell.height * Double(grid.likelihoods.count - 1 - row) }
}

extension RiskAppraisal {
    /// Where it stands as declared.
    var current: Risk.Position { Risk.Position(likelihood: declared.likelihood, impact: declared.impact) }
}

extension RiskGrid {
    /// The level as one of five tints; a level that is not on the scale has none.
    func rank(of level: String) -> String {
        guard let index = levels.firstIndex(of: level) else { return "none" }
        guard levels.count > 1 else { return "0" }
        return String((index * 4 + (levels.count - 1) / 2) / (levels.count - 1))
    }
}

import PhasegateCore

/// How far the evidence of a comparison has come, of harm and of none, each towards what it has to reach.
struct EvidenceMeter {
    private static let width = 176.0
    /// Of one bar with its label.
    private static let rowHeight = 27.0
    /// Where the bars end when the claim is shown.
    private static let goal = 168.0

    let evidence: SequentialEvidence

    /// Whether anything may be concluded from it: not where users do not come as planned, nor where the last look says nothing.
    private var counts: Bool {
        switch evidence.answer {
        case .invalid, .blind: false
        case .fail, .pass, .undecided: true
        }
    }

    /// The drawing; empty where no claim is tested.
    func drawing(title: String) -> Drawing {
        guard evidence.failing != nil || evidence.passing != nil else { return Drawing("") }
        var canvas = SVGCanvas(width: Self.width, height: 2 * Self.rowHeight)
        bar(evidence.failing, "harm", .fail, top: 0, on: &canvas)
        bar(evidence.passing, "no harm", .pass, top: Self.rowHeight, on: &canvas)
        return canvas.drawing(title: title, description: words, className: "spark meter", isFixed: true)
    }

    /// The same in words.
    var words: String {
        var parts: [String] = []
        if let side = evidence.failing { parts.append("evidence of harm \(Self.words(side))") }
        if let side = evidence.passing { parts.append("of none \(Self.words(side))") }
        let unit = evidence.unit.rawValue
        parts.append("\(counted(evidence.candidate, unit)) with the change")
        // Beside a fixed limit nobody is counted without it.
        if evidence.control > 0 { parts.append("\(counted(evidence.control, unit)) without") }
        if evidence.answer == .undecided, let left = evidence.samplesToDecide, left < 1e9 {
            parts.append("about \(counted(Int(max(1, left.rounded(.up))), unit)) with the change to go")
        }
        return (counts ? "" : "does not count: ") + parts.joined(separator: ", ")
    }

    private static func words(_ side: SequentialEvidence.Side) -> String {
        let decimals = (side.logEvidence * 10).rounded() / 10
        return "\(shortDecimal(decimals)) of \(shortDecimal((side.threshold * 10).rounded() / 10))"
    }

    private func bar(
        _ side: SequentialEvidence.Side?,
        _ label: String,
        _ ink: Ink,
        top: Double,
        on canvas: inout SVGCanvas
    ) {
        guard let side else { return }
        let part = side.threshold > 0 ? min(1, max(0, side.logEvidence / side.threshold)) : 0
        // What does not count is not to look like what has been shown.
        canvas.text(side.isShown && counts ? "\(label): shown" : label, at: (0, top + 11))
        let y = top + 19
        // A thin line, but one that is seen on any paper: how far there is to go.
        canvas.line(from: (0, y), to: (Self.goal, y), .soft, width: 1)
        if part > 0 { canvas.line(from: (0, y), to: (Self.goal * part, y), counts ? ink : .soft, width: 6) }
        canvas.line(from: (Self.goal, y - 5), to: (Self.goal, y + 5), .ink, width: 1.5)
    }
}

import PhasegateCore

/// How far the evidence of a comparison has come, of harm and of none, each towards what it has to reach.
struct EvidenceMeter {
    private static let width = 176.0
    private static let height = 46.0
    /// Where the bars end when the claim is shown.
    private static let goal = 168.0

    let evidence: SequentialEvidence

    /// The drawing; empty where no claim is tested.
    func drawing(title: String) -> Drawing {
        guard evidence.failing != nil || evidence.passing != nil else { return Drawing("") }
        var canvas = SVGCanvas(width: Self.width, height: Self.height)
        bar(evidence.failing, "harm", .fail, top: 0, on: &canvas)
        bar(evidence.passing, "no harm", .pass, top: 23, on: &canvas)
        return canvas.drawing(title: title, description: words, className: "spark", isFixed: true)
    }

    /// The same in words.
    var words: String {
        var parts: [String] = []
        if let side = evidence.failing { parts.append("evidence of harm \(Self.words(side))") }
        if let side = evidence.passing { parts.append("of none \(Self.words(side))") }
        let unit = evidence.unit.rawValue
        parts.append("\(counted(evidence.candidate, unit)) with the change, \(counted(evidence.control, unit)) without")
        if evidence.answer == .undecided, let left = evidence.samplesToDecide, left < 1e9 {
            parts.append("about \(counted(Int(max(1, left.rounded(.up))), unit)) with the change to go")
        }
        return parts.joined(separator: ", ")
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
        canvas.text(side.isShown ? "\(label): shown" : label, at: (0, top + 10), size: 11)
        let y = top + 16
        canvas.line(from: (0, y), to: (Self.goal, y), .rule, width: 5)
        if part > 0 { canvas.line(from: (0, y), to: (Self.goal * part, y), ink, width: 5) }
        canvas.line(from: (Self.goal, y - 5), to: (Self.goal, y + 5), .ink, width: 1.5)
    }
}

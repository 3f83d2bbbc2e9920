/// What a line or an area stands for; its colour follows.
///
/// Styles of the page set the colour by class, for light, dark and paper; the
/// attribute beside it is what a viewer without styles shows.
enum Ink: String {
    case ink
    case soft
    case rule
    case paper
    case accent
    case pass
    case warn
    case fail
    case unknown

    /// The colour on white.
    var fallback: String {
        switch self {
        case .ink: "#1a1d21"
        case .soft: "#59616d"
        case .rule: "#d9dde3"
        case .paper: "#ffffff"
        case .accent: "#1f5fbf"
        case .pass: "#17734a"
        case .warn: "#8a5800"
        case .fail: "#b3261e"
        case .unknown: "#5f45b5"
        }
    }
}

/// A drawing put together from numbers and words; words are escaped here, whatever they say.
struct SVGCanvas {
    /// Where a text is tied to its place.
    enum Anchor: String {
        case start
        case middle
        case end
    }

    let width: Double
    let height: Double
    private var parts = ""

    init(width: Double, height: Double) {
        self.width = width
        self.height = height
    }

    /// A straight line.
    mutating func line(
        from start: (x: Double, y: Double),
        to end: (x: Double, y: Double),
        _ ink: Ink,
        width: Double = 1,
        dashes: String? = nil
    ) {
        path(
            "M\(svgNumber(start.x)) \(svgNumber(start.y))L\(svgNumber(end.x)) \(svgNumber(end.y))",
            stroke: ink,
            width: width,
            dashes: dashes
        )
    }

    /// A path of commands that were made from numbers.
    mutating func path(
        _ commands: String,
        stroke: Ink? = nil,
        fill: Ink? = nil,
        width: Double = 1.5,
        dashes: String? = nil,
        opacity: Double? = nil
    ) {
        parts += "<path\(Self.colours(stroke: stroke, fill: fill))"
        if stroke != nil, width != 1 { parts += " stroke-width=\"\(svgNumber(width))\"" }
        if let dashes { parts += " stroke-dasharray=\"\(dashes)\"" }
        if let opacity { parts += " opacity=\"\(svgNumber(opacity))\"" }
        parts += " d=\"\(commands)\"/>"
    }

    /// A circle.
    mutating func circle(
        _ centre: (x: Double, y: Double),
        radius: Double,
        stroke: Ink? = nil,
        fill: Ink? = nil,
        dashes: String? = nil
    ) {
        parts += "<circle\(Self.colours(stroke: stroke, fill: fill))"
        if stroke != nil { parts += " stroke-width=\"1.5\"" }
        if let dashes { parts += " stroke-dasharray=\"\(dashes)\"" }
        parts += " r=\"\(svgNumber(radius))\" cx=\"\(svgNumber(centre.x))\" cy=\"\(svgNumber(centre.y))\"/>"
    }

    /// A rectangle with round corners.
    mutating func box(
        _ corner: (x: Double, y: Double),
        width: Double,
        height: Double,
        radius: Double = 0,
        stroke: Ink? = nil,
        fill: Ink? = nil,
        opacity: Double? = nil,
        className: String? = nil
    ) {
        parts += "<rect\(Self.colours(stroke: stroke, fill: fill, className: className))"
        if radius > 0 { parts += " rx=\"\(svgNumber(radius))\"" }
        if let opacity { parts += " opacity=\"\(svgNumber(opacity))\"" }
        parts += " x=\"\(svgNumber(corner.x))\" y=\"\(svgNumber(corner.y))\" width=\"\(svgNumber(max(0, width)))\""
        parts += " height=\"\(svgNumber(max(0, height)))\"/>"
    }

    /// Words on one line.
    mutating func text(
        _ words: String,
        at place: (x: Double, y: Double),
        _ anchor: Anchor = .start,
        ink: Ink = .soft,
        size: Double = 12,
        isStrong: Bool = false
    ) {
        parts += "<text class=\"t f-\(ink.rawValue)\" fill=\"\(ink.fallback)\""
        parts += " font-family=\"sans-serif\""
        parts += " font-size=\"\(svgNumber(size))\""
        if isStrong { parts += " font-weight=\"600\"" }
        if anchor != .start { parts += " text-anchor=\"\(anchor.rawValue)\"" }
        parts += " x=\"\(svgNumber(place.x))\" y=\"\(svgNumber(place.y))\">\(escapedMarkup(words))</text>"
    }

    /// The whole drawing with what it is and what it says in words.
    ///
    /// - Parameters:
    ///   - title: what it shows.
    ///   - description: what can be read off it; its data stand in a table beside it.
    ///   - className: of the element.
    ///   - isFixed: whether it keeps its size instead of filling its place.
    /// - Returns: the markup.
    func drawing(title: String, description: String, className: String, isFixed: Bool = false) -> Drawing {
        let size = isFixed ? " width=\"\(svgNumber(width))\" height=\"\(svgNumber(height))\"" : ""
        return Drawing(
            """
            <svg class="\(className)" viewBox="0 0 \(svgNumber(width)) \(svgNumber(height))"\(size) role="img">\
            <title>\(escapedMarkup(title))</title><desc>\(escapedMarkup(description))</desc>\
            \(parts)</svg>
            """
        )
    }

    private static func colours(stroke: Ink?, fill: Ink?, className: String? = nil) -> String {
        let names = [className, fill.map { "f-\($0.rawValue)" }, stroke.map { "s-\($0.rawValue)" }].compactMap(\.self)
        var text = names.isEmpty ? "" : " class=\"\(names.joined(separator: " "))\""
        text += " fill=\"\(fill?.fallback ?? "none")\""
        if let stroke { text += " stroke=\"\(stroke.fallback)\"" }
        return text
    }
}

/// A coordinate with at most one decimal.
func svgNumber(_ number: Double) -> String {
    guard number.isFinite else { return "0" }
    let tenths = Int((min(max(number, -1e6), 1e6) * 10).rounded())
    let sign = tenths < 0 ? "-" : ""
    let rest = tenths.magnitude % 10
    return "\(sign)\(tenths.magnitude / 10)\(rest == 0 ? "" : ".\(rest)")"
}

/// A text as it may stand between tags and in attributes of markup we make ourselves.
func escapedMarkup(_ text: String) -> String {
    let inert = Shown.inert(text)
    guard inert.utf8.contains(where: { "<>&\"'".utf8.contains($0) }) else { return inert }
    var result = String.UnicodeScalarView()
    for scalar in inert.unicodeScalars {
        switch scalar {
        case "<": result.append(contentsOf: "&lt;".unicodeScalars)
        case ">": result.append(contentsOf: "&gt;".unicodeScalars)
        case "&": result.append(contentsOf: "&amp;".unicodeScalars)
        case "\"": result.append(contentsOf: "&quot;".unicodeScalars)
        case "'": result.append(contentsOf: "&#39;".unicodeScalars)
        default: result.append(scalar)
        }
    }
    return String(result)
}

/// Words in lines of at most so many characters, an ellipsis for what does not fit.
func wrapped(_ text: String, to width: Int, lines limit: Int) -> [String] {
    var lines: [String] = []
    for word in PlainText.oneLine(text, atMost: width * limit * 2).split(separator: " ") {
        if let last = lines.last, last.count + word.count + 1 <= width {
            lines[lines.count - 1] = "\(last) \(word)"
        } else {
            lines.append(String(word))
        }
    }
    let isCut = lines.count > limit
    lines = lines.prefix(limit).map { $0.count > width ? $0.prefix(width - 1) + "\u{2026}" : $0 }
    if isCut, let last = lines.last, !last.hasSuffix("\u{2026}") {
        lines[lines.count - 1] = last.prefix(width - 1) + "\u{2026}"
    }
    return lines
}

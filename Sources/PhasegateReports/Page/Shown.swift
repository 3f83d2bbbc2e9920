import Mustache

/// A text as it may stand in a page: every string on the page is one.
///
/// Templates escape it. Before that it is made safe to escape: mustache looks
/// for `<`, `"` and the like among characters, so that a quote with a
/// combining mark behind it would slip through and end an attribute. Control
/// and direction characters are shown instead of obeyed. An empty text is
/// absent: a section over it is not rendered.
struct Shown: MustacheCustomRenderable {
    /// The name cannot be reached from a template.
    private let text: String

    init(_ text: String) { self.text = Self.inert(text) }

    var renderText: String { text }

    var isNull: Bool { text.isEmpty }

    private static func inert(_ text: String) -> String {
        var result = ""
        result.reserveCapacity(text.utf8.count)
        for character in text {
            let scalars = character.unicodeScalars
            let isCluster = scalars.count > 1 && scalars.contains { "<>&\"'".unicodeScalars.contains($0) }
            for (index, scalar) in scalars.enumerated() {
                // A dotted circle carries what would otherwise cling to a letter of the markup.
                if isCluster, index > 0 { result.unicodeScalars.append("\u{25CC}") }
                append(scalar, to: &result)
            }
        }
        return result
    }

    private static func append(_ scalar: Unicode.Scalar, to result: inout String) {
        switch scalar.value {
        case 0x09, 0x0A: result.unicodeScalars.append(scalar)
        case 0x0D: break
        case 0x00..<0x20:
            // The picture of the control character.
            if let picture = Unicode.Scalar(0x2400 + scalar.value) { result.unicodeScalars.append(picture) }
        case 0x7F: result.unicodeScalars.append("\u{2421}")
        case 0x80..<0xA0, 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFFFE, 0xFFFF:
            result += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
        default: result.unicodeScalars.append(scalar)
        }
    }
}

extension Shown: ExpressibleByStringLiteral {
    init(stringLiteral value: String) { self.init(value) }
}

extension Shown: MustacheParent {
    /// A text has nothing inside; without this, every name inside a section over it would be looked for by reflection.
    func child(named: String) -> Any? { nil }
}

/// Markup that we made ourselves from numbers; the only thing templates render as it is.
struct Drawing: MustacheCustomRenderable {
    private let markup: String

    init(_ markup: String) { self.markup = markup }

    var renderText: String { markup }

    var isNull: Bool { markup.isEmpty }
}

import Mustache

/// A text as it may stand in a page: every string on the page is one.
///
/// Templates escape it. Before that it is made safe to escape: mustache looks
/// for `<`, `"` and the like among characters, so that a quote with a
/// combining mark behind it would slip through and end an attribute. Control
/// and direction characters are shown instead of obeyed. An empty text is
/// absent: a section over it is not rendered.
struct Shown: MustacheCustomRenderable {
    /// Longest text of one place on a page, in bytes; what is cut is counted in its place.
    static let longest = 16_384

    /// The name cannot be reached from a template.
    private let text: String

    init(_ text: String) { self.text = Self.inert(text) }

    var renderText: String { text }

    var isNull: Bool { text.isEmpty }

    /// The text without anything that a browser, a terminal or an escaper would obey.
    static func inert(_ text: String) -> String {
        // Most texts are plain; looking at characters takes a hundred times as long as looking at bytes.
        if text.utf8.count <= longest, text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F || $0 == 0x0A || $0 == 0x09 }) {
            return text
        }
        let text = PlainText.capped(text, to: longest)
        var result = ""
        result.reserveCapacity(text.utf8.count)
        for character in text {
            if character == "\r\n" {
                result.unicodeScalars.append("\n")
                continue
            }
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
        // Never nothing: it kept its neighbours apart when characters were looked at, and has to keep them apart now.
        case 0x0D: result.unicodeScalars.append("\n")
        case 0x00..<0x20:
            // The picture of the control character.
            if let picture = Unicode.Scalar(0x2400 + scalar.value) { result.unicodeScalars.append(picture) }
        case 0x7F: result.unicodeScalars.append("\u{2421}")
        case _ where scalar.isInvisibleCommand:
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

extension Unicode.Scalar {
    /// Whether it is obeyed instead of seen: C1 controls, direction marks, line separators, and what is no character.
    var isInvisibleCommand: Bool {
        switch value {
        case 0x80..<0xA0, 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFDD0...0xFDEF: true
        default: value & 0xFFFE == 0xFFFE
        }
    }
}

/// Markup that we made ourselves and escaped where it holds words; the only thing templates render as it is.
struct Drawing: MustacheCustomRenderable {
    private let markup: String

    init(_ markup: String) { self.markup = markup }

    var renderText: String { markup }

    var isNull: Bool { markup.isEmpty }
}

import PhasegateCore

/// The text of a file by Unicode scalar, with stand-ins where the YAML parser must not see the original.
///
/// The parser stops at the first doubled key and expands aliases while it
/// composes. Both would keep the loader from reporting everything at once, or
/// from ending at all. So single characters are replaced by private-use
/// characters that do not occur in the file, and put back afterwards; lines
/// and columns stay as they are.
struct SourceText {
    /// Path as the user gave it.
    let file: String
    private(set) var scalars: [Unicode.Scalar]
    private var originals: [Unicode.Scalar: Unicode.Scalar] = [:]
    private var freeStandIns: [Unicode.Scalar]
    private let lineStarts: [Int]

    /// Prepares a text; a byte order mark at its beginning is dropped.
    init(_ text: String, file: String) {
        self.file = file
        var scalars = Array(text.unicodeScalars)
        if scalars.first == "\u{FEFF}" { scalars.removeFirst() }
        var starts = [0]
        var used: Set<Unicode.Scalar> = []
        for index in scalars.indices {
            let scalar = scalars[index]
            if scalar.isLineBreak, !(scalar == "\r" && index + 1 < scalars.count && scalars[index + 1] == "\n") {
                starts.append(index + 1)
            }
            if scalar.isPrivateUse { used.insert(scalar) }
        }
        self.scalars = scalars
        lineStarts = starts
        freeStandIns = (0xE000...0xE0FF).compactMap(Unicode.Scalar.init).filter { !used.contains($0) }
    }

    /// The text with its stand-ins, for the parser.
    var text: String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }

    /// The place of a scalar.
    func place(at index: Int) -> Place {
        var low = 0
        var high = lineStarts.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if lineStarts[middle] <= index { low = middle } else { high = middle }
        }
        return Place(file: file, line: low + 1, column: index - lineStarts[low] + 1)
    }

    /// The index of a place; nothing outside the text.
    func index(line: Int, column: Int) -> Int? {
        guard lineStarts.indices.contains(line - 1), column >= 1 else { return nil }
        let index = lineStarts[line - 1] + column - 1
        return scalars.indices.contains(index) ? index : nil
    }

    /// Puts a stand-in at an index.
    ///
    /// - Parameter index: where; must lie inside the text.
    /// - Returns: the stand-in, or nothing when all of them are in use.
    mutating func standIn(at index: Int) -> Unicode.Scalar? {
        guard let standIn = freeStandIns.popLast() else { return nil }
        originals[standIn] = scalars[index]
        scalars[index] = standIn
        return standIn
    }

    /// Puts one stand-in for every asterisk that may begin an alias.
    ///
    /// - Returns: the stand-in, or nothing when there was no such asterisk.
    mutating func standInForAliasMarks() -> Unicode.Scalar? {
        let places = scalars.indices.filter { index in
            scalars[index] == "*" && index + 1 < scalars.count && scalars[index + 1].isAliasCharacter
        }
        guard let first = places.first, let standIn = standIn(at: first) else { return nil }
        for index in places { scalars[index] = standIn }
        return standIn
    }

    /// A part of the text with the originals back in place.
    func restored(_ text: String) -> String {
        guard !originals.isEmpty, text.unicodeScalars.contains(where: { originals[$0] != nil }) else { return text }
        var view = String.UnicodeScalarView()
        for scalar in text.unicodeScalars { view.append(originals[scalar] ?? scalar) }
        return String(view)
    }
}

extension Unicode.Scalar {
    /// Whether YAML begins a new line after it.
    var isLineBreak: Bool {
        switch value {
        case 0x0A, 0x0D, 0x85, 0x2028, 0x2029: true
        default: false
        }
    }

    /// Whether a YAML file may contain it.
    var isAllowedInYAML: Bool {
        switch value {
        case 0x09, 0x0A, 0x0D, 0x20...0x7E, 0x85, 0xA0...0xD7FF, 0xE000...0xFEFE, 0xFF00...0xFFFD, 0x10000...0x10FFFF:
            true
        default: false
        }
    }

    /// Whether it may stand in the name of a YAML alias.
    var isAliasCharacter: Bool {
        switch value {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F, 0x2D: true
        default: false
        }
    }

    fileprivate var isPrivateUse: Bool { (0xE000...0xF8FF).contains(value) }
}

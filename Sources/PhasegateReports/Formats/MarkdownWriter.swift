/// Markdown of a bounded size: what does not fit any more is counted and said.
struct MarkdownWriter {
    private var text = ""
    private let limit: Int
    private var leftOut = 0

    /// Room for the closing lines, which are written in any case.
    private static let reserve = 8_000

    /// Begins a document.
    ///
    /// - Parameter limit: bytes; GitHub refuses the whole summary of a step above 1 MiB.
    init(limit: Int = 900_000) { self.limit = limit }

    mutating func heading(_ level: Int, _ heading: String) {
        add("\(text.isEmpty ? "" : "\n")\(String(repeating: "#", count: level)) \(heading)\n")
    }

    mutating func paragraph(_ paragraph: String) {
        guard !paragraph.isEmpty else { return }
        add("\n\(paragraph)\n")
    }

    mutating func list(_ items: [String]) {
        for (index, item) in items.enumerated() { add("\(index == 0 ? "\n" : "")- \(item)\n") }
    }

    /// Writes a table.
    ///
    /// - Parameters:
    ///   - columns: heads; one that begins with `>` is set to the right.
    ///   - rows: cells, as many as there are columns.
    mutating func table(_ columns: [String], _ rows: [[String]]) {
        let heads = columns.map { $0.hasPrefix(">") ? String($0.dropFirst()) : $0 }
        let rules = columns.map { $0.hasPrefix(">") ? "---:" : "---" }
        guard add("\n\(Self.row(heads))\(Self.row(rules))", counting: rows.count) else { return }
        for row in rows { add(Self.row(row)) }
    }

    /// The document, ended by lines that are never left out.
    ///
    /// - Parameters:
    ///   - closing: one line each, at most a few thousand bytes together.
    ///   - fullReport: where to look for what was left out.
    /// - Returns: the text, not longer than the limit.
    func finished(closing: [String], fullReport: String) -> String {
        var lines = closing
        if leftOut > 0 {
            lines.insert("**Left out for size: \(counted(leftOut, "line")).** \(fullReport)", at: 0)
        }
        return text + "\n---\n\n" + lines.joined(separator: "\n\n") + "\n"
    }

    /// Once something did not fit, nothing that comes later is written either: a gap has to be at the end.
    @discardableResult
    private mutating func add(_ piece: String, counting lines: Int = 1) -> Bool {
        guard leftOut == 0, text.utf8.count + piece.utf8.count <= limit - Self.reserve else {
            leftOut += lines
            return false
        }
        text += piece
        return true
    }

    private static func row(_ cells: [String]) -> String { "| \(cells.joined(separator: " | ")) |\n" }
}

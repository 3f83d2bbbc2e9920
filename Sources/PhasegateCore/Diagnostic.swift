/// Where something stands in a file: line and column count from 1.
public struct Place: Hashable, Comparable, Codable, Sendable, CustomStringConvertible {
    /// Path as the user gave it.
    public let file: String
    /// Line, from 1.
    public let line: Int
    /// Column in characters, from 1.
    public let column: Int

    /// Puts a place together.
    public init(file: String, line: Int, column: Int) {
        self.file = file
        self.line = line
        self.column = column
    }

    /// As compilers write it: `file:line:column`.
    public var description: String { "\(file):\(line):\(column)" }

    /// By file, then down the page.
    public static func < (left: Place, right: Place) -> Bool {
        (left.file, left.line, left.column) < (right.file, right.line, right.column)
    }
}

/// A problem in what the user wrote, with its place and the way out.
///
/// Diagnostics are collected and reported together; failures of the world are
/// thrown instead.
public struct Diagnostic: Error, Hashable, Codable, Sendable {
    /// Whether the file can be used in spite of it.
    public enum Severity: String, Codable, Sendable {
        case error
        case warning
    }

    /// Whether the file can be used in spite of it.
    public let severity: Severity
    /// The rule in words, as `unknown-key`.
    public let rule: String
    /// What is wrong: lower case, no full stop, user's names in quotes.
    public let message: String
    /// What to do about it.
    public let hint: String?
    /// Where; nothing only for problems without a file.
    public let place: Place?

    /// Puts a diagnostic together.
    public init(
        _ severity: Severity = .error,
        rule: String,
        _ message: String,
        hint: String? = nil,
        at place: Place? = nil
    ) {
        self.severity = severity
        self.rule = rule
        self.message = message
        self.hint = hint
        self.place = place
    }

    /// The same problem with a place, unless it has one already.
    public func placed(at fallback: Place?) -> Diagnostic {
        Diagnostic(severity, rule: rule, message, hint: hint, at: place ?? fallback)
    }
}

extension Diagnostic: CustomStringConvertible {
    /// One line as editors parse it: `file:line:column: severity: sentence (hint) [rule]`.
    public var description: String {
        let prefix = place.map { "\($0): " } ?? ""
        let advice = hint.map { " (\($0))" } ?? ""
        return "\(prefix)\(severity.rawValue): \(message)\(advice) [\(rule)]"
    }
}

/// Several diagnostics thrown as one, in the order of the file.
public struct Diagnostics: Error, Sendable, CustomStringConvertible {
    /// All of them.
    public let all: [Diagnostic]

    /// Sorts by place; those without a place come first.
    public init(_ diagnostics: [Diagnostic]) {
        all = diagnostics.sorted { left, right in
            switch (left.place, right.place) {
            case (let leftPlace?, let rightPlace?):
                leftPlace == rightPlace ? left.rule < right.rule : leftPlace < rightPlace
            case (nil, .some): true
            default: false
            }
        }
    }

    /// One line each.
    public var description: String { all.map(\.description).joined(separator: "\n") }
}

/// The candidate nearest to a misspelt word, if one is near enough to be meant.
///
/// - Parameters:
///   - word: what was written.
///   - candidates: what would have been right.
/// - Returns: the candidate with the smallest edit distance, at most a third of the longer word's length.
public func nearest(to word: String, among candidates: some Sequence<String>) -> String? {
    var best: (candidate: String, distance: Int)?
    for candidate in candidates {
        let distance = editDistance(word, candidate)
        guard distance <= max(1, max(word.count, candidate.count) / 3) else { continue }
        if best.map({ distance < $0.distance }) ?? true { best = (candidate, distance) }
    }
    return best?.candidate
}

/// Levenshtein distance with transpositions of neighbours counted as one edit.
public func editDistance(_ first: String, _ second: String) -> Int {
    let a = Array(first.prefix(64).lowercased())
    let b = Array(second.prefix(64).lowercased())
    var twoBack: [Int] = []
    var previous = Array(0...b.count)
    for i in 0..<a.count {
        var current = [i + 1]
        for j in 0..<b.count {
            var cost = min(previous[j + 1] + 1, current[j] + 1, previous[j] + (a[i] == b[j] ? 0 : 1))
            if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, twoBack[j - 1] + 1) }
            current.append(cost)
        }
        twoBack = previous
        previous = current
    }
    return previous[b.count]
}

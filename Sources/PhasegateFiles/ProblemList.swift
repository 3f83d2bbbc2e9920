import PhasegateCore

/// Collects diagnostics; keeps each to one printable line and their number within reason.
struct ProblemList {
    private(set) var all: [Diagnostic] = []
    private var seen: Set<Diagnostic> = []
    /// Whether no more are taken.
    var isFull: Bool { all.count >= FileLimits.problems }

    /// Takes an error.
    mutating func report(_ rule: String, _ message: String, hint: String? = nil, at place: Place?) {
        add([Diagnostic(rule: rule, message, hint: hint, at: place)])
    }

    /// Takes diagnostics made elsewhere.
    mutating func add(_ diagnostics: [Diagnostic]) {
        for diagnostic in diagnostics where !isFull && seen.insert(diagnostic).inserted {
            all.append(
                Diagnostic(
                    diagnostic.severity,
                    rule: diagnostic.rule,
                    printable(diagnostic.message, limit: 400),
                    hint: diagnostic.hint.map { printable($0, limit: 400) },
                    at: diagnostic.place
                )
            )
            guard isFull else { continue }
            all.append(
                Diagnostic(
                    rule: "too-many-problems",
                    "only the first \(all.count) problems are shown",
                    at: diagnostic.place
                )
            )
        }
    }

    /// Takes nesting beyond the limit.
    mutating func reportDepth(at place: Place) { add([.tooDeep(at: place)]) }

    /// Whether the file cannot be used.
    var hasErrors: Bool { all.contains { $0.severity == .error } }
}

extension Diagnostic {
    /// Nesting beyond the limit.
    static func tooDeep(at place: Place) -> Diagnostic {
        Diagnostic(rule: "too-deep", "lists and maps are nested more than \(FileLimits.depth) deep", at: place)
    }
}

/// A user's text in quotes, short enough and without anything that would disturb a terminal.
func quoted(_ text: String) -> String { "'\(printable(text, limit: 80))'" }

private func printable(_ text: String, limit: Int) -> String {
    var result = ""
    for (count, scalar) in text.unicodeScalars.enumerated() {
        guard count < limit else { return result + "…" }
        let isHarmless = scalar.isAllowedInYAML && !scalar.isLineBreak && scalar != "\t" && !scalar.isDirectionMark
        result += isHarmless ? String(scalar) : "\\u{\(String(scalar.value, radix: 16))}"
    }
    return result
}

extension Unicode.Scalar {
    fileprivate var isDirectionMark: Bool {
        switch value {
        case 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}

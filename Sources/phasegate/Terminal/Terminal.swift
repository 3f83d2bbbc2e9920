import FoundationEssentials
import Glibc
import PhasegateCore

/// Writes to people: colour only on a terminal, never when NO_COLOR is set.
struct Terminal: Sendable {
    /// What a line says, for its colour; the words say it too.
    enum Tone: Sendable {
        case plain
        case good
        case caution
        case bad
        case faint
        case strong
    }

    static let standard = Terminal()

    let isInteractive: Bool
    let hasColour: Bool

    init() {
        let environment = ProcessInfo.processInfo.environment
        isInteractive = isatty(STDOUT_FILENO) == 1 && environment["TERM"] != "dumb"
        hasColour = isInteractive && (environment["NO_COLOR"] ?? "").isEmpty
    }

    func styled(_ text: String, _ tone: Tone) -> String {
        guard hasColour else { return text }
        let code =
            switch tone {
            case .plain: "0"
            case .good: "32"
            case .caution: "33"
            case .bad: "31;1"
            case .faint: "2"
            case .strong: "1"
            }
        return "\u{1B}[\(code)m\(text)\u{1B}[0m"
    }

    func line(_ text: String = "") { write(text + "\n") }

    /// Replaces the current line; nothing where the output is not a terminal.
    func transient(_ text: String) {
        guard isInteractive else { return }
        write("\r\u{1B}[K" + text)
    }

    private func write(_ text: String) {
        writeAll(text, to: STDOUT_FILENO)
    }

    /// Columns of the terminal, 80 where it cannot be told.
    var width: Int {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 20 else { return 80 }
        return Int(size.ws_col)
    }
}

/// Text from outside made harmless for a terminal: no control characters, no escape sequences.
func harmless(_ text: String) -> String {
    String(
        String.UnicodeScalarView(
            text.unicodeScalars.map { $0.value < 32 || (127..<160).contains($0.value) ? " " : $0 }
        )
    )
}

/// Text cut to a width with an ellipsis.
func fitted(_ text: String, _ width: Int) -> String {
    let clean = harmless(text)
    return clean.count <= width ? clean : clean.prefix(max(0, width - 1)) + "…"
}

/// Text in a column of a width.
func column(_ text: String, _ width: Int) -> String {
    let fit = fitted(text, width)
    return fit + String(repeating: " ", count: max(0, width - fit.count))
}

/// Writes to standard error.
func printError(_ text: String) { writeAll(text + "\n", to: STDERR_FILENO) }

/// Writes all of a text; a reader that went away is no reason to stop in the middle of a step.
private func writeAll(_ text: String, to file: Int32) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
        let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
        if count < 0, errno != EINTR { return }
        rest = rest.dropFirst(max(0, count))
    }
}

/// Writes a value as JSON with sorted keys.
func printJSON(_ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    Terminal.standard.line(String(decoding: try encoder.encode(value), as: UTF8.self))
}

extension Finding.Outcome {
    /// A sign beside the word; never the colour alone.
    var sign: String {
        switch self {
        case .pass: "✓"
        case .warn: "!"
        case .fail: "✗"
        case .unknown: "?"
        }
    }

    var tone: Terminal.Tone {
        switch self {
        case .pass: .good
        case .warn: .caution
        case .fail: .bad
        case .unknown: .caution
        }
    }
}

extension GateOutcome {
    var tone: Terminal.Tone {
        switch self {
        case .go: .good
        case .conditionalGo, .hold: .caution
        case .recycle, .kill: .bad
        }
    }
}

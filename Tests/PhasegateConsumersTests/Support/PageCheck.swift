import Foundation
import PhasegateTesting

/// What people meet who open a page from disk with Chromium, network blocked.
struct PageCheck: Decodable {
    /// What axe-core says in one colour scheme or width.
    struct Accessibility: Decodable {
        struct Problem: Decodable, CustomStringConvertible {
            struct Node: Decodable {
                let target: String
                let why: String
            }

            let id: String
            let count: Int
            let nodes: [Node]

            var description: String {
                "\(id) x\(count): " + nodes.map { "\($0.target) (\($0.why))" }.joined(separator: "; ")
            }
        }

        let violations: [Problem]
        /// How many rules found nothing wrong; none means that axe did not run.
        let passes: Int
    }

    /// Addresses asked for beside the page itself.
    let requests: [String]
    /// What the browser complained about, breaches of the page's policy included.
    let console: [String]
    /// Texts that are nowhere on the page even with everything unfolded, by width.
    let unseen: [String: [String]]
    /// By how many pixels the page is wider than the window, by width.
    let widths: [String: Double]
    /// Texts that are not printed.
    let unprinted: [String]
    /// Whether the browser really ran no script in the first half of the check.
    let scriptsWereOff: Bool
    let lostWithoutScripts: [String]
    let lostWithScripts: [String]
    /// All visible texts, everything unfolded.
    let texts: [String]
    let firstPaintMilliseconds: Double
    /// By `light`, `dark` and `narrow`.
    let axe: [String: Accessibility]

    /// Opens a page.
    ///
    /// - Parameters:
    ///   - page: its file.
    ///   - pictures: a folder for pictures of it, light, dark and narrow, and for the printed page.
    /// - Throws: `ChildProgram.Failure` when the browser cannot be driven.
    init(of page: String, pictures: String) async throws {
        let output = try await ChildProgram.python(
            "check_page.py",
            [page, RealTool.chromium.path, RealTool.chromedriver.path, RealTool.axe.path, pictures]
        ).output(within: .seconds(180))
        self = try JSONDecoder().decode(Self.self, from: output)
    }
}

/// What checkers of markup say about a page.
struct MarkupCheck {
    /// Errors of syntax by html5lib and tinycss2, and of conformance by the W3C's Nu checker.
    let errors: [String]
    /// What the Nu checker would have done otherwise.
    let warnings: [String]

    /// CSS that is newer than the checker (2025-08) and known to be right.
    private static let tooNew = ["CSS: Unknown pseudo-element or pseudo-class “::details-content”."]

    private struct Parsed: Decodable {
        let errors: [String]
    }

    private struct Nu: Decodable {
        struct Message: Decodable {
            let type: String
            let message: String
            let lastLine: Int?
        }

        let messages: [Message]
    }

    /// Checks a page.
    init(of page: String) async throws {
        let parsed = try JSONDecoder().decode(
            Parsed.self,
            from: await ChildProgram.python("check_markup.py", [page]).output()
        )
        // It ends with 1 when it has found something, and writes to its standard error either way.
        let run = try await ChildProgram(
            try RealTool.java.path,
            ["-jar", RealTool.nuChecker.path, "--format", "json", "--also-check-svg", page]
        ).run()
        let nu = try JSONDecoder().decode(Nu.self, from: Data(run.errors.utf8)).messages
        func texts(_ messages: [Nu.Message]) -> [String] {
            messages.map { "line \($0.lastLine ?? 0): \($0.message)" }
        }
        errors = parsed.errors + texts(nu.filter { $0.type != "info" && !Self.tooNew.contains($0.message) })
        warnings = texts(nu.filter { $0.type == "info" })
    }
}

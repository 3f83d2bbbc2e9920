import Foundation
import PhasegateHashing
import PhasegateTesting
import Testing

/// A reader of JUnit XML that is not ours.
enum JUnitReader: String, CaseIterable, CustomTestStringConvertible {
    /// PyPI's junitparser, which the EnricoMi action uses.
    case junitparser
    /// PyPI's junit2html; it calls errors failures.
    case junit2html
    /// Rails' `Hash.from_xml`, which GitLab uses.
    case activeSupport
    /// node's xml2js, which the dorny action uses.
    case xml2js

    var testDescription: String { rawValue }

    /// Has it read a file.
    func read(_ file: String, within limit: Duration = .seconds(60)) async throws -> JUnitReading {
        try JSONDecoder().decode(JUnitReading.self, from: await program(file).output(within: limit))
    }

    /// What it makes of what the file says, where it knows fewer words.
    func understands(_ said: JUnitReading) -> JUnitReading {
        switch self {
        case .junitparser, .activeSupport, .xml2js: said
        case .junit2html: said.withoutErrors
        }
    }

    private func program(_ file: String) throws -> ChildProgram {
        switch self {
        case .junitparser: try .python("read_junit.py", [file])
        case .junit2html: try .python("read_junit2html.py", [file])
        case .activeSupport: ChildProgram(try RealTool.ruby.path, [ProjectFiles.reader("read_junit.rb"), file])
        case .xml2js:
            ChildProgram(
                try RealTool.node.path,
                [ProjectFiles.reader("read_junit.js"), file],
                environment: ["NODE_PATH": "/usr/share/nodejs"]
            )
        }
    }
}

/// What a reader understood, or what it should understand.
struct JUnitReading: Hashable, Codable {
    /// Class name, name, outcome and message.
    typealias Case = [String]

    var tests: Int
    var failures: Int
    var errors: Int
    var skipped: Int
    /// SHA-256 of the sorted cases.
    var digest: String
    /// The cases in the order of the file; nothing when they are too many to hand over.
    var cases: [Case]?

    /// Counts cases.
    init(of cases: [Case]) {
        tests = cases.count
        failures = cases.count { $0[2] == "failure" }
        errors = cases.count { $0[2] == "error" }
        skipped = cases.count { $0[2] == "skipped" }
        digest = Self.digest(cases)
        self.cases = cases.count <= 2_000 ? cases : nil
    }

    fileprivate var withoutErrors: JUnitReading {
        guard let cases else {
            // Too many to rewrite: the file must have none.
            return self
        }
        return JUnitReading(
            of: cases.map { testCase in
                [testCase[0], testCase[1], testCase[2] == "error" ? "failure" : testCase[2], testCase[3]].map {
                    $0.replacing("\u{FFFD}", with: "?")
                }
            }
        )
    }

    private static func digest(_ cases: [Case]) -> String {
        let lines = cases.map { Array($0.joined(separator: "\u{1F}").utf8) }
            .sorted { $0.lexicographicallyPrecedes($1) }
        return sha256(of: Array(lines.joined(separator: [UInt8(ascii: "\n")])))
    }
}

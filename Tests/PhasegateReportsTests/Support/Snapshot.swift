import Foundation
import Testing

/// Places in the project, found from this file.
enum ProjectFiles {
    /// The project's root.
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    static func sample(_ name: String) -> URL { root.appending(path: "reports/samples/\(name)") }
}

/// Compares bytes with the golden file under `reports/samples`.
///
/// `RECORD_SNAPSHOTS=1` rewrites it. A missing one is recorded and fails, so
/// that nobody takes an unread file for a tested one.
func expectSnapshot(
    _ bytes: [UInt8],
    matches name: String,
    sourceLocation: SourceLocation = #_sourceLocation
) throws {
    let file = ProjectFiles.sample(name)
    let golden = try? Data(contentsOf: file)
    let isRecording = ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] == "1"
    if golden == nil || isRecording {
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: file, options: .atomic)
    }
    if isRecording { return }
    guard let golden else {
        Issue.record(
            "'\(name)' was missing and has been recorded: read it and run again",
            sourceLocation: sourceLocation
        )
        return
    }
    guard Data(bytes) != golden else { return }
    let actual = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    let expected = String(decoding: golden, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    let line = zip(actual, expected).enumerated().first { $1.0 != $1.1 }?.offset ?? min(actual.count, expected.count)
    func text(_ lines: [Substring]) -> Substring { lines.indices.contains(line) ? lines[line].prefix(300) : "(end)" }
    Issue.record(
        "'\(name)' differs in line \(line + 1)\nexpected: \(text(expected))\nactual:   \(text(actual))",
        sourceLocation: sourceLocation
    )
}

import Foundation
import PhasegateCore
import PhasegateReports
import Testing

@Suite("Report directory")
struct ReportDirectoryTests {
    private let directory = FileManager.default.temporaryDirectory.appending(path: "reports-\(UUID().uuidString)")

    @Test("makes directories, replaces files and leaves no drafts")
    func writes() throws {
        defer { try? FileManager.default.removeItem(at: directory) }
        let target = directory.appending(path: "a/b").path()
        for text in ["first", "second"] {
            let paths = try ReportDirectory.write(
                [ReportFile(name: "report.txt", bytes: Array(text.utf8))],
                into: target
            )
            #expect(paths == ["\(target)/report.txt"])
            #expect(try String(contentsOfFile: paths[0], encoding: .utf8) == text)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: target) == ["report.txt"])
    }

    @Test("what cannot be written is an error that names the path")
    func refused() throws {
        defer { try? FileManager.default.removeItem(at: directory) }
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let file = directory.appending(path: "file").path()
        try Data().write(to: URL(filePath: file))
        #expect {
            try ReportDirectory.write([], into: file + "/reports")
        } throws: { error in
            (error as? ReportWriteError)?.message.contains("'\(file)/reports'") == true
        }
        // A directory stands where the file should go.
        try FileManager.default.createDirectory(
            at: directory.appending(path: "taken"),
            withIntermediateDirectories: true
        )
        #expect(throws: ReportWriteError.self) {
            try ReportDirectory.write([ReportFile(name: "taken", bytes: [1])], into: directory.path())
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path()).sorted() == ["file", "taken"])
    }

    @Test("a name cannot lead out of the directory", arguments: ["", "..", "../report.html", "a/b", ".hidden"])
    func names(_ name: String) {
        defer { try? FileManager.default.removeItem(at: directory) }
        #expect(throws: ReportWriteError.self) {
            try ReportDirectory.write([ReportFile(name: name, bytes: [])], into: directory.path())
        }
    }

    @Test(
        "a link goes up to the common directory and down from there",
        arguments: [
            ("/a/reports/q/report.html", "/a/reports", "q/report.html"),
            ("/a/reports/q/report.html", "/a/reports/", "q/report.html"),
            ("/a/reports/q/report.html", "/a/reports/samples", "../q/report.html"),
            ("/a/reports/q/report.html", "/b", "../a/reports/q/report.html"),
            ("/a/./reports/x/../q/report.html", "/a//b/..", "reports/q/report.html"),
            ("/a/q/report.html", "/a/q", "report.html"), ("/a/report.html", "/", "a/report.html"),
        ]
    )
    func links(_ file: String, _ directory: String, _ path: String) {
        #expect(ReportDirectory.path(to: file, from: directory) == path)
    }
}

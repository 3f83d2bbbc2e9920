import FoundationEssentials
import PhasegateCore
import PhasegateNotices
import PhasegateTesting
import Synchronization
import Testing

@Suite("Console and files")
struct LocalChannelTests {
    @Test func theConsoleGetsTheTextWithoutControlCharacters() async throws {
        let written = Mutex("")
        let console = try channel("console", [:], write: { text in written.withLock { $0 += text } })
        _ = try await console.send(notice(body: "one\u{1B}[2J\ntwo\n\n"), attempt: attempt())
        #expect(written.withLock(\.self) == "one[2J\ntwo\n")
    }

    @Test func aRetryWritesNoSecondFile() async throws {
        let directory = try TemporaryDirectory()
        let file = try channel("file", [:], directory: directory.path(of: "notices"))
        let first = try await file.send(notice(), attempt: attempt())
        let second = try await file.send(notice(), attempt: attempt(2, after: .seconds(60)))
        #expect(first == "20260609T101315000Z-quantumleap.17-risk-alert-r003-performance-regression.txt")
        #expect(second == first)
        let names = try FileManager.default.contentsOfDirectory(atPath: directory.path(of: "notices"))
        #expect(names == [first])
        let content = try #require(FileManager.default.contents(atPath: directory.path(of: "notices/\(first)")))
        #expect(String(decoding: content, as: UTF8.self) == notice().body + "\n")
    }

    /// A timer starts us anywhere.
    @Test func aDirectoryIsSeenFromTheRolloutFile() async throws {
        let place = try TemporaryDirectory()
        let relative = try channel("file", ["directory": "told"], baseDirectory: place.path)
        let name = try await relative.send(notice(), attempt: attempt())
        #expect(try FileManager.default.contentsOfDirectory(atPath: place.path(of: "told")) == [name])
        let absolute = try channel("file", ["directory": .text(place.path(of: "x"))], baseDirectory: "/nowhere")
        _ = try await absolute.send(notice(), attempt: attempt())
        #expect(try FileManager.default.contentsOfDirectory(atPath: place.path(of: "x")) == [name])
    }

    @Test func anIdentifierCannotLeaveTheDirectory() async throws {
        let directory = try TemporaryDirectory()
        let file = try channel("file", [:], directory: directory.path(of: "notices"))
        let name = try await file.send(notice(id: "../../etc/x\n", title: "../../passwd"), attempt: attempt())
        #expect(name == "20260609T101315000Z-..%2f..%2fetc%2fx%0a-passwd.txt")
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["notices"])
    }

    @Test func noticesSentAtTheSameTimeAllArriveOnce() async throws {
        let directory = try TemporaryDirectory()
        let file = try channel("file", ["directory": .text(directory.path)])
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<40 {
                group.addTask {
                    let id = NoticeID(rawValue: "q.\(number % 20)")
                    #expect(await failing(file, notice(id: id, body: "\(number % 20)")) == nil)
                }
            }
        }
        let bodies = try FileManager.default.contentsOfDirectory(atPath: directory.path).map {
            String(decoding: try #require(FileManager.default.contents(atPath: directory.path(of: $0))), as: UTF8.self)
        }
        #expect(bodies.sorted() == (0..<20).map { "\($0)\n" }.sorted())
    }

    @Test func aDirectoryThatCannotBeMadeIsTriedAgain() async throws {
        let file = try channel("file", [:], directory: "/dev/null/notices")
        #expect(await failing(file)?.remedy == .retry(after: nil))
    }
}

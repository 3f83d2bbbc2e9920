import FoundationEssentials
import PhasegateCore
import PhasegateStatistics
import PhasegateTesting
import Synchronization
import Testing

@testable import PhasegateObservations

@Suite("A file of lines is followed through all that happens to files")
struct JSONLinesSourceTests {
    private let directory: TemporaryDirectory
    private let path: String

    init() throws {
        directory = try TemporaryDirectory()
        path = directory.path(of: "requests.jsonl")
    }

    private func line(_ user: String) -> String { #"{"arm":"candidate","user":"\#(user)"}"# + "\n" }

    private func append(_ text: String) throws { try OpenLog(path).append(text) }

    private func users(_ names: String...) -> [Observation.User?] { names.map { Observation.User($0) } }

    @Test func onlyWhatIsWrittenFromNowOnCounts() async throws {
        try append(line("before"))
        let tail = FileTail(path: path)
        #expect(await tail.next().batches.isEmpty)
        try append(line("a") + line("b"))
        #expect(await tail.next().batches.requests.map(\.user) == users("a", "b"))
        #expect(await tail.next().batches.isEmpty)
    }

    @Test func aLineThatHadBegunBeforeIsLeftOut() async throws {
        try append(line("before") + #"{"arm":"candidate","#)
        let tail = FileTail(path: path)
        _ = await tail.next()
        try append(#""user":"old"}"# + "\n" + line("new"))
        let batches = await tail.next().batches
        #expect(batches.requests.map(\.user) == users("new"))
        #expect(batches.rejected == nil)
    }

    @Test func aFileThatAppearsLaterIsReadFromItsBeginning() async throws {
        let tail = FileTail(path: path)
        #expect(await tail.next().batches.gaps.map { $0.contains("is not there") } == [true])
        #expect(await tail.next().batches.isEmpty)
        try append(line("first"))
        let batches = await tail.next().batches
        #expect(batches.first == .requests([]))
        #expect(batches.requests.map(\.user) == users("first"))
    }

    @Test func aLineWaitsForItsRest() async throws {
        try append("")
        let tail = FileTail(path: path)
        _ = await tail.next()
        try append(#"{"arm":"candidate","us"#)
        #expect(await tail.next().batches.isEmpty)
        try append(#"er":"a"}"#)
        #expect(await tail.next().batches.isEmpty)
        try append("\n")
        #expect(await tail.next().batches.requests.map(\.user) == users("a"))
    }

    @Test func rotationLosesNothing() async throws {
        let clock = Mutex(Duration.zero)
        try append("")
        let tail = FileTail(path: path) { clock.withLock { $0 } }
        _ = await tail.next()
        try append(line("a"))
        let old = try OpenLog(path)
        try FileManager.default.moveItem(atPath: path, toPath: path + ".1")
        // The application writes on into the file it has open, also when there is a new one already.
        try old.append(line("b"))
        #expect(await tail.next().batches.requests.map(\.user) == users("a", "b"))
        try append(line("c"))
        try old.append(line("d"))
        #expect(Set(await tail.next().batches.requests.map(\.user)) == Set(users("c", "d")))
        try old.append(line("e"))
        clock.withLock { $0 += .seconds(1) }
        #expect(await tail.next().batches.requests.map(\.user) == users("e"))
        clock.withLock { $0 += .seconds(3) }
        #expect(await tail.next().batches.isEmpty)
        try old.append(line("too late"))
        try append(line("f"))
        #expect(await tail.next().batches.requests.map(\.user) == users("f"))
    }

    @Test func aFileThatIsCutOffIsReadAnew() async throws {
        try append(line("before"))
        let tail = FileTail(path: path)
        _ = await tail.next()
        try append(line("a") + #"{"arm":"#)
        _ = await tail.next()
        try OpenLog(path).cut()
        _ = await tail.next()
        try append(line("b"))
        let batches = await tail.next().batches
        #expect(batches.requests.map(\.user) == users("b"))
        #expect(batches.rejected == nil)
    }

    @Test func aFileThatIsDeletedIsAGapUntilItIsBack() async throws {
        let clock = Mutex(Duration.zero)
        try append("")
        let tail = FileTail(path: path) { clock.withLock { $0 } }
        _ = await tail.next()
        try FileManager.default.removeItem(atPath: path)
        #expect(await tail.next().batches.isEmpty)
        clock.withLock { $0 += .seconds(2) }
        #expect(await tail.next().batches.gaps.count == 1)
        #expect(await tail.next().batches.isEmpty)
        try append(line("a"))
        let batches = await tail.next().batches
        #expect(batches.first == .requests([]))
        #expect(batches.requests.map(\.user) == users("a"))
    }

    @Test func aDirectoryIsNoFile() async throws {
        let tail = FileTail(path: directory.path)
        #expect(await tail.next().batches.gaps.first?.hasSuffix("is not a file") == true)
    }

    @Test func aFloodComesInBoundedBatches() async throws {
        try append("")
        let tail = FileTail(path: path)
        _ = await tail.next()
        try append(String(repeating: "{\"arm\":\"control\"}\n", count: 50_000))
        var total = 0
        var isAll = false
        while !isAll {
            let news = await tail.next()
            isAll = news.isAll
            for batch in news.batches {
                if case .requests(let requests) = batch {
                    #expect(requests.count <= 10_000)
                    total += requests.count
                }
            }
        }
        #expect(total == 50_000)
    }

    @Test func theSourceHandsOverWhatIsWritten() async throws {
        var bench = try SourceBench()
        bench.targets = []
        let source = try bench.source("json-lines", ["path": .text("requests.jsonl")])
        try await observing(source) { kept in
            #expect(await eventually { kept.gaps.count == 1 })
            let file = bench.directory.path(of: "requests.jsonl")
            try OpenLog(file).append(line("a") + "?\n")
            #expect(await eventually { kept.requests.map(\.user) == users("a") })
            #expect(await eventually { kept.batches.rejected?.count == 1 })
        }
    }
}

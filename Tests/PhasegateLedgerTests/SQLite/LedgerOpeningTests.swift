import FoundationEssentials
import PhasegateCore
import PhasegateLedger
import Testing

@Suite("ledger: opening")
struct LedgerOpeningTests {
    private func opening(_ bench: SQLiteBench, creating: Bool) async -> LedgerError.Code? {
        await code { _ = try bench.opened(creating: creating) }
    }

    @Test func aMissingFileIsMadeOnlyWhenAskedFor() async throws {
        let bench = try SQLiteBench()
        #expect(await opening(bench, creating: false) == .unreachable)
        #expect(!FileManager.default.fileExists(atPath: bench.path))
        let deep = try SQLiteLedger(path: bench.directory + "/a/b/ledger.sqlite")
        #expect(try await deep.rollouts() == [])
        _ = try bench.opened()
        #expect(await opening(bench, creating: false) == nil)
    }

    @Test(arguments: [true, false])
    func whatIsNoLedgerIsRefused(creating: Bool) async throws {
        let bench = try SQLiteBench()
        try Data(String(repeating: "not a database\n", count: 100).utf8).write(to: URL(filePath: bench.path))
        #expect(await opening(bench, creating: creating) == .unreachable)
        try FileManager.default.removeItem(atPath: bench.path)
        try FileManager.default.createDirectory(atPath: bench.path, withIntermediateDirectories: true)
        #expect(await opening(bench, creating: creating) == .unreachable)
    }

    /// `--ledger production.db` must not turn the production database into a ledger.
    @Test(
        arguments: ["CREATE TABLE trades (v); INSERT INTO trades VALUES (1)", "PRAGMA application_id = 4711"],
        [true, false]
    )
    func anotherProgramsDatabaseStaysAsItIs(script: String, creating: Bool) async throws {
        let bench = try SQLiteBench()
        try bench.raw(script)
        let before = try Data(contentsOf: URL(filePath: bench.path))
        let error = #expect(throws: LedgerError.self) { try bench.opened(creating: creating) }
        #expect(error?.message.contains("not a phasegate ledger") == true)
        #expect(try Data(contentsOf: URL(filePath: bench.path)) == before)
    }

    @Test func aDamagedLedgerIsAnErrorAndNotAnEmptyOne() async throws {
        let bench = try SQLiteBench()
        _ = try await bench.filled(100)
        try bench.raw("PRAGMA wal_checkpoint(TRUNCATE)")
        var data = try Data(contentsOf: URL(filePath: bench.path))
        for offset in 4096..<data.count { data[offset] = UInt8(truncatingIfNeeded: offset &* 13) }
        try data.write(to: URL(filePath: bench.path))
        let ledger = try bench.opened(creating: false)
        #expect(await code { _ = try await ledger.state(of: "demo") } == .unreachable)
        #expect(await code { _ = try await ledger.entries(of: "demo") } == .unreachable)
        #expect(await code { _ = try await ledger.verify("demo") } == .unreachable)
    }

    @Test func whatWasAppendedSurvivesAnAbruptEnd() async throws {
        let bench = try SQLiteBench()
        let ledger = try await bench.filled(7)
        // The files as they lie at this instant are what a killed process leaves.
        let copy = bench.directory + "/copy.sqlite"
        for suffix in ["", "-wal"] {
            try FileManager.default.copyItem(atPath: bench.path + suffix, toPath: copy + suffix)
        }
        let survivor = try SQLiteLedger(path: copy, creating: false)
        #expect(try await survivor.verify("demo").entries == 7)
        #expect(try await survivor.state(of: "demo") == (try await ledger.state(of: "demo")))
    }

    /// The lease is a file: a name must not lead out of the ledger's directory.
    @Test(arguments: ["../escape", "a/../../escape", "/tmp/escape", "x/y", String(repeating: "n", count: 5000)])
    func leasesStayBesideTheLedger(name: String) async throws {
        let bench = try SQLiteBench()
        let ledger = try bench.opened()
        let before = Set(try FileManager.default.contentsOfDirectory(atPath: bench.directory))
        let thrown = await code {
            try await ledger.takeLease(on: RolloutName(rawValue: name), holder: "ada", at: Sample.start)
        }
        #expect(thrown == .unreachable)
        #expect(Set(try FileManager.default.contentsOfDirectory(atPath: bench.directory)) == before)
    }

    /// Values of types we never write must be reported and not end the program.
    @Test(arguments: ["event = x'ff00'", "at = x'ff'", "hash = 5.5", "actor = x'fe'"])
    func readsWhateverSomebodyPutThere(change: String) async throws {
        let bench = try SQLiteBench()
        _ = try await bench.filled(10)
        try bench.tamper("UPDATE entries SET \(change) WHERE sequence = 6")
        let reader = try bench.opened(creating: false)
        let verified = await code { _ = try await reader.verify("demo") }
        #expect(verified == .brokenChain || verified == .unreadableEntry)
        try bench.tamper("UPDATE entries SET sequence = 'six' WHERE sequence = 6")
        #expect(await code { _ = try await reader.verify("demo") } != nil)
    }
}

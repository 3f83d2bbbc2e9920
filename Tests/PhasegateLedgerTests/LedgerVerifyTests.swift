import PhasegateCore
import PhasegateLedger
import Testing

/// Law 9: `phasegate ledger verify` finds any edit.
@Suite("ledger: verifying")
struct LedgerVerifyTests {
    struct Edit: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let sql: String
    }

    private static let move = "UPDATE entries SET sequence = "

    private static let edits = [
        Edit(
            testDescription: "changed event",
            sql: "UPDATE entries SET event = replace(event, '5', '6') WHERE sequence = 6"
        ),
        Edit(
            testDescription: "changed time",
            sql: "UPDATE entries SET at = '2026-01-01T00:00:00.000Z' WHERE sequence = 6"
        ),
        Edit(testDescription: "changed actor", sql: "UPDATE entries SET actor = 'somebody' WHERE sequence = 6"),
        Edit(testDescription: "changed hash", sql: "UPDATE entries SET hash = upper(hash) WHERE sequence = 6"),
        Edit(testDescription: "changed last entry", sql: "UPDATE entries SET actor = 'somebody' WHERE sequence = 10"),
        Edit(testDescription: "changed first entry", sql: "UPDATE entries SET actor = 'somebody' WHERE sequence = 1"),
        Edit(testDescription: "deleted middle", sql: "DELETE FROM entries WHERE sequence = 6"),
        Edit(testDescription: "deleted first", sql: "DELETE FROM entries WHERE sequence = 1"),
        Edit(testDescription: "deleted last", sql: "DELETE FROM entries WHERE sequence = 10"),
        Edit(testDescription: "deleted tail", sql: "DELETE FROM entries WHERE sequence > 4"),
        Edit(testDescription: "deleted all", sql: "DELETE FROM entries"),
        Edit(
            testDescription: "deleted and moved up",
            sql: "DELETE FROM entries WHERE sequence = 6; \(move) -sequence + 1 WHERE sequence > 6; "
                + "\(move) -sequence WHERE sequence < 0"
        ),
        Edit(
            testDescription: "reordered",
            sql: "\(move) 99 WHERE sequence = 6; \(move) 6 WHERE sequence = 7; \(move) 7 WHERE sequence = 99"
        ),
        Edit(
            testDescription: "inserted at the end",
            sql: "INSERT INTO entries SELECT rollout, 11, at, actor, event, hash FROM entries WHERE sequence = 10"
        ),
        Edit(
            testDescription: "inserted before the first",
            sql: "INSERT INTO entries SELECT rollout, 0, at, actor, event, hash FROM entries WHERE sequence = 1"
        ),
        Edit(testDescription: "from another rollout", sql: "UPDATE entries SET rollout = 'other' WHERE sequence > 3"),
        Edit(
            testDescription: "moved between fields",
            sql: "UPDATE entries SET actor = actor || char(10), at = at WHERE sequence = 6"
        ),
    ]

    @Test(arguments: edits)
    func findsEveryEdit(edit: Edit) async throws {
        let bench = try LedgerBench()
        let ledger = try await bench.filled(10)
        #expect(try await ledger.verify("demo").entries == 10)
        try bench.tamper(edit.sql)
        #expect(await code { _ = try await bench.open(creating: false).verify("demo") } == .brokenChain)
        // Nor is the ledger that wrote it fooled by what it remembers.
        #expect(await code { _ = try await ledger.verify("demo") } == .brokenChain)
    }

    /// Values of types we never write must be reported and not end the program.
    @Test(arguments: ["event = x'ff00'", "at = x'ff'", "hash = 5.5", "actor = x'fe'"])
    func readsWhateverSomebodyPutThere(change: String) async throws {
        let bench = try LedgerBench()
        _ = try await bench.filled(10)
        try bench.tamper("UPDATE entries SET \(change) WHERE sequence = 6")
        let reader = try bench.open(creating: false)
        let verified = await code { _ = try await reader.verify("demo") }
        #expect(verified == .brokenChain || verified == .unreadableEntry)
        try bench.tamper("UPDATE entries SET sequence = 'six' WHERE sequence = 6")
        #expect(await code { _ = try await reader.verify("demo") } != nil)
    }

    @Test func namesTheFirstEntryThatDoesNotFit() async throws {
        let bench = try LedgerBench()
        let ledger = try await bench.filled(10)
        try bench.tamper("UPDATE entries SET actor = 'x' WHERE sequence IN (4, 7)")
        let error = await #expect(throws: LedgerError.self) { try await ledger.verify("demo") }
        #expect(error?.message.contains("entry 4 of 'demo' was changed") == true)
    }

    /// Otherwise one append would cover the traces of what was cut off.
    @Test func aShortenedLedgerTakesNoMoreEntries() async throws {
        let bench = try LedgerBench()
        let writer = try await bench.filled(10)
        try bench.tamper("DELETE FROM entries WHERE sequence > 8")
        for ledger in [writer, try bench.open()] {
            let thrown = await code {
                try await ledger.append([LedgerBench.event(1)], to: "demo", by: "x", at: LedgerBench.start)
            }
            #expect(thrown == .brokenChain)
        }
        #expect(try bench.raw("SELECT max(sequence) FROM entries") == [["8"]])
    }

    @Test func aSnapshotHasToBelongToTheChain() async throws {
        let bench = try LedgerBench()
        let ledger = try await bench.filled(70)
        #expect(try await ledger.verify("demo").entries == 70)
        try bench.raw("UPDATE snapshots SET hash = 'other'")
        #expect(await code { _ = try await ledger.verify("demo") } == .brokenChain)
    }

    @Test func theFileItselfRefusesChanges() async throws {
        let bench = try LedgerBench()
        let ledger = try await bench.filled(3)
        for sql in [
            "UPDATE entries SET actor = 'x'", "DELETE FROM entries", "DELETE FROM entries WHERE sequence = 3",
            "UPDATE entries SET sequence = 9 WHERE sequence = 3",
        ] {
            let error = #expect(throws: LedgerBench.RawError.self, "\(sql)") { try bench.raw(sql) }
            #expect(error?.message.contains("append-only") == true)
        }
        #expect(try await ledger.verify("demo").entries == 3)
    }

    @Test func otherRolloutsAreNotAffected() async throws {
        let bench = try LedgerBench()
        let ledger = try await bench.filled(5)
        try await bench.append(0..<5, to: "sound", with: ledger)
        try bench.tamper("UPDATE entries SET actor = 'x' WHERE rollout = 'demo' AND sequence = 2")
        #expect(try await ledger.verify("sound").entries == 5)
    }
}

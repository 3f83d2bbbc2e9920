import PhasegateCore
import Testing

/// Law 9: `phasegate ledger verify` finds any edit.
@Suite("ledgers: verifying")
struct LedgerContractVerifyTests {
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
            sql: "UPDATE entries SET actor = actor || '\n', at = at WHERE sequence = 6"
        ),
    ]

    @Test(arguments: LedgerKind.all, edits)
    func findsEveryEdit(kind: LedgerKind, edit: Edit) async throws {
        let bench = try await kind.bench()
        let ledger = try await bench.filled(10)
        #expect(try await ledger.verify("demo").entries == 10)
        try await bench.tamper(edit.sql)
        #expect(await code { _ = try await bench.open(creating: false).verify("demo") } == .brokenChain)
        // Nor is the ledger that wrote it fooled by what it remembers.
        #expect(await code { _ = try await ledger.verify("demo") } == .brokenChain)
    }

    @Test(arguments: LedgerKind.all) func namesTheFirstEntryThatDoesNotFit(kind: LedgerKind) async throws {
        let bench = try await kind.bench()
        let ledger = try await bench.filled(10)
        try await bench.tamper("UPDATE entries SET actor = 'x' WHERE sequence IN (4, 7)")
        let error = await #expect(throws: LedgerError.self) { try await ledger.verify("demo") }
        #expect(error?.message.contains("entry 4 of 'demo' was changed") == true)
    }

    /// Otherwise one append would cover the traces of what was cut off.
    @Test(arguments: LedgerKind.all) func aShortenedLedgerTakesNoMoreEntries(kind: LedgerKind) async throws {
        let bench = try await kind.bench()
        let writer = try await bench.filled(10)
        try await bench.tamper("DELETE FROM entries WHERE sequence > 8")
        for ledger in [writer, try await bench.open()] {
            let thrown = await code {
                try await ledger.append([Sample.event(1)], to: "demo", by: "x", at: Sample.start)
            }
            #expect(thrown == .brokenChain)
        }
        #expect(try await bench.raw("SELECT max(sequence) FROM entries") == [["8"]])
    }

    @Test(arguments: LedgerKind.all) func aSnapshotHasToBelongToTheChain(kind: LedgerKind) async throws {
        let bench = try await kind.bench()
        let ledger = try await bench.filled(70)
        #expect(try await ledger.verify("demo").entries == 70)
        try await bench.raw("UPDATE snapshots SET hash = 'other'")
        #expect(await code { _ = try await ledger.verify("demo") } == .brokenChain)
    }

    @Test(arguments: LedgerKind.all) func theStoreItselfRefusesChanges(kind: LedgerKind) async throws {
        let bench = try await kind.bench()
        let ledger = try await bench.filled(3)
        for sql in [
            "UPDATE entries SET actor = 'x'", "DELETE FROM entries", "DELETE FROM entries WHERE sequence = 3",
            "UPDATE entries SET sequence = 9 WHERE sequence = 3",
        ] {
            let error = await #expect(throws: RawError.self, "\(sql)") { try await bench.raw(sql) }
            #expect(error?.message.contains("append-only") == true)
        }
        #expect(try await ledger.verify("demo").entries == 3)
    }

    @Test(arguments: LedgerKind.all) func otherRolloutsAreNotAffected(kind: LedgerKind) async throws {
        let bench = try await kind.bench()
        let ledger = try await bench.filled(5)
        try await bench.append(0..<5, to: "sound", with: ledger)
        try await bench.tamper("UPDATE entries SET actor = 'x' WHERE rollout = 'demo' AND sequence = 2")
        #expect(try await ledger.verify("sound").entries == 5)
    }
}

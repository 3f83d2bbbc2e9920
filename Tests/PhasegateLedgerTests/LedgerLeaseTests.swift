import FoundationEssentials
import PhasegateCore
import PhasegateLedger
import PhasegateTesting
import Testing

@Suite("ledger: leases")
struct LedgerLeaseTests {
    private static let moment = LedgerBench.start

    @Test func aSecondHolderIsTurnedAwayWithTheFirstsName() async throws {
        let bench = try LedgerBench()
        let first = try bench.open()
        let second = try bench.open()
        try await first.takeLease(on: "demo", holder: "ada@host:17", at: Self.moment)
        let error = await #expect(throws: LedgerError.self) {
            try await second.takeLease(on: "demo", holder: "bob", at: Self.moment)
        }
        #expect(error?.code == .leaseHeld)
        #expect(error?.message.contains("ada@host:17 since \(Self.moment)") == true)
        // The first asks again and keeps it; another rollout is free.
        try await first.takeLease(on: "demo", holder: "ada@host:17", at: Self.moment)
        try await second.takeLease(on: "other", holder: "bob", at: Self.moment)
    }

    @Test func releasedItIsFree() async throws {
        let bench = try LedgerBench()
        let first = try bench.open()
        let second = try bench.open()
        try await first.takeLease(on: "demo", holder: "ada", at: Self.moment)
        try await bench.append(0..<3, with: first)
        await first.releaseLease()
        await first.releaseLease()
        try await second.takeLease(on: "demo", holder: "bob", at: Self.moment)
        try await bench.append(3..<4, with: second)
        #expect(try await second.verify("demo").entries == 4)
        #expect(await code { try await first.takeLease(on: "demo", holder: "ada", at: Self.moment) } == .leaseHeld)
    }

    @Test func itGoesWithTheLedgerThatHoldsIt() async throws {
        let bench = try LedgerBench()
        do {
            let first = try bench.open()
            try await first.takeLease(on: "demo", holder: "ada", at: Self.moment)
        }
        try await bench.open().takeLease(on: "demo", holder: "bob", at: Self.moment)
    }

    @Test func itGoesWithTheProcessThatHoldsIt() async throws {
        let bench = try LedgerBench()
        let ledger = try bench.open()
        let holder = try LockHolder(of: bench.path + ".lease-demo")
        #expect(await code { try await ledger.takeLease(on: "demo", holder: "bob", at: Self.moment) } == .leaseHeld)
        holder.die()
        try await ledger.takeLease(on: "demo", holder: "bob", at: Self.moment)
    }

    /// The lock file can be lost, as by a clean-up of temporary files; the token in the ledger cannot.
    @Test func anOldHolderIsFencedOff() async throws {
        let bench = try LedgerBench()
        let old = try bench.open()
        let new = try bench.open()
        try await old.takeLease(on: "demo", holder: "ada", at: Self.moment)
        try await bench.append(0..<2, with: old)
        try FileManager.default.removeItem(atPath: bench.path + ".lease-demo")
        try await new.takeLease(on: "demo", holder: "bob", at: Self.moment)
        #expect(await code { try await bench.append(2..<3, with: old) } == .fencedOff)
        try await bench.append(2..<3, with: new)
        #expect(await code { try await bench.append(3..<4, with: old) } == .fencedOff)
        #expect(try await new.verify("demo").entries == 3)
        // Other rollouts were never its own to lose.
        try await bench.append(0..<1, to: "other", with: old)
    }

    @Test func peopleMayWriteWhileAControllerHoldsIt() async throws {
        let bench = try LedgerBench()
        let controller = try bench.open()
        let person = try bench.open()
        try await controller.takeLease(on: "demo", holder: "ada", at: Self.moment)
        try await person.append(
            [.requested(Request(kind: .hold, by: "bob", because: "lunch"))],
            to: "demo",
            by: "bob",
            at: Self.moment
        )
        try await bench.append(0..<1, with: controller)
        #expect(try await controller.state(of: "demo").request?.by == "bob")
    }

    /// A lock that stays behind a failed attempt would keep everybody out until the process ends.
    @Test func aFailedAttemptKeepsNobodyOut() async throws {
        let bench = try LedgerBench()
        let ledger = try bench.open()
        try bench.raw("ALTER TABLE leases RENAME TO hidden")
        #expect(await code { try await ledger.takeLease(on: "demo", holder: "ada", at: Self.moment) } == .unreachable)
        try bench.raw("ALTER TABLE hidden RENAME TO leases")
        try await bench.open().takeLease(on: "demo", holder: "bob", at: Self.moment)
    }

    @Test func releasingLeavesNothingToFold() async throws {
        let bench = try LedgerBench()
        let ledger = try bench.open()
        try await ledger.takeLease(on: "demo", holder: "ada", at: Self.moment)
        try await bench.append(0..<5, with: ledger)
        await ledger.releaseLease()
        #expect(try bench.raw("SELECT sequence FROM snapshots") == [["5"]])
    }

    @Test func aReaderHearsOfChanges() async throws {
        let bench = try LedgerBench()
        let writer = try await bench.filled(1)
        let reader = try bench.open(creating: false)
        let mark = try await reader.changeMark()
        #expect(try await reader.changeMark() == mark)
        try await bench.append(1..<2, with: writer)
        #expect(try await reader.changeMark() != mark)
        #expect(try await reader.state(of: "demo").sequence == 2)
    }
}

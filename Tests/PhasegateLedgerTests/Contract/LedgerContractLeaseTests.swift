import PhasegateCore
import PhasegateTesting
import Testing

@Suite("ledgers: leases")
struct LedgerContractLeaseTests {
    private static let moment = Sample.start

    @Test(arguments: LedgerKind.all) func aSecondHolderIsTurnedAwayWithTheFirstsName(kind: LedgerKind) async throws {
        let bench = try await kind.bench()
        let first = try await bench.open()
        let second = try await bench.open()
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

    @Test(arguments: LedgerKind.all) func releasedItIsFree(kind: LedgerKind) async throws {
        let bench = try await kind.bench()
        let first = try await bench.open()
        let second = try await bench.open()
        try await first.takeLease(on: "demo", holder: "ada", at: Self.moment)
        try await bench.append(0..<3, with: first)
        await first.releaseLease()
        await first.releaseLease()
        try await second.takeLease(on: "demo", holder: "bob", at: Self.moment)
        try await bench.append(3..<4, with: second)
        #expect(try await second.verify("demo").entries == 4)
        #expect(await code { try await first.takeLease(on: "demo", holder: "ada", at: Self.moment) } == .leaseHeld)
    }

    @Test(arguments: LedgerKind.all) func itGoesWithTheLedgerThatHoldsIt(kind: LedgerKind) async throws {
        let bench = try await kind.bench()
        do {
            let first = try await bench.open()
            try await first.takeLease(on: "demo", holder: "ada", at: Self.moment)
        }
        let second = try await bench.open()
        // A server has to hear of it first.
        let took = await eventually {
            await code { try await second.takeLease(on: "demo", holder: "bob", at: Self.moment) } == nil
        }
        #expect(took)
    }

    /// The sign that it lives can be lost; the token in the ledger cannot.
    @Test(arguments: LedgerKind.all) func anOldHolderIsFencedOff(kind: LedgerKind) async throws {
        let bench = try await kind.bench()
        let old = try await bench.open()
        let new = try await bench.open()
        try await old.takeLease(on: "demo", holder: "ada", at: Self.moment)
        try await bench.append(0..<2, with: old)
        try await bench.hideHolder(of: "demo")
        try await new.takeLease(on: "demo", holder: "bob", at: Self.moment)
        #expect(await code { try await bench.append(2..<3, with: old) } == .fencedOff)
        try await bench.append(2..<3, with: new)
        #expect(await code { try await bench.append(3..<4, with: old) } == .fencedOff)
        #expect(try await new.verify("demo").entries == 3)
        // Other rollouts were never its own to lose.
        try await bench.append(0..<1, to: "other", with: old)
    }

    @Test(arguments: LedgerKind.all) func peopleMayWriteWhileAControllerHoldsIt(kind: LedgerKind) async throws {
        let bench = try await kind.bench()
        let controller = try await bench.open()
        let person = try await bench.open()
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
    @Test(arguments: LedgerKind.all) func aFailedAttemptKeepsNobodyOut(kind: LedgerKind) async throws {
        let bench = try await kind.bench()
        let ledger = try await bench.open()
        try await bench.raw("ALTER TABLE leases RENAME TO hidden")
        #expect(await code { try await ledger.takeLease(on: "demo", holder: "ada", at: Self.moment) } == .unreachable)
        try await bench.raw("ALTER TABLE hidden RENAME TO leases")
        try await bench.open().takeLease(on: "demo", holder: "bob", at: Self.moment)
    }

    @Test(arguments: LedgerKind.all) func releasingLeavesNothingToFold(kind: LedgerKind) async throws {
        let bench = try await kind.bench()
        let ledger = try await bench.open()
        try await ledger.takeLease(on: "demo", holder: "ada", at: Self.moment)
        try await bench.append(0..<5, with: ledger)
        await ledger.releaseLease()
        #expect(try await bench.raw("SELECT sequence FROM snapshots") == [["5"]])
    }

    @Test(arguments: LedgerKind.all) func aReaderHearsOfChanges(kind: LedgerKind) async throws {
        let bench = try await kind.bench()
        let writer = try await bench.filled(1)
        let reader = try await bench.open(creating: false)
        let mark = try await reader.changeMark()
        #expect(try await reader.changeMark() == mark)
        try await bench.append(1..<2, with: writer)
        #expect(try await reader.changeMark() != mark)
        #expect(try await reader.state(of: "demo").sequence == 2)
    }

    @Test(.timeLimit(.minutes(1)), arguments: LedgerKind.all)
    func ofManyWhoAskAtOnceOneGetsIt(kind: LedgerKind) async throws {
        let bench = try await kind.bench()
        _ = try await bench.open()
        for _ in 0..<5 {
            let ledgers = try await withThrowingTaskGroup(of: (any SharedLedger)?.self) { group in
                for number in 0..<8 {
                    group.addTask {
                        let ledger = try await bench.open()
                        let refusal = await code {
                            try await ledger.takeLease(on: "demo", holder: "\(number)", at: Self.moment)
                        }
                        #expect(refusal == nil || refusal == .leaseHeld)
                        return refusal == nil ? ledger : nil
                    }
                }
                var holders: [any SharedLedger] = []
                for try await holder in group { if let holder { holders.append(holder) } }
                return holders
            }
            #expect(ledgers.count == 1)
            for ledger in ledgers { await ledger.releaseLease() }
        }
    }

    /// What is done in the world right after is not done by somebody who was followed.
    @Test(arguments: LedgerKind.all) func aLostLeaseIsNotConfirmed(kind: LedgerKind) async throws {
        let bench = try await kind.bench()
        let old = try await bench.open()
        let new = try await bench.open()
        try await old.confirmLease(on: "demo")
        try await old.takeLease(on: "demo", holder: "ada", at: Self.moment)
        try await old.confirmLease(on: "demo")
        try await bench.hideHolder(of: "demo")
        try await new.takeLease(on: "demo", holder: "bob", at: Self.moment)
        #expect(await code { try await old.confirmLease(on: "demo") } == .fencedOff)
        try await new.confirmLease(on: "demo")
    }
}

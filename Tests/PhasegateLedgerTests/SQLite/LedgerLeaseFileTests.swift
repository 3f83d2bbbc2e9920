import PhasegateCore
import PhasegateLedger
import PhasegateTesting
import Testing

@Suite("ledger in SQLite: the lease's file")
struct LedgerLeaseFileTests {
    @Test func itGoesWithTheProcessThatHoldsIt() async throws {
        let bench = try SQLiteBench()
        let ledger = try bench.opened()
        let holder = try LockHolder(of: bench.path + ".lease-demo")
        #expect(await code { try await ledger.takeLease(on: "demo", holder: "bob", at: Sample.start) } == .leaseHeld)
        holder.die()
        try await ledger.takeLease(on: "demo", holder: "bob", at: Sample.start)
    }
}

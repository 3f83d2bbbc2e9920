import Glibc
import PhasegateCore
import PhasegateLedger
import PhasegatePostgreSQLLedger
import PhasegateTesting
import Synchronization
import Testing

/// What servers and networks do to a ledger: an append is there once or not at all, and says which.
@Suite(
    "ledger on PostgreSQL: faults",
    .serialized,
    .enabled(if: PostgreSQLServer.isWanted, "PostgreSQL is not installed")
)
struct PostgreSQLLedgerFaultTests {
    /// Where in an append it happens.
    enum Place: String, Sendable, CaseIterable {
        case before
        case committing
    }

    /// Does something at a place of the fourth append, once.
    private static func once(_ place: Place, _ act: @escaping @Sendable () -> Void) -> @Sendable (LedgerPoint) -> Void {
        let isDone = Atomic(false)
        return { point in
            let isHere =
                switch point {
                case .before(4): place == .before
                case .committing(4): place == .committing
                default: false
                }
            if isHere, !isDone.exchange(true, ordering: .relaxed) { act() }
        }
    }

    /// The server's process is killed; the server then ends all sessions and recovers from its log.
    @Test(.timeLimit(.minutes(2)), arguments: Place.allCases)
    func aServerThatCrashesInAnAppend(place: Place) async throws {
        let bench = try await PostgreSQLBench(PostgreSQLServer())
        let victims = Mutex<[pid_t]>([])
        let ledger = try await bench.open(
            bench.url(),
            onPoint: Self.once(place) { for victim in victims.withLock({ $0 }) { kill(victim, SIGKILL) } }
        )
        try await bench.append(0..<3, with: ledger)
        let backends = try await bench.backends()
        #expect(backends.count == 1)
        victims.withLock { $0 = backends }
        try await bench.append(3..<6, with: ledger)
        #expect(try await ledger.verify("demo").entries == 6)
        #expect(try await ledger.entries(of: "demo").map(\.event) == (0..<6).map(Sample.event))
    }

    /// The network falls silent for a connection, before COMMIT can get through or before its answer can.
    @Test(
        .timeLimit(.minutes(2)),
        arguments: [(Place.before, StallingProxy.Direction.both), (.committing, .both), (.committing, .answers)]
    )
    func aConnectionThatStallsInAnAppend(place: Place, direction: StallingProxy.Direction) async throws {
        let bench = try await PostgreSQLBench()
        let proxy = try StallingProxy(to: bench.server.port)
        let ledger = try await bench.open(
            bench.url(port: proxy.port, "lease=2s"),
            onPoint: Self.once(place) { proxy.stallPresent(direction) }
        )
        try await bench.append(0..<3, with: ledger)
        let begin = ContinuousClock.now
        try await bench.append(3..<4, with: ledger)
        print("an append over a connection that stalls (\(place), \(direction)): \(ContinuousClock.now - begin)")
        #expect(ContinuousClock.now - begin < .seconds(20))
        try await bench.append(4..<6, with: ledger)
        #expect(try await ledger.entries(of: "demo").map(\.event) == (0..<6).map(Sample.event))
        #expect(try await ledger.verify("demo").entries == 6)
    }

    /// Nobody can be asked any more: then it is not claimed to be known.
    @Test(
        .timeLimit(.minutes(2)),
        arguments: [(Place.before, LedgerError.Code.unreachable), (.committing, .inDoubt)]
    )
    func aNetworkThatIsGoneForGood(place: Place, expected: LedgerError.Code) async throws {
        let bench = try await PostgreSQLBench()
        let proxy = try StallingProxy(to: bench.server.port)
        let ledger = try await bench.open(
            bench.url(port: proxy.port, "lease=2s&connect_timeout=1s"),
            onPoint: Self.once(place) { proxy.stall() }
        )
        try await bench.append(0..<3, with: ledger)
        let begin = ContinuousClock.now
        #expect(await code { try await bench.append(3..<4, with: ledger) } == expected)
        #expect(ContinuousClock.now - begin < .seconds(30))
        // What the silent connection had open holds nobody up for long.
        let other = try await bench.open()
        try await bench.append(3..<4, with: other)
        #expect(try await other.verify("demo").entries == 4)
    }

    /// Somebody looks at the tables in a transaction and goes to lunch.
    @Test(.timeLimit(.minutes(2))) func aLockIsNotWaitedForForEver() async throws {
        let bench = try await PostgreSQLBench()
        let ledger = try await bench.open(bench.url("lease=2s"))
        try await ledger.takeLease(on: "demo", holder: "ada", at: Sample.start)
        try await bench.append(0..<1, with: ledger)
        let idler = try ChildProgram(
            "\(PostgreSQLServer.programs ?? "")/psql",
            [
                "-X", "-h", bench.server.directory, "-p", "\(bench.server.port)", "-U", "phasegate", "-d",
                bench.database,
                "-c", "BEGIN", "-c", "SELECT sequence FROM phasegate.heads FOR UPDATE", "-c", "\\echo locked", "-c",
                "SELECT pg_sleep(60)",
            ]
        ).start()
        _ = try await idler.line { $0.contains("locked") }
        let error = await #expect(throws: LedgerError.self) { try await bench.append(1..<2, with: ledger) }
        #expect(error?.code == .unreachable)
        #expect(error?.message.contains("kept locked by another transaction") == true, "\(error?.message ?? "")")
        // Its server process would sleep on without it.
        try await bench.raw(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'SELECT pg_sleep%'"
        )
        idler.send(SIGKILL)
        let isFree = await eventually { await code { try await bench.append(1..<2, with: ledger) } == nil }
        #expect(isFree)
        #expect(try await ledger.verify("demo").entries == 2)
        // Nor was the lease lost over it.
        #expect(try await bench.raw("SELECT token FROM leases") == [["1"]])
        #expect(try await bench.advisoryLocks() == 1)
    }

    // MARK: Leases

    /// Who is busy elsewhere, or waits, goes on being heard of.
    @Test(.timeLimit(.minutes(2))) func aQuietHolderKeepsTheLease() async throws {
        let bench = try await PostgreSQLBench()
        let holder = try await bench.open(bench.url("lease=3s"))
        let other = try await bench.open(bench.url("lease=3s"))
        try await holder.takeLease(on: "demo", holder: "ada", at: Sample.start)
        try await bench.append(0..<1, with: holder)
        let first = try await bench.raw("SELECT extract(epoch FROM expires) FROM leases").first?.first ?? nil
        let end = Double(first ?? "") ?? 0
        let isPast = try await eventually {
            #expect(await code { try await other.takeLease(on: "demo", holder: "bob", at: Sample.start) } == .leaseHeld)
            return try await bench.raw("SELECT clock_timestamp() > to_timestamp(\(end)) + interval '1 s'") == [["t"]]
        }
        #expect(isPast)
        try await bench.append(1..<2, with: holder)
    }

    /// Its machine is gone without a word: nobody closes the connection.
    @Test(.timeLimit(.minutes(2))) func aHolderThatVanishedIsFollowedAfterTheLeaseTime() async throws {
        let bench = try await PostgreSQLBench()
        let proxy = try StallingProxy(to: bench.server.port)
        let vanished = try await bench.open(bench.url(port: proxy.port, "lease=2s&connect_timeout=1s"))
        let other = try await bench.open(bench.url("lease=2s"))
        try await vanished.takeLease(on: "demo", holder: "ada", at: Sample.start)
        try await bench.append(0..<2, with: vanished)
        #expect(await code { try await other.takeLease(on: "demo", holder: "bob", at: Sample.start) } == .leaseHeld)
        proxy.stall()
        let begin = ContinuousClock.now
        let took = await eventually {
            await code { try await other.takeLease(on: "demo", holder: "bob", at: Sample.start) } == nil
        }
        print("take-over from a holder that vanished, with a lease of 2 s: \(ContinuousClock.now - begin)")
        #expect(took)
        #expect(ContinuousClock.now - begin < .seconds(10))
        try await bench.append(2..<3, with: other)
        #expect(await code { try await bench.append(3..<4, with: vanished) } != nil)
        #expect(try await other.verify("demo").entries == 3)
    }

    /// The network comes back: the same session goes on, and finds that it was followed.
    @Test(.timeLimit(.minutes(2))) func aHolderThatComesBackIsFencedOff() async throws {
        let bench = try await PostgreSQLBench()
        let proxy = try StallingProxy(to: bench.server.port)
        let old = try await bench.open(bench.url(port: proxy.port, "lease=2s&connect_timeout=1s"))
        let new = try await bench.open(bench.url("lease=2s"))
        try await old.takeLease(on: "demo", holder: "ada", at: Sample.start)
        try await bench.append(0..<2, with: old)
        try await bench.hideHolder(of: "demo")
        try await new.takeLease(on: "demo", holder: "bob", at: Sample.start)
        proxy.stallPresent(.both)
        let error = await #expect(throws: LedgerError.self) { try await bench.append(2..<3, with: old) }
        #expect(error?.code == .fencedOff)
        #expect(error?.message.contains("bob") == true)
        #expect(await code { try await old.confirmLease(on: "demo") } == .fencedOff)
        try await new.confirmLease(on: "demo")
        #expect(try await new.verify("demo").entries == 2)
    }

    /// All sessions are gone with a crash of the server; the holder is not.
    @Test(.timeLimit(.minutes(2))) func aHolderOutlivesTheServersCrash() async throws {
        let bench = try await PostgreSQLBench(PostgreSQLServer())
        let ledger = try await bench.open(bench.url("lease=5s"))
        try await ledger.takeLease(on: "demo", holder: "ada", at: Sample.start)
        try await bench.append(0..<1, with: ledger)
        #expect(try await bench.advisoryLocks() == 1)
        for victim in try await bench.backends().prefix(1) { kill(victim, SIGKILL) }
        try await bench.append(1..<2, with: ledger)
        let isLocked = await eventually { (try? await bench.advisoryLocks()) == 1 }
        #expect(isLocked)
        #expect(try await bench.raw("SELECT token FROM leases") == [["1"]])
        #expect(try await ledger.verify("demo").entries == 2)
    }
}

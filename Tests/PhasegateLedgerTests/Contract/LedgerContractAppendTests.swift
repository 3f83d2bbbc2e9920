import PhasegateCore
import Testing

@Suite("ledgers: appending and folding")
struct LedgerContractAppendTests {
    private func fold(_ ledger: any Ledger, _ rollout: RolloutName = "demo") async throws -> RolloutState {
        try await ledger.entries(of: rollout).reduce(into: RolloutState()) { $0.apply($1) }
    }

    @Test(arguments: LedgerKind.all) func whatIsAppendedIsReadBack(kind: LedgerKind) async throws {
        let bench = try await kind.bench()
        let ledger = try await bench.open()
        let events: [LedgerEvent] = [
            .opened(Opening(planDigest: "abc", title: "T\u{1F600}\n\"'", file: "r.yaml", timeScale: 2.5, version: "1")),
            .entered(phase: "one", stage: "entry"), Sample.event(3),
            .acted(intent: "one/step/3", StepOutcome(observed: "3", evidence: ["k": "v"])),
            .decided(Decision(.hold, because: "why", wakeAt: Sample.start)),
            .attested(
                Attestation(
                    statement: "s",
                    by: "ada",
                    because: "b",
                    evidence: nil,
                    expires: Sample.start,
                    planDigest: "abc",
                    at: Sample.start
                )
            ),
            .baselinesFrozen(
                phase: "one",
                ["rows": Measurement(Quantity(.max, .rows)), "p95": Measurement(Quantity(word: "w"))]
            ),
            .settled(.frozen, reason: "r"),
        ]
        let state = try await ledger.append(events, to: "demo", by: "ada's host", at: Sample.start)
        let entries = try await ledger.entries(of: "demo")
        #expect(entries.map(\.event) == events)
        #expect(entries.map(\.sequence) == Array(1...events.count))
        #expect(entries.allSatisfy { $0.actor == "ada's host" && $0.at == Sample.start })
        #expect(Set(entries.map(\.hash)).count == events.count)
        #expect(state == (try await fold(ledger)))
        #expect(state.head == entries.last?.hash)
        #expect(try await ledger.entries(of: "demo", after: 6).map(\.sequence) == [7, 8])
        #expect(try await ledger.verify("demo").entries == events.count)
    }

    @Test(arguments: LedgerKind.all) func rolloutsAreKeptApart(kind: LedgerKind) async throws {
        let bench = try await kind.bench()
        let ledger = try await bench.filled(3, rollout: "b")
        try await bench.append(5..<7, to: "a", with: ledger)
        #expect(try await ledger.rollouts() == ["a", "b"])
        #expect(try await ledger.state(of: "a").sequence == 2)
        #expect(try await ledger.state(of: "b").sequence == 3)
        #expect(try await ledger.state(of: "c") == RolloutState())
        #expect(try await ledger.verify("c").entries == 0)
        #expect(try await ledger.append([], to: "c", by: "x", at: Sample.start) == RolloutState())
    }

    @Test(arguments: LedgerKind.all, [1, 63, 64, 65, 128, 150])
    func theStateIsTheFoldOfAllEntries(kind: LedgerKind, count: Int) async throws {
        let bench = try await kind.bench()
        let writer = try await bench.filled(count)
        let all = try await fold(writer)
        #expect(all.sequence == count)
        #expect(all.intents == count)
        #expect(try await writer.state(of: "demo") == all)
        // A reader that knows nothing yet begins at the snapshot.
        #expect(try await bench.open(creating: false).state(of: "demo") == all)
    }

    /// `status` must not become slower with every round of a rollout that runs for weeks.
    @Test(arguments: LedgerKind.all) func aReaderDecodesAtMostTheEntriesAfterTheSnapshot(kind: LedgerKind) async throws
    {
        let bench = try await kind.bench()
        let ledger = try await bench.open()
        for count in 1...140 {
            try await bench.append(count..<(count + 1), with: ledger)
            let snapshot = try await bench.raw("SELECT sequence FROM snapshots").first?.first ?? nil
            #expect(count - (snapshot.flatMap { Int($0) } ?? 0) <= 64)
        }
        // Entries before the snapshot are not even looked at; those after it are.
        try await bench.tamper("UPDATE entries SET event = 'no event' WHERE sequence <= 100")
        #expect(try await bench.open(creating: false).state(of: "demo").sequence == 140)
        try await bench.tamper("UPDATE entries SET event = 'no event' WHERE sequence = 139")
        #expect(await code { _ = try await bench.open(creating: false).state(of: "demo") } == .unreadableEntry)
    }

    @Test(arguments: LedgerKind.all) func aSnapshotThatCannotBeReadIsFoldedAnew(kind: LedgerKind) async throws {
        let bench = try await kind.bench()
        let all = try await bench.filled(70).state(of: "demo")
        try await bench.raw("UPDATE snapshots SET state = '{}'")
        #expect(try await bench.open(creating: false).state(of: "demo") == all)
    }

    @Test(.timeLimit(.minutes(1)), arguments: LedgerKind.all)
    func twoWritersKeepOneChain(kind: LedgerKind) async throws {
        let bench = try await kind.bench()
        let ledgers = [try await bench.open(), try await bench.open()]
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, ledger) in ledgers.enumerated() {
                group.addTask {
                    for number in 0..<40 {
                        try await ledger.append(
                            [Sample.event(number), Sample.event(number + 1000)],
                            to: "demo",
                            by: "writer \(index)",
                            at: Sample.start
                        )
                    }
                }
            }
            try await group.waitForAll()
        }
        let reader = try await bench.open(creating: false)
        #expect(try await reader.verify("demo").entries == 160)
        let entries = try await reader.entries(of: "demo")
        #expect(Set(entries.map(\.actor)).count == 2)
        // The events of one append stay together.
        for pair in stride(from: 0, to: entries.count, by: 2) {
            #expect(entries[pair].actor == entries[pair + 1].actor)
        }
        #expect(try await ledgers[0].state(of: "demo") == (try await fold(reader)))
        #expect(try await ledgers[1].state(of: "demo") == (try await fold(reader)))
    }

    @Test(arguments: LedgerKind.all) func aFailedAppendWritesNothing(kind: LedgerKind) async throws {
        let bench = try await kind.bench()
        let ledger = try await bench.filled(2)
        try await bench.refuse(entry: 5)
        let events = (0..<3).map(Sample.event)
        let thrown = await code { try await ledger.append(events, to: "demo", by: "x", at: Sample.start) }
        #expect(thrown == .unreachable)
        #expect(try await ledger.state(of: "demo").sequence == 2)
        #expect(try await ledger.verify("demo").entries == 2)
        try await bench.refuseNone()
        #expect(try await ledger.append(events, to: "demo", by: "x", at: Sample.start).sequence == 5)
    }

    @Test(
        arguments: LedgerKind.all,
        [
            "o'brien\"; DROP TABLE entries; --", "ü 日本 🏦", "", " ", "%_\\", "null\n\r\ttab", "Demo", "demo ",
        ]
    )
    func namesAreOnlyNames(kind: LedgerKind, name: String) async throws {
        let bench = try await kind.bench()
        let rollout = RolloutName(rawValue: name)
        let ledger = try await bench.filled(2, rollout: rollout)
        try await ledger.append([Sample.event(1)], to: "demo", by: name, at: Sample.start)
        try await ledger.takeLease(on: rollout, holder: name, at: Sample.start)
        try await bench.append(2..<3, to: rollout, with: ledger)
        #expect(try await ledger.verify(rollout).entries == 3)
        #expect(Set(try await ledger.rollouts()) == [rollout, "demo"])
        #expect(try await ledger.entries(of: "demo").map(\.actor) == [name])
        await ledger.releaseLease()
    }
}
